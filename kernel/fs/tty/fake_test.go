// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fakeJobs records signals. One session has one terminal.
type fakeJobs struct {
	sent     chan int
	tty      task.Terminal
	sid, fg  int32
	hangUps  int
	checks   []int
	verdict  error
	setError error
}

func (j *fakeJobs) SignalForeground(_ task.Terminal, signo int) { j.sent <- signo }
func (j *fakeJobs) HangUpTerminal(task.Terminal)                { j.hangUps++ }
func (j *fakeJobs) Foreground(task.Terminal) int32              { return j.fg }
func (j *fakeJobs) TerminalSession(task.Terminal) int32         { return j.sid }

// fakeTask is a caller whose Sleep is a channel.
type fakeTask struct {
	vfs.Ctx
	wake, signal chan struct{}
	jobs         *fakeJobs
	mem          memory
	creds        *cred.Creds
}

func newTask() *fakeTask {
	return &fakeTask{
		wake: make(chan struct{}, 1), signal: make(chan struct{}, 1),
		jobs:  &fakeJobs{sent: make(chan int, 16)},
		creds: cred.Root(), mem: make(memory, 256),
	}
}

func (t *fakeTask) Jobs() Jobs              { return t.jobs }
func (t *fakeTask) Terminal() task.Terminal { return t.jobs.tty }
func (t *fakeTask) SetTerminal(tty task.Terminal, steal bool) error {
	if t.jobs.setError == nil {
		t.jobs.tty, t.jobs.sid, t.jobs.fg = tty, 10, 10
	}
	return t.jobs.setError
}
func (t *fakeTask) DropTerminal(task.Terminal) error { t.jobs.tty = nil; return nil }
func (t *fakeTask) SetForeground(_ task.Terminal, pgid int32) error {
	t.jobs.fg = pgid
	return nil
}
func (t *fakeTask) JobControlCheck(_ task.Terminal, signo int) error {
	t.jobs.checks = append(t.jobs.checks, signo)
	return t.jobs.verdict
}
func (t *fakeTask) Creds() *cred.Creds  { return t.creds }
func (t *fakeTask) Memory() user.Memory { return t.mem }
func (t *fakeTask) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *fakeTask) Sleep(deadline time.Time) error {
	var timeout <-chan time.Time
	if !deadline.IsZero() {
		timeout = time.After(time.Until(deadline))
	}
	select {
	case <-t.wake:
		return nil
	case <-t.signal:
		return abi.ERESTARTSYS
	case <-timeout:
		return unix.ETIMEDOUT
	}
}

// memory is the application's memory at address 0.
type memory []byte

func (m memory) CopyIn(a user.Addr, p []byte) (int, error)  { return copy(p, m[a:]), nil }
func (m memory) CopyOut(a user.Addr, p []byte) (int, error) { return copy(m[a:], p), nil }
func (m memory) CopyOutLast(a user.Addr, p []byte, _ bool) (int, error) {
	return copy(m[a:], p), nil
}
func (m memory) CopyOutFrom(user.Addr, int, bool, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (m memory) CopyInTo(user.Addr, int, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (m memory) CompareAndSwap32(user.Addr, uint32, uint32) (uint32, error) {
	return 0, unix.EFAULT
}
