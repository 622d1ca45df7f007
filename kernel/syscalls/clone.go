// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const csignal = 0xff // the exit signal's bits of clone's flags

//ditto:syscall fork full
func fork(t *task.Task) (int32, error) { return cloneTask(t, &task.CloneArgs{ExitSignal: abi.SIGCHLD}) }

//ditto:syscall vfork full
func vfork(t *task.Task) (int32, error) {
	return cloneTask(t, &task.CloneArgs{Flags: unix.CLONE_VFORK | unix.CLONE_VM, ExitSignal: abi.SIGCHLD})
}

//ditto:syscall clone full
func clone(t *task.Task, flags, stack uint64, parentTID, childTID user.Addr, tls uint64) (int32, error) {
	flags = uint64(uint32(flags))
	if flags&unix.CLONE_PIDFD != 0 && flags&(unix.CLONE_PARENT_SETTID|unix.CLONE_DETACHED) != 0 {
		return 0, unix.EINVAL
	}
	return cloneTask(t, &task.CloneArgs{
		Flags: flags &^ csignal, ExitSignal: int(flags & csignal), Stack: stack, TLS: tls,
		ParentTID: parentTID, ChildTID: childTID, PidFD: parentTID,
	})
}

// cloneArgs is struct clone_args.
type cloneArgs struct {
	Flags, PidFD, ChildTID, ParentTID, ExitSignal, Stack, StackSize, TLS uint64
	SetTID, SetTIDSize, Cgroup                                           uint64
}

const (
	cloneArgsV0     = 64
	cloneArgsV1     = 80
	cloneArgsV2     = 88
	maxPidNSLevel   = 32
	cloneLegacy     = 0xffffffff
	cloneDetached   = 0x00400000
	cloneIntoCgroup = 0x200000000
)

//ditto:syscall clone3 full
func clone3(t *task.Task, uargs user.Addr, size uint64) (int32, error) {
	if size > abi.PageSize {
		return 0, unix.E2BIG
	}
	if size < cloneArgsV0 {
		return 0, unix.EINVAL
	}
	var a cloneArgs
	if err := getStruct(t, uargs, size, &a); err != nil {
		return 0, err
	}
	tids, err := checkCloneArgs(t, &a, size)
	if err != nil {
		return 0, err
	}
	c := task.CloneArgs{
		Flags: a.Flags, ExitSignal: int(a.ExitSignal), TLS: a.TLS, SetTID: tids,
		ParentTID: user.Addr(a.ParentTID), ChildTID: user.Addr(a.ChildTID), PidFD: user.Addr(a.PidFD),
	}
	if a.Stack != 0 {
		c.Stack = a.Stack + a.StackSize
	}
	if a.Flags&cloneIntoCgroup != 0 {
		if c.Into, err = cgroupOf(t, vfs.FD(a.Cgroup), a.Flags&unix.CLONE_THREAD != 0); err != nil {
			return 0, err
		}
	}
	return cloneTask(t, &c)
}

// cgroupOf is the control group that a descriptor is of (cgroup_css_set_fork). Threads stay in that of their process.
func cgroupOf(t *task.Task, fd vfs.FD, thread bool) (*task.Cgroup, error) {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return nil, err
	}
	defer f.DecRef()
	c, err := cgroupfs.Into(t, f)
	if err == nil && thread && c != t.Group().Cgroup() {
		err = unix.EOPNOTSUPP
	}
	return c, err
}

// checkCloneArgs is copy_clone_args_from_user and clone3_args_valid.
func checkCloneArgs(t *task.Task, a *cloneArgs, size uint64) (tids []int32, err error) {
	switch {
	case a.SetTIDSize > maxPidNSLevel,
		a.SetTID == 0 && a.SetTIDSize > 0, a.SetTID != 0 && a.SetTIDSize == 0,
		a.ExitSignal&^csignal != 0 || a.ExitSignal > task.NSig,
		a.Flags&cloneIntoCgroup != 0 && (a.Cgroup > math.MaxInt32 || size < cloneArgsV2):
		return nil, unix.EINVAL
	case a.Flags&^(cloneLegacy|unix.CLONE_CLEAR_SIGHAND|cloneIntoCgroup) != 0,
		a.Flags&(cloneDetached|csignal&^unix.CLONE_NEWTIME) != 0,
		a.Flags&(unix.CLONE_SIGHAND|unix.CLONE_CLEAR_SIGHAND) == unix.CLONE_SIGHAND|unix.CLONE_CLEAR_SIGHAND,
		a.Flags&(unix.CLONE_THREAD|unix.CLONE_PARENT) != 0 && a.ExitSignal != 0,
		a.Stack == 0 && a.StackSize > 0, a.Stack != 0 && a.StackSize == 0,
		a.Stack != 0 && (a.Stack > user.TaskTop || a.StackSize > user.TaskTop-a.Stack):
		return nil, unix.EINVAL
	case a.SetTIDSize == 0:
		return nil, nil
	}
	tids = make([]int32, a.SetTIDSize)
	return tids, get(t, user.Addr(a.SetTID), tids)
}
