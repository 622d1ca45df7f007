// SPDX-License-Identifier: Apache-2.0

// Package timerfd_gettime tests timerfd_gettime from Go: periods are counted, many timers go off in order, and what is left of them.
package timerfd_gettime

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("counts_periods", "", periods)
	harness.Case("order", "", order)
	harness.Case("left", "", left)
}

func make_(t *harness.T, clock int) int {
	fd, err := unix.TimerfdCreate(clock, unix.TFD_CLOEXEC)
	t.Must("timerfd_create", err)
	return fd
}

func spec(value, interval int64) *unix.ItimerSpec {
	return &unix.ItimerSpec{Value: unix.NsecToTimespec(value), Interval: unix.NsecToTimespec(interval)}
}

func expirations(t *harness.T, fd int) uint64 {
	var b [8]byte
	for {
		_, err := unix.Read(fd, b[:])
		if err == unix.EINTR {
			continue
		}
		t.Must("read", err)
		return binary.LittleEndian.Uint64(b[:])
	}
}

func periods(t *harness.T) {
	fd := make_(t, unix.CLOCK_MONOTONIC)
	var before, after unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &before)
	t.Must("settime", unix.TimerfdSettime(fd, 0, spec(1e6, 1e6), nil))
	n := uint64(0)
	for n < 20 {
		n += expirations(t, fd)
	}
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &after)
	gone := after.Nano() - before.Nano()
	t.Check(gone >= 20e6, "20 ms are over after %d ns", gone)
	t.Check(int64(n) <= gone/1e6, "%d periods in %d ns", n, gone)
}

// Timers that were set for different moments are ready in that order.
func order(t *harness.T) {
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	var now unix.Timespec
	unix.ClockGettime(unix.CLOCK_MONOTONIC, &now)
	for i := range 5 {
		fd := make_(t, unix.CLOCK_MONOTONIC)
		t.Must("settime", unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME, spec(now.Nano()+int64(5-i)*20e6, 0), nil))
		t.Must("add", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLONESHOT, Fd: int32(5 - i)}))
	}
	seen := 0
	for seen < 5 {
		var ev [5]unix.EpollEvent
		n, err := unix.EpollWait(ep, ev[:], 9000)
		if err == unix.EINTR {
			continue
		}
		t.Must("wait", err)
		for _, e := range ev[:n] {
			var at unix.Timespec
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &at)
			t.Check(at.Nano() >= now.Nano()+int64(e.Fd)*20e6, "timer %d is early", e.Fd)
			seen++
		}
	}
}

func left(t *harness.T) {
	for _, clock := range []int{unix.CLOCK_REALTIME, unix.CLOCK_MONOTONIC, unix.CLOCK_BOOTTIME} {
		fd := make_(t, clock)
		var cur, old unix.ItimerSpec
		t.Must("settime", unix.TimerfdSettime(fd, 0, spec(1000e9, 7), &old))
		t.Must("gettime", unix.TimerfdGettime(fd, &cur))
		t.Check(old.Value.Nano() == 0, "a fresh timer has %d ns left", old.Value.Nano())
		t.Check(cur.Value.Nano() > 900e9 && cur.Value.Nano() <= 1000e9, "%d ns are left", cur.Value.Nano())
		t.Equal("interval", cur.Interval.Nano(), int64(7))
	}
	t.Errno("no timer", unix.TimerfdGettime(0, &unix.ItimerSpec{}), unix.EINVAL)
	t.Errno("no descriptor", unix.TimerfdSettime(-1, 0, spec(1, 0), nil), unix.EBADF)
	_, err := unix.TimerfdCreate(77, 0)
	t.Errno("no clock", err, unix.EINVAL)
}
