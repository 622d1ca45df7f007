// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fakeJobs records signals.
type fakeJobs struct {
	sent   chan due
	groups map[int32]int32 // group: session
}

func (j *fakeJobs) SignalGroup(pgid int32, signo int) { j.sent <- due{pgid, signo} }
func (j *fakeJobs) GroupSession(pgid int32) (int32, bool) {
	sid, ok := j.groups[pgid]
	return sid, ok
}

// fakeTask is a caller whose Sleep is a channel.
type fakeTask struct {
	vfs.Ctx
	wake, signal chan struct{}
	jobs         *fakeJobs
	sid, pgid    int32
	leader       bool
	ignores      bool
	orphaned     bool
	mem          memory
	creds        *cred.Creds
}

func newTask() *fakeTask {
	return &fakeTask{
		wake: make(chan struct{}, 1), signal: make(chan struct{}, 1),
		jobs:  &fakeJobs{sent: make(chan due, 16), groups: map[int32]int32{}},
		creds: cred.Root(), mem: make(memory, 256),
	}
}

func (t *fakeTask) Jobs() Jobs             { return t.jobs }
func (t *fakeTask) SessionID() int32       { return t.sid }
func (t *fakeTask) GroupID() int32         { return t.pgid }
func (t *fakeTask) SessionLeader() bool    { return t.leader }
func (t *fakeTask) GroupOrphaned() bool    { return t.orphaned }
func (t *fakeTask) SignalIgnored(int) bool { return t.ignores }
func (t *fakeTask) Creds() *cred.Creds     { return t.creds }
func (t *fakeTask) Memory() user.Memory    { return t.mem }
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
func (m memory) CompareAndSwap32(user.Addr, uint32, uint32) (uint32, error) {
	return 0, unix.EFAULT
}
