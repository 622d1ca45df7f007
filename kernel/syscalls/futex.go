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

//ditto:syscall futex partial PI futexes don't lend their waiters' priority to the owner
func futex_(t *task.Task, uaddr user.Addr, op int32, val uint32, utime, uaddr2 user.Addr, val3 uint32) (uint64, error) {
	cmd := op &^ (futexPrivateFlag | futexClockRT)
	private := op&futexPrivateFlag != 0
	w, w2 := futex.Word{Addr: uaddr, Private: private}, futex.Word{Addr: uaddr2, Private: private}
	args := [6]uint64{uint64(uaddr), uint64(uint32(op)), uint64(val), uint64(utime), uint64(uaddr2), uint64(val3)}
	switch cmd {
	case futexWaitCmd, futexWaitBitsetCmd:
		return futexWaitFor(t, args)
	case futexWakeCmd, futexWakeBitsetCmd, futexRequeueCmd, futexCmpRequeueCmd:
		return futexWakeBy(t, unix.SYS_FUTEX, args, w)
	case futexWakeOpCmd:
		return futexWakeBy(t, unix.SYS_FUTEX, args, w, w2)
	}
	return futexPI(t, w, w2, cmd, op&futexClockRT != 0, val, utime, val3)
}

// futexPI is the commands whose words have owners.
func futexPI(t *task.Task, w, w2 futex.Word, cmd int32, realtime bool, val uint32, utime user.Addr, val3 uint32) (uint64, error) {
	deadline, err := futexTimeout(t, cmd, utime, realtime)
	if err != nil {
		return 0, err
	}
	if realtime && cmd != futexWaitRequeuePICmd && cmd != futexLockPI2Cmd {
		return 0, unix.ENOSYS
	}
	switch cmd {
	case futexLockPICmd, futexLockPI2Cmd, futexTrylockPICmd:
		return 0, futex.LockPI(t, w, deadline, cmd == futexTrylockPICmd, threadExists(t))
	case futexUnlockPICmd:
		return 0, futex.UnlockPI(t, w)
	case futexWaitRequeuePICmd:
		return 0, futex.WaitRequeuePI(t, w, val, w2, deadline)
	case futexCmpRequeuePICmd:
		n, err := futex.CmpRequeuePI(t, w, w2, int(int32(val)), int(int32(utime)), val3, threadExists(t))
		return uint64(n), err
	}
	return 0, unix.ENOSYS
}

func threadExists(t *task.Task) futex.Alive {
	return func(tid int32) bool { return t.Lookup(tid) != nil }
}

// futexWaitFor waits on the host, and goes on waiting to the same deadline
// after a signal without a handler.
func futexWaitFor(t *task.Task, args [6]uint64) (uint64, error) {
	n, err := t.HostFutex(unix.SYS_FUTEX, args, true)
	if err == abi.ERESTARTSYS && args[3] != 0 {
		t.SetRestartBlock(func(t *task.Task) (uint64, error) { return futexWaitFor(t, args) })
		return 0, abi.ERESTART_RESTARTBLOCK
	}
	return n, err
}

// futexWakeBy has the host wake or move waiters of words; EINVAL if they wait
// for PI futexes.
func futexWakeBy(t *task.Task, nr uintptr, args [6]uint64, words ...futex.Word) (uint64, error) {
	n, err := t.HostFutex(nr, args, false)
	if err != nil {
		return 0, err
	}
	for _, w := range words {
		if futex.Queued(t, w) {
			return 0, unix.EINVAL
		}
	}
	return n, nil
}

// futexTimeout is when a command's wait ends: the zero time if never.
func futexTimeout(t *task.Task, cmd int32, addr user.Addr, realtime bool) (time.Time, error) {
	if addr == 0 {
		return time.Time{}, nil
	}
	switch cmd {
	case futexLockPICmd:
		realtime = true
	case futexWaitRequeuePICmd, futexLockPI2Cmd:
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
	return time.Now().Add(time.Duration(t.HostTime(unix.CLOCK_MONOTONIC, int64(duration(ts)))) - duration(now)), nil
}
