// SPDX-License-Identifier: Apache-2.0

// This file is the futex calls that the host makes (package futex): when a
// thread may have them made without an event, and how one is ordered.

package task

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/futex"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
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
	if t.kernel.SeesFutex || t.pt.work.Load() != 0 || hooks&(hookTrace|hookDispatch) != 0 || !futex.OnHost(t.mm) || t.mm.ClocksShifted() {
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
		if wait && t.mm.ClocksShifted() {
			t.hostTimeout(&op)
		}
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

// hostTimeout gives a call that waits until a time of the monotonic clock what the host's shows then.
func (t *Task) hostTimeout(op *platform.Op) {
	const waitBitset, realtime = 9, 256
	arg := 0
	switch {
	case op.Nr == unix.SYS_FUTEX && op.Args[1]&0x7f == waitBitset && op.Args[1]&realtime == 0,
		op.Nr == unix.SYS_FUTEX_WAITV && int32(op.Args[4]) == unix.CLOCK_MONOTONIC:
		arg = 3
	case op.Nr == unix.SYS_FUTEX_WAIT && int32(op.Args[5]) == unix.CLOCK_MONOTONIC:
		arg = 4
	}
	var b [16]byte
	if arg == 0 || op.Args[arg] == 0 {
		return
	}
	if _, err := t.memory.CopyIn(user.Addr(op.Args[arg]), b[:]); err != nil {
		return // the host finds that out as well
	}
	ts := unix.Timespec{Sec: int64(binary.LittleEndian.Uint64(b[:])), Nsec: int64(binary.LittleEndian.Uint64(b[8:]))}
	if ts.Sec < 0 || ts.Nsec < 0 || ts.Nsec >= 1e9 {
		return // likewise
	}
	op.TimeoutArg, op.Timeout = arg, unix.NsecToTimespec(t.HostTime(unix.CLOCK_MONOTONIC, ktime.Nanoseconds(ts)))
}
