// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	pidfdThread = unix.O_EXCL // PIDFD_THREAD

	pidfdSignalThread  = 1
	pidfdSignalProcess = 2
	pidfdSignalPgrp    = 4
)

//ditto:syscall pidfd_open full
func pidfdOpen(t *task.Task, pid int32, flags uint32) (vfs.FD, error) {
	if flags&^(unix.PIDFD_NONBLOCK|pidfdThread) != 0 || pid <= 0 {
		return 0, unix.EINVAL
	}
	target := t.Lookup(pid)
	if target == nil {
		return 0, unix.ESRCH
	}
	var thread *task.Task
	if flags&pidfdThread != 0 {
		thread = target
	} else if !target.IsLeader() {
		return 0, unix.ENOENT
	}
	fd, err := install(t, target.Group().NewPidFD(thread, flags&unix.PIDFD_NONBLOCK), 0, true)
	return vfs.FD(fd), err
}

//ditto:syscall pidfd_send_signal full
func pidfdSendSignal(t *task.Task, fd vfs.FD, signo int32, uinfo user.Addr, flags uint32) error {
	if flags&^(pidfdSignalThread|pidfdSignalProcess|pidfdSignalPgrp) != 0 || flags&(flags-1) != 0 {
		return unix.EINVAL
	}
	f, err := t.Files().Get(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	g, thread := task.PidFDTarget(f)
	if g == nil {
		g = proc.ProcessOf(f)
	}
	if g == nil {
		return unix.EBADF
	}
	if !t.Sees(g) {
		return unix.EINVAL
	}
	code := int32(abi.SI_USER)
	if flags == pidfdSignalThread || flags == 0 && thread != nil {
		code = abi.SI_TKILL
	}
	info := t.UserInfo(int(signo), code)
	if uinfo != 0 {
		if info, err = getPidFDInfo(t, uinfo, signo, g == t.Group()); err != nil {
			return err
		}
	}
	switch {
	case flags == pidfdSignalPgrp:
		return t.Kill(-g.PgrpID(), int(signo), &info)
	case code == abi.SI_TKILL && thread != nil:
		return t.KillThread(g.ID(), thread.Pid(), int(signo), &info)
	case flags == pidfdSignalThread:
		return t.KillThread(g.ID(), g.ID(), int(signo), &info)
	}
	return t.KillGroup(g, int(signo), &info)
}

func getPidFDInfo(t *task.Task, addr user.Addr, signo int32, self bool) (abi.SigInfo, error) {
	var own [4]byte
	if _, err := t.Memory().CopyIn(addr, own[:]); err != nil {
		return abi.SigInfo{}, err
	}
	info, err := getSigInfo(t, addr, int32(binary.LittleEndian.Uint32(own[:])))
	if err != nil {
		return info, err
	}
	if info.Signo != signo {
		return info, unix.EINVAL
	}
	return info, mayQueue(t, &info, self)
}

//ditto:syscall pidfd_getfd full
func pidfdGetfd(t *task.Task, pidfd, target vfs.FD, flags uint32) (vfs.FD, error) {
	if flags != 0 {
		return 0, unix.EINVAL
	}
	f, err := t.Files().Get(pidfd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	g, _ := task.PidFDTarget(f)
	if g == nil {
		return 0, unix.EBADF
	}
	leader := g.Leader()
	_, files, _ := leader.Resources()
	if files == nil {
		return 0, unix.ESRCH
	}
	if err := t.MayAccess(leader); err != nil {
		return 0, err
	}
	got, err := files.GetPath(target)
	if err != nil {
		return 0, err
	}
	fd, err := t.Files().Install(got, 0, true, t.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		got.DecRef()
	}
	return fd, err
}
