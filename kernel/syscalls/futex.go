// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/futex"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Commands and flags of futex(2).
const (
	futexWaitCmd = iota
	futexWakeCmd
	futexFdCmd
	futexRequeueCmd
	futexCmpRequeueCmd
	futexWakeOpCmd
	futexLockPICmd
	futexUnlockPICmd
	futexTrylockPICmd
	futexWaitBitsetCmd
	futexWakeBitsetCmd
	futexWaitRequeuePICmd
	futexCmpRequeuePICmd
	futexLockPI2Cmd

	futexPrivateFlag = 128
	futexClockRT     = 256
)

// Flags of futex_waitv(2) and its kin (futex2).
const (
	futex2SizeMask = 3
	futex2U32      = 2
	futex2Numa     = 4
	futex2Mpol     = 8
	futex2Private  = 128
)

//ditto:syscall futex partial PI futexes don't lend their waiters' priority to the owner
func futex_(t *task.Task, uaddr user.Addr, op int32, val uint32, utime, uaddr2 user.Addr, val3 uint32) (int, error) {
	cmd := op &^ (futexPrivateFlag | futexClockRT)
	realtime := op&futexClockRT != 0
	deadline, err := futexTimeout(t, cmd, utime, realtime)
	if err != nil {
		return 0, err
	}
	if realtime && cmd != futexWaitBitsetCmd && cmd != futexWaitRequeuePICmd && cmd != futexLockPI2Cmd {
		return 0, unix.ENOSYS
	}
	private := op&futexPrivateFlag != 0
	w, w2 := futex.Word{Addr: uaddr, Private: private}, futex.Word{Addr: uaddr2, Private: private}
	n, n2 := int(int32(val)), int(int32(utime))
	switch cmd {
	case futexWaitCmd:
		return 0, futexWaitFor(t, w, val, futex.MatchAny, deadline)
	case futexWaitBitsetCmd:
		return 0, futexWaitFor(t, w, val, val3, deadline)
	case futexWakeCmd:
		return futex.Wake(t, w, n, futex.MatchAny)
	case futexWakeBitsetCmd:
		return futex.Wake(t, w, n, val3)
	case futexRequeueCmd:
		return futex.Requeue(t, w, w2, n, n2, nil)
	case futexCmpRequeueCmd:
		return futex.Requeue(t, w, w2, n, n2, &val3)
	case futexWakeOpCmd:
		return futex.WakeOp(t, w, w2, n, n2, val3)
	case futexLockPICmd, futexLockPI2Cmd, futexTrylockPICmd:
		return 0, futex.LockPI(t, w, deadline, cmd == futexTrylockPICmd, threadExists(t))
	case futexUnlockPICmd:
		return 0, futex.UnlockPI(t, w)
	case futexWaitRequeuePICmd:
		return 0, futex.WaitRequeuePI(t, w, val, futex.MatchAny, w2, deadline)
	case futexCmpRequeuePICmd:
		return futex.CmpRequeuePI(t, w, w2, n, n2, val3, threadExists(t))
	}
	return 0, unix.ENOSYS
}

func threadExists(t *task.Task) futex.Alive {
	return func(tid int32) bool { return t.Lookup(tid) != nil }
}

// futexWaitFor waits, and goes on waiting to the same deadline after a signal
// without a handler.
func futexWaitFor(t *task.Task, w futex.Word, val, bits uint32, deadline time.Time) error {
	err := futex.Wait(t, w, val, bits, deadline)
	if err == abi.ERESTARTSYS && !deadline.IsZero() {
		t.SetRestartBlock(func(t *task.Task) (uint64, error) {
			return 0, futexWaitFor(t, w, val, bits, deadline)
		})
		return abi.ERESTART_RESTARTBLOCK
	}
	return err
}

// futexTimeout is when a command's wait ends: the zero time if never.
func futexTimeout(t *task.Task, cmd int32, addr user.Addr, realtime bool) (time.Time, error) {
	if addr == 0 {
		return time.Time{}, nil
	}
	switch cmd {
	case futexWaitCmd:
		ts, err := getFutexTime(t, addr)
		if err != nil {
			return time.Time{}, err
		}
		return time.Now().Add(duration(ts)), nil
	case futexLockPICmd:
		realtime = true
	case futexWaitBitsetCmd, futexWaitRequeuePICmd, futexLockPI2Cmd:
	default:
		return time.Time{}, nil // it is a number there
	}
	return absoluteTime(t, addr, realtime)
}

// getFutexTime is getTimespec for a timeout: EINVAL for what is no time.
func getFutexTime(t *task.Task, addr user.Addr) (unix.Timespec, error) {
	ts, err := getTimespec(t, addr)
	if err == nil && !validTimespec(ts) {
		err = unix.EINVAL
	}
	return ts, err
}

// absoluteTime reads a time of CLOCK_REALTIME or CLOCK_MONOTONIC.
func absoluteTime(t *task.Task, addr user.Addr, realtime bool) (time.Time, error) {
	ts, err := getFutexTime(t, addr)
	if err != nil {
		return time.Time{}, err
	}
	if realtime {
		return time.Unix(min(ts.Sec, 1<<40), ts.Nsec), nil
	}
	var now unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_MONOTONIC, &now); err != nil {
		return time.Time{}, err
	}
	return time.Now().Add(duration(ts) - duration(now)), nil
}

// futex2Word checks the flags of a futex2 call.
func futex2Word(addr user.Addr, flags uint32) (futex.Word, error) {
	if flags&^(futex2SizeMask|futex2Private) != 0 || flags&futex2SizeMask != futex2U32 {
		return futex.Word{}, unix.EINVAL
	}
	return futex.Word{Addr: addr, Private: flags&futex2Private != 0}, nil
}

// futex2Timeout is the end of a futex2 wait: an absolute time of one of two clocks.
func futex2Timeout(t *task.Task, addr user.Addr, clock int32) (time.Time, error) {
	if addr == 0 {
		return time.Time{}, nil
	}
	if clock != unix.CLOCK_REALTIME && clock != unix.CLOCK_MONOTONIC {
		return time.Time{}, unix.EINVAL
	}
	return absoluteTime(t, addr, clock == unix.CLOCK_REALTIME)
}

//ditto:syscall futex_wake partial FUTEX2_NUMA and FUTEX2_MPOL answer EINVAL
func futexWake(t *task.Task, uaddr user.Addr, mask uint64, nr int32, flags uint32) (int, error) {
	w, err := futex2Word(uaddr, flags)
	switch {
	case err != nil:
		return 0, err
	case mask>>32 != 0:
		return 0, unix.EINVAL
	case nr == 0:
		return 0, futex.Check(t, w, uint32(mask))
	}
	return futex.Wake(t, w, int(nr), uint32(mask))
}

//ditto:syscall futex_wait partial FUTEX2_NUMA and FUTEX2_MPOL answer EINVAL
func futexWait(t *task.Task, uaddr user.Addr, val, mask uint64, flags uint32, timeout user.Addr, clock int32) (int, error) {
	w, err := futex2Word(uaddr, flags)
	if err != nil {
		return 0, err
	}
	if val>>32 != 0 || mask>>32 != 0 {
		return 0, unix.EINVAL
	}
	deadline, err := futex2Timeout(t, timeout, clock)
	if err != nil {
		return 0, err
	}
	return 0, futexWaitFor(t, w, uint32(val), uint32(mask), deadline)
}

// futexWaiter is struct futex_waitv.
type futexWaiter struct {
	Val, Uaddr      uint64
	Flags, Reserved uint32
}

// getWaiters copies in n struct futex_waitv.
func getWaiters(t *task.Task, addr user.Addr, n int) ([]futex.Waits, error) {
	raw := make([]futexWaiter, n)
	if err := get(t, addr, raw); err != nil {
		return nil, err
	}
	out := make([]futex.Waits, n)
	for i, r := range raw {
		w, err := futex2Word(user.Addr(r.Uaddr), r.Flags)
		if err != nil || r.Reserved != 0 || r.Val>>32 != 0 {
			return nil, unix.EINVAL
		}
		out[i] = futex.Waits{Word: w, Val: uint32(r.Val)}
	}
	return out, nil
}

//ditto:syscall futex_waitv partial FUTEX2_NUMA and FUTEX2_MPOL answer EINVAL
func futexWaitv(t *task.Task, waiters user.Addr, n, flags uint32, timeout user.Addr, clock int32) (int, error) {
	if flags != 0 || n == 0 || n > 128 || waiters == 0 {
		return 0, unix.EINVAL
	}
	deadline, err := futex2Timeout(t, timeout, clock)
	if err != nil {
		return 0, err
	}
	words, err := getWaiters(t, waiters, int(n))
	if err != nil {
		return 0, err
	}
	return futex.WaitMultiple(t, words, deadline)
}

//ditto:syscall futex_requeue partial FUTEX2_NUMA and FUTEX2_MPOL answer EINVAL
func futexRequeue(t *task.Task, waiters user.Addr, flags uint32, nWake, nRequeue int32) (int, error) {
	if flags != 0 || waiters == 0 {
		return 0, unix.EINVAL
	}
	w, err := getWaiters(t, waiters, 2)
	if err != nil {
		return 0, err
	}
	return futex.Requeue(t, w[0].Word, w[1].Word, int(nWake), int(nRequeue), &w[0].Val)
}
