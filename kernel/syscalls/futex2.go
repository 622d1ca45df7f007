// SPDX-License-Identifier: Apache-2.0

// This file is futex_waitv(2) and the futex2 calls, which the host makes. One
// that is older than the call (5.16 and 6.7) says ENOSYS; then futex(2) does
// what it can of it.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/futex"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Flags of futex_waitv(2) and its kin (futex2).
const (
	futex2SizeMask = 3
	futex2U32      = 2
	futex2Private  = 128
)

// futex2Word checks the flags of a futex2 call, as far as futex(2) has them,
// and is the word and its flag for that.
func futex2Word(addr user.Addr, flags uint32) (w futex.Word, op uint64, err error) {
	if flags&^(futex2SizeMask|futex2Private) != 0 || flags&futex2SizeMask != futex2U32 {
		return futex.Word{}, 0, unix.EINVAL
	}
	return futex.Word{Addr: addr, Private: flags&futex2Private != 0}, uint64(flags & futex2Private), nil
}

//ditto:syscall futex_wake full
func futexWake(t *task.Task, uaddr user.Addr, mask uint64, nr int32, flags uint32) (uint64, error) {
	w := futex.Word{Addr: uaddr, Private: flags&futex2Private != 0}
	n, err := futexWakeBy(t, unix.SYS_FUTEX_WAKE, [6]uint64{uint64(uaddr), mask, uint64(uint32(nr)), uint64(flags)}, w)
	if err != unix.ENOSYS {
		return n, err
	}
	w, op, err := futex2Word(uaddr, flags)
	switch {
	case err != nil:
		return 0, err
	case mask>>32 != 0:
		return 0, unix.EINVAL
	case nr == 0:
		return 0, nil
	}
	return futexWakeBy(t, unix.SYS_FUTEX, [6]uint64{uint64(uaddr), op | futexWakeBitsetCmd, uint64(nr), 0, 0, mask}, w)
}

//ditto:syscall futex_wait full
func futexWait(t *task.Task, uaddr user.Addr, val, mask uint64, flags uint32, timeout user.Addr, clock int32) (uint64, error) {
	n, err := t.HostFutex(unix.SYS_FUTEX_WAIT, [6]uint64{uint64(uaddr), val, mask, uint64(flags), uint64(timeout), uint64(uint32(clock))}, true)
	if err != unix.ENOSYS {
		return n, err
	}
	_, op, err := futex2Word(uaddr, flags)
	if err != nil {
		return 0, err
	}
	if val>>32 != 0 || mask>>32 != 0 || timeout != 0 && clock != unix.CLOCK_REALTIME && clock != unix.CLOCK_MONOTONIC {
		return 0, unix.EINVAL
	}
	if op |= futexWaitBitsetCmd; timeout != 0 && clock == unix.CLOCK_REALTIME {
		op |= futexClockRT
	}
	return t.HostFutex(unix.SYS_FUTEX, [6]uint64{uint64(uaddr), op, val, uint64(timeout), 0, mask}, true)
}

//ditto:syscall futex_waitv full
func futexWaitv(t *task.Task, waiters user.Addr, n, flags uint32, timeout user.Addr, clock int32) (uint64, error) {
	args := [6]uint64{uint64(waiters), uint64(n), uint64(flags), uint64(timeout), uint64(uint32(clock))}
	return t.HostFutex(unix.SYS_FUTEX_WAITV, args, true)
}

// futexWaiter is struct futex_waitv.
type futexWaiter struct {
	Val, Uaddr      uint64
	Flags, Reserved uint32
}

//ditto:syscall futex_requeue full
func futexRequeue(t *task.Task, waiters user.Addr, flags uint32, nWake, nRequeue int32) (uint64, error) {
	var raw [2]futexWaiter
	words := []futex.Word{}
	if waiters != 0 && get(t, waiters, raw[:]) == nil {
		words = append(words, futex.Word{Addr: user.Addr(raw[0].Uaddr), Private: raw[0].Flags&futex2Private != 0})
	}
	args := [6]uint64{uint64(waiters), uint64(flags), uint64(uint32(nWake)), uint64(uint32(nRequeue))}
	n, err := futexWakeBy(t, unix.SYS_FUTEX_REQUEUE, args, words...)
	if err != unix.ENOSYS {
		return n, err
	}
	if flags != 0 || waiters == 0 {
		return 0, unix.EINVAL
	}
	if err := get(t, waiters, raw[:]); err != nil {
		return 0, err
	}
	return futexRequeueOld(t, &raw, nWake, nRequeue)
}

// futexRequeueOld is futex_requeue(2) by futex(2). That knows but one kind of
// words in a call: to requeue from one kind to the other it wakes instead, and
// who is woken will look at the word and wait again.
func futexRequeueOld(t *task.Task, raw *[2]futexWaiter, nWake, nRequeue int32) (uint64, error) {
	var ops [2]uint64
	for i, r := range raw {
		_, op, err := futex2Word(user.Addr(r.Uaddr), r.Flags)
		if err != nil || r.Reserved != 0 || r.Val>>32 != 0 {
			return 0, unix.EINVAL
		}
		ops[i] = op
	}
	if nWake < 0 || nRequeue < 0 {
		return 0, unix.EINVAL
	}
	wake, move, to := uint64(nWake), uint64(nRequeue), raw[1].Uaddr
	if ops[0] != ops[1] {
		wake, move, to = min(wake+move, 1<<31-1), 0, raw[0].Uaddr
	}
	return t.HostFutex(unix.SYS_FUTEX, [6]uint64{raw[0].Uaddr, ops[0] | futexCmpRequeueCmd, wake, move, to, raw[0].Val}, false)
}
