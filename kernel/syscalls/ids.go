// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
)

//ditto:syscall getpid full
func getpid(t *task.Task) (int32, error) { return t.TGID(), nil }

//ditto:syscall gettid full
func gettid(t *task.Task) (int32, error) { return t.TID(), nil }

//ditto:syscall getppid full
func getppid(t *task.Task) (int32, error) { return t.ShowPid(t.Group().ParentID()), nil }

//ditto:syscall getpgrp full
func getpgrp(t *task.Task) (int32, error) { return t.ShowPid(t.Group().PgrpID()), nil }

//ditto:syscall getpgid full
func getpgid(t *task.Task, pid int32) (int32, error) {
	g, err := groupOf(t, pid)
	if err != nil {
		return 0, err
	}
	return t.ShowPid(g.PgrpID()), nil
}

//ditto:syscall getsid full
func getsid(t *task.Task, pid int32) (int32, error) {
	g, err := groupOf(t, pid)
	if err != nil {
		return 0, err
	}
	return t.ShowPid(g.SessionID()), nil
}

// groupOf is the group of the thread pid, or the caller's own for 0.
func groupOf(t *task.Task, pid int32) (*task.ThreadGroup, error) {
	target, err := taskOf(t, pid)
	if err != nil {
		return nil, err
	}
	return target.Group(), nil
}

// taskOf is the thread pid, or the caller itself for 0.
func taskOf(t *task.Task, pid int32) (*task.Task, error) {
	if pid == 0 {
		return t, nil
	}
	if target := t.Lookup(pid); target != nil {
		return target, nil
	}
	return nil, unix.ESRCH
}

//ditto:syscall setpgid full
func setpgid(t *task.Task, pid, pgid int32) error { return t.Setpgid(t.ToPid(pid), t.ToPid(pgid)) }

//ditto:syscall setsid full
func setsid(t *task.Task) (int32, error) {
	id, err := t.Setsid()
	return t.ShowPid(id), err
}
