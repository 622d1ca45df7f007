// SPDX-License-Identifier: Apache-2.0

// This file is the futex calls that the host makes (package futex): when a
// thread may have them made without an event, and how one is ordered.

package task

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/futex"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// beforeRun is what Thread.Run asks before it lets application code run.
func (t *Task) beforeRun() bool {
	t.letFutex()
	return t.workPending()
}

// letFutex lets the thread make futex calls by itself if nobody wants to see
// them: no tracer, no filter, no dispatch to user space, no strace, no queue of PI futexes. What changes
// that for a thread that runs makes its reason true and then kicks it.
func (t *Task) letFutex() {
	hooks := t.kernel.hooks.Load() | t.hooks.Load()
	if t.pt.work.Load() != 0 || hooks&(hookTrace|hookDispatch) != 0 || !futex.OnHost(t.mm) {
		t.thread.LetFutex(false, false)
		return
	}
	t.thread.LetFutex(hooks&hookFutex == 0, hooks&hookFutex2 == 0)
	if !futex.OnHost(t.mm) { // since it was looked at; and ForbidFutex may have come between
		t.thread.LetFutex(false, false)
	}
}

// HostFutex implements futex.Caller.
func (t *Task) HostFutex(nr uintptr, args [6]uint64, wait bool) (uint64, error) {
	var interrupted func() bool
	if wait {
		interrupted = t.isWorkPending
	}
	for {
		op := platform.Op{Nr: nr, Args: args}
		if err := t.thread.Futex(&op, interrupted); err != nil {
			return 0, unix.EINTR // it is dead, and will find out
		}
		err := op.Err()
		switch {
		case err == nil:
			return uint64(op.Result), nil
		case err != unix.EINTR || !wait:
			return 0, err
		case t.workPending():
			return 0, abi.ERESTARTSYS
		}
		// The kick was an old one: nothing to see, so the wait goes on.
	}
}
