// SPDX-License-Identifier: Apache-2.0

// Package alarm tests alarm from Go: a timer that is read, replaced and goes off.
package alarm

import (
	"os"
	"os/signal"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("left", "", left)
	harness.Case("goes_off", "", goesOff)
}

func left(t *harness.T) {
	runtime.LockOSThread()
	n, err := harness.Sys(unix.SYS_ALARM, 500)
	t.ObserveRet("first", n, err)
	it, err := unix.Getitimer(unix.ITIMER_REAL)
	t.Must("getitimer", err)
	t.Check(it.Value.Sec > 400 && it.Value.Sec <= 500, "%d s are left", it.Value.Sec)
	old, err := unix.Setitimer(unix.ITIMER_REAL, unix.Itimerval{Value: unix.Timeval{Sec: 800}, Interval: unix.Timeval{Sec: 3}})
	t.Must("setitimer", err)
	t.Check(old.Value.Sec > 400 && old.Value.Sec <= 500, "%d s were left", old.Value.Sec)
	n, err = harness.Sys(unix.SYS_ALARM, 0)
	t.Must("alarm", err)
	t.Check(n > 700 && n <= 800, "%d s were left", n)
	it, err = unix.Getitimer(unix.ITIMER_REAL)
	t.Must("getitimer", err)
	t.Observe("off", "%v", it)
	_, err = unix.Getitimer(7)
	t.Errno("no such timer", err, unix.EINVAL)
}

func goesOff(t *harness.T) {
	c := make(chan os.Signal, 10)
	signal.Notify(c, unix.SIGALRM)
	_, err := unix.Setitimer(unix.ITIMER_REAL, unix.Itimerval{Value: unix.Timeval{Usec: 2000}, Interval: unix.Timeval{Usec: 2000}})
	t.Must("setitimer", err)
	for range 3 {
		t.Equal("signal", <-c, os.Signal(unix.SIGALRM))
	}
	old, err := unix.Setitimer(unix.ITIMER_REAL, unix.Itimerval{})
	t.Must("setitimer", err)
	t.Check(old.Interval.Usec >= 2000 && old.Interval.Usec <= 12000, "the interval was %d us", old.Interval.Usec)
}
