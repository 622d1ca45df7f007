// SPDX-License-Identifier: Apache-2.0

// This file is memory calls that depend on how a kernel was built, and on the
// processor: the sandbox has them as its host has.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall memfd_secret full
func memfdSecret(t *task.Task, flags uint32) (vfs.FD, error) {
	if flags&^unix.O_CLOEXEC != 0 {
		return 0, unix.EINVAL
	}
	f, err := anon.NewSecret(t.Creds())
	if err != nil {
		return 0, err
	}
	fd, err := install(t, f, 0, flags&unix.O_CLOEXEC != 0)
	return vfs.FD(fd), err
}

// built tells whether the host's kernel has a system call, from the answer to
// a use of it that does nothing.
func built(nr uintptr, args ...uintptr) bool {
	var a [3]uintptr
	copy(a[:], args)
	_, _, e := unix.RawSyscall(nr, a[0], a[1], a[2])
	return e != unix.ENOSYS
}

// Asked before the process is shut off from anything.
var (
	hasIOPL         = built(unix.SYS_IOPL)
	hasShadowStacks = built(unix.SYS_MAP_SHADOW_STACK, 0, 0, ^uintptr(0))
)

// Shadow stacks would be the stub's as well as the application's: there are
// none, as on a processor without.
//
//ditto:syscall map_shadow_stack denied ENOTSUP as on a processor without shadow stacks
func mapShadowStack(*task.Task, uint64, uint64, uint32) error {
	if !hasShadowStacks {
		return unix.ENOSYS
	}
	return unix.EOPNOTSUPP
}

// userfaultfd(2): faults are the host's business, and never come here.
//
//ditto:syscall userfaultfd denied EPERM container runtimes forbid it, and Linux itself without CAP_SYS_PTRACE

const maxIOPort = 65536 // IO_BITMAP_BITS

//ditto:syscall iopl denied EPERM needs CAP_SYS_RAWIO
func iopl(_ *task.Task, level uint32) error {
	switch {
	case !hasIOPL:
		return unix.ENOSYS
	case level > 3:
		return unix.EINVAL
	case level > 0:
		return unix.EPERM
	}
	return nil
}

//ditto:syscall ioperm denied EPERM needs CAP_SYS_RAWIO
func ioperm(_ *task.Task, from, num uint64, on int32) error {
	switch {
	case !hasIOPL:
		return unix.ENOSYS
	case from+num <= from, from+num > maxIOPort:
		return unix.EINVAL
	case on != 0:
		return unix.EPERM
	}
	return nil
}
