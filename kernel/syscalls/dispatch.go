// SPDX-License-Identifier: Apache-2.0

// This file is syscall user dispatch, as prctl(2) sets it and as a tracer sees it.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// setUserDispatch is PR_SET_SYSCALL_USER_DISPATCH.
func setUserDispatch(t *task.Task, a *prctlArgs) (uint64, error) {
	d, err := newUserDispatch(a[0], a[1], a[2], a[3])
	if err == nil {
		t.SetUserDispatch(d)
	}
	return 0, err
}

// newUserDispatch is task_set_syscall_user_dispatch: EINVAL, EFAULT.
func newUserDispatch(mode, offset, length, selector uint64) (*task.UserDispatch, error) {
	switch mode {
	case unix.PR_SYS_DISPATCH_OFF:
		if offset|length|selector != 0 {
			return nil, unix.EINVAL
		}
		return nil, nil
	case unix.PR_SYS_DISPATCH_EXCLUSIVE_ON:
		if offset != 0 && offset+length <= offset {
			return nil, unix.EINVAL
		}
	case unix.PR_SYS_DISPATCH_INCLUSIVE_ON:
		if length == 0 || offset+length <= offset {
			return nil, unix.EINVAL
		}
		offset, length = offset+length, -length // all that is elsewhere
	default:
		return nil, unix.EINVAL
	}
	if selector >= user.TaskTop {
		return nil, unix.EFAULT
	}
	return &task.UserDispatch{Offset: offset, Len: length, Selector: user.Addr(selector)}, nil
}

// struct ptrace_sud_config.
type sudConfig struct{ Mode, Selector, Offset, Len uint64 }

const sudConfigSize = 32

// ptraceUserDispatch is PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG.
func ptraceUserDispatch(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr != sudConfigSize {
		return 0, unix.EINVAL
	}
	var c sudConfig
	if d := x.UserDispatch(); d != nil {
		c = sudConfig{unix.PR_SYS_DISPATCH_ON, uint64(d.Selector), d.Offset, d.Len}
	}
	return 0, put(t, user.Addr(a.data), &c)
}

// ptraceSetUserDispatch is PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG.
func ptraceSetUserDispatch(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr != sudConfigSize {
		return 0, unix.EINVAL
	}
	var c sudConfig
	if err := get(t, user.Addr(a.data), &c); err != nil {
		return 0, err
	}
	d, err := newUserDispatch(c.Mode, c.Offset, c.Len, c.Selector)
	if err == nil {
		x.SetUserDispatch(d)
	}
	return 0, err
}
