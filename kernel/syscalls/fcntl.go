// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Commands of fcntl(2) that golang.org/x/sys/unix has no name for.
const (
	fSetSig       = 10
	fGetSig       = 11
	fSetOwnEx     = 15
	fGetOwnEx     = 16
	fGetOwnerUIDs = 17
	fDupFDQuery   = 1027
	fCreatedQuery = 1028

	ownerTID  = 0 // F_OWNER_TID
	ownerPID  = 1
	ownerPgrp = 2
)

//ditto:syscall fcntl full
func fcntl(t *task.Task, fd vfs.FD, cmd uint32, arg uint64) (int, error) {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return 0, err
	}
	defer f.DecRef()
	switch cmd {
	case unix.F_DUPFD, unix.F_DUPFD_CLOEXEC:
		return dupFrom(t, f, arg, cmd == unix.F_DUPFD_CLOEXEC)
	case fDupFDQuery:
		g, err := t.Files().GetPath(vfs.FD(arg))
		if err != nil {
			return 0, err
		}
		defer g.DecRef()
		return bit(f == g), nil
	case fCreatedQuery:
		return bit(f.Created), nil
	case unix.F_GETFD:
		on, err := t.Files().CloseOnExec(fd)
		return bit(on), err // FD_CLOEXEC is 1
	case unix.F_SETFD:
		return 0, t.Files().SetCloseOnExec(fd, arg&unix.FD_CLOEXEC != 0)
	case unix.F_GETFL:
		return int(f.Flags()), nil
	}
	if f.IsPath() {
		return 0, unix.EBADF
	}
	switch cmd {
	case unix.F_SETFL:
		return 0, setStatusFlags(t, f, fd, uint32(arg))
	case unix.F_GETLK, unix.F_OFD_GETLK:
		return 0, getLock(t, f, cmd, user.Addr(arg))
	case unix.F_SETLK, unix.F_SETLKW, unix.F_OFD_SETLK, unix.F_OFD_SETLKW:
		return 0, setLock(t, f, fd, cmd, user.Addr(arg))
	case unix.F_SETOWN, unix.F_GETOWN, fSetOwnEx, fGetOwnEx, fSetSig, fGetSig, fGetOwnerUIDs:
		return fcntlOwner(t, f, cmd, arg)
	case unix.F_NOTIFY:
		return 0, fcntlNotify(t, f, fd, uint32(arg))
	case unix.F_SETLEASE:
		return 0, setLease(t, f, fd, int(int32(arg)))
	}
	return fcntlSpecial(t, f, cmd, arg)
}

func bit(on bool) int {
	if on {
		return 1
	}
	return 0
}

func dupFrom(t *task.Task, f *vfs.File, from uint64, cloexec bool) (int, error) {
	if uint64(uint32(from)) >= t.RLimit(unix.RLIMIT_NOFILE) || int32(from) < 0 {
		return 0, unix.EINVAL
	}
	return install(t, f.IncRef(), vfs.FD(from), cloexec)
}

// setStatusFlags is F_SETFL: what it can't change it leaves alone.
func setStatusFlags(t *task.Task, f *vfs.File, fd vfs.FD, flags uint32) error {
	const mask = unix.O_APPEND | unix.O_NONBLOCK | unix.O_ASYNC | unix.O_DIRECT | unix.O_NOATIME
	if (flags^f.Flags())&unix.O_APPEND != 0 && vfs.IsAppendOnly(f.Inode) {
		return unix.EPERM
	}
	if flags&unix.O_NOATIME != 0 && f.Flags()&unix.O_NOATIME == 0 {
		a, err := f.Inode.Attr(t)
		if err != nil {
			return err
		}
		if !a.OwnerOrCapable(t.Creds()) {
			return unix.EPERM
		}
	}
	if flags&unix.O_DIRECT != 0 && f.Inode.Mode()&unix.S_IFMT != unix.S_IFIFO && !f.MayDirect() {
		return unix.EINVAL
	}
	if !canAsync(t, f) {
		flags &^= unix.O_ASYNC
	}
	f.SetFlags(mask, flags)
	setAsync(t, f, fd, flags&unix.O_ASYNC != 0)
	return nil
}

// setAsync starts or ends the signals of a file.
func setAsync(t *task.Task, f *vfs.File, fd vfs.FD, on bool) {
	if on {
		startAsync(t, f, fd)
	} else {
		stopAsync(f)
	}
}

// canAsync tells whether a file can announce itself by SIGIO (it has a fasync
// operation): pipes, sockets, terminals and inotifies do, and of the memory devices
// /dev/random and /dev/urandom.
func canAsync(t *task.Task, f *vfs.File) bool {
	if _, ok := f.Ops.(*anon.Inotify); ok {
		return true
	}
	switch f.Inode.Mode() & unix.S_IFMT {
	case unix.S_IFIFO, unix.S_IFSOCK:
		return true
	case unix.S_IFCHR:
		a, err := f.Inode.Attr(t)
		minor := unix.Minor(a.Rdev)
		return err == nil && (unix.Major(a.Rdev) != 1 || minor == 8 || minor == 9)
	}
	return false
}

// pipeSizer is a pipe: F_GETPIPE_SZ, F_SETPIPE_SZ.
type pipeSizer interface {
	PipeSize() int
	SetPipeSize(ctx vfs.Ctx, size uint64) (int, error)
}

// sealer is a file in memory that can be sealed: F_GET_SEALS, F_ADD_SEALS.
type sealer interface {
	Seals() (uint32, error)
	AddSeals(f *vfs.File, seals uint32) error
}

func fcntlSpecial(t *task.Task, f *vfs.File, cmd uint32, arg uint64) (int, error) {
	switch cmd {
	case unix.F_GETPIPE_SZ, unix.F_SETPIPE_SZ:
		p, ok := f.Ops.(pipeSizer)
		if !ok {
			return 0, unix.EBADF
		}
		if cmd == unix.F_GETPIPE_SZ {
			return p.PipeSize(), nil
		}
		return p.SetPipeSize(t, uint64(uint32(arg)))
	case unix.F_GET_SEALS:
		if s, ok := f.Ops.(sealer); ok {
			seals, err := s.Seals()
			return int(seals), err
		}
	case unix.F_ADD_SEALS:
		if !f.Writable() {
			return 0, unix.EPERM
		}
		if s, ok := f.Ops.(sealer); ok {
			err := s.AddSeals(f, uint32(arg))
			if err == unix.EBUSY {
				// A process that ended may still have its mappings on the host.
				t.Kernel().Platform.Settle()
				err = s.AddSeals(f, uint32(arg))
			}
			return 0, err
		}
	case unix.F_GETLEASE:
		return f.Lease(), nil
	case unix.F_GET_RW_HINT, unix.F_SET_RW_HINT:
		return 0, fcntlHint(t, f, cmd, user.Addr(arg))
	}
	return 0, unix.EINVAL
}

// setLease is F_SETLEASE: who holds the lease is told by the file's signal.
func setLease(t *task.Task, f *vfs.File, fd vfs.FD, kind int) error {
	k := t.Kernel()
	err := f.SetLease(t, kind, func() { sendSigio(k, f.Owner(), fd, pollMsg, pollMsgBand) })
	if err == nil && kind != unix.F_UNLCK {
		ownerOf(t, f)
	}
	return err
}

// rwHintMax is the last of RWH_WRITE_LIFE_*.
const rwHintMax = 5

// fcntlHint is F_GET_RW_HINT and F_SET_RW_HINT: kept, and told to no device.
func fcntlHint(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	if cmd == unix.F_GET_RW_HINT {
		return put64(t, addr, uint64(f.Path.Dentry.WriteHint()))
	}
	a, err := f.Inode.Attr(t)
	if err != nil {
		return err
	}
	if !a.OwnerOrCapable(t.Creds()) {
		return unix.EPERM
	}
	hint, err := get64(t, addr)
	switch {
	case err != nil:
		return err
	case hint > rwHintMax:
		return unix.EINVAL
	}
	f.Path.Dentry.SetWriteHint(uint32(hint))
	return nil
}

// fcntlOwner is who gets the signals of a file (F_SETOWN and its kin).
func fcntlOwner(t *task.Task, f *vfs.File, cmd uint32, arg uint64) (int, error) {
	o := f.Owner()
	switch cmd {
	case fGetSig:
		return int(o.Signo), nil
	case fSetSig:
		if arg > 64 {
			return 0, unix.EINVAL
		}
		o.Signo = int32(arg)
	case unix.F_GETOWN:
		if o.Type == ownerPgrp {
			return -int(t.ShowPid(o.ID)), nil
		}
		return int(t.ShowPid(o.ID)), nil
	case unix.F_SETOWN:
		id := int32(arg)
		o.Type, o.ID = ownerPID, id
		if id < 0 {
			if id == math.MinInt32 {
				return 0, unix.EINVAL
			}
			o.Type, o.ID = ownerPgrp, -id
		}
		o.ID = t.ToPid(o.ID)
		if !ownerExists(t, o) {
			return 0, unix.ESRCH
		}
	case fGetOwnerUIDs:
		return 0, put(t, user.Addr(arg), [2]uint32{showUID(t, cred.UID(o.UID)), showUID(t, cred.UID(o.EUID))})
	case fGetOwnEx:
		return 0, put(t, user.Addr(arg), [2]int32{o.Type, t.ShowPid(o.ID)})
	case fSetOwnEx:
		var ex [2]int32
		if err := get(t, user.Addr(arg), &ex); err != nil {
			return 0, err
		}
		if ex[0] < ownerTID || ex[0] > ownerPgrp {
			return 0, unix.EINVAL
		}
		if o.Type, o.ID = ex[0], t.ToPid(ex[1]); !ownerExists(t, o) {
			return 0, unix.ESRCH
		}
	}
	if cmd != fSetSig {
		o.UID, o.EUID, o.Domain = uint32(t.Creds().RUID), uint32(t.Creds().EUID), t.Creds().Domain
		if owner := t.Kernel().Lookup(o.ID); o.Type != ownerPgrp && owner != nil && owner.Group() == t.Group() {
			o.Domain = nil
		}
		k := t.Kernel()
		o.Urgent = func() {
			info := task.KernelInfo(abi.SIGURG)
			_ = sendOwner(k, f.Owner(), &info)
		}
	}
	f.SetOwner(o)
	return 0, nil
}

// ownerExists tells whether a number belongs to something: a thread, a process, a group or a session, whatever the owner's
// type says (f_setown and f_setown_ex find a struct pid).
func ownerExists(t *task.Task, o vfs.Owner) bool { return o.ID == 0 || t.Kernel().PidExists(o.ID) }
