// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/ktime"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// itimerspec is struct itimerspec.
type itimerspec struct{ Interval, Value unix.Timespec }

func makeItimerspec(left, interval int64) itimerspec {
	return itimerspec{unix.NsecToTimespec(interval), unix.NsecToTimespec(left)}
}

func (s *itimerspec) valid() bool { return validTimespec(s.Interval) && validTimespec(s.Value) }

//ditto:syscall timerfd_create full
func timerfdCreate(t *task.Task, clockid, flags int32) (int, error) {
	if flags&^(unix.TFD_CLOEXEC|unix.TFD_NONBLOCK) != 0 {
		return 0, unix.EINVAL
	}
	clock := ktime.Host(clockid)
	switch clockid {
	case unix.CLOCK_MONOTONIC, unix.CLOCK_REALTIME, unix.CLOCK_BOOTTIME:
	case unix.CLOCK_REALTIME_ALARM, unix.CLOCK_BOOTTIME_ALARM:
		if !t.Creds().Capable(unix.CAP_WAKE_ALARM) {
			return 0, unix.EPERM
		}
		// The clocks are the same; only a host that sleeps would tell.
		clock = unix.CLOCK_REALTIME
		if clockid == unix.CLOCK_BOOTTIME_ALARM {
			clock = unix.CLOCK_BOOTTIME
		}
	default:
		return 0, unix.EINVAL
	}
	return install(t, anon.NewTimerfd(clock, uint32(flags)), 0, flags&unix.TFD_CLOEXEC != 0)
}

func getTimerfd(t *task.Task, fd vfs.FD) (*anon.Timerfd, *vfs.File, error) {
	f, err := t.Files().Get(fd)
	if err != nil {
		return nil, nil, err
	}
	tfd, ok := f.Ops.(*anon.Timerfd)
	if !ok {
		f.DecRef()
		return nil, nil, unix.EINVAL
	}
	return tfd, f, nil
}

//ditto:syscall timerfd_settime full
func timerfdSettime(t *task.Task, ufd vfs.FD, flags int32, utmr, otmr user.Addr) error {
	var s itimerspec
	if err := get(t, utmr, &s); err != nil {
		return err
	}
	if flags&^(unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET) != 0 || !s.valid() {
		return unix.EINVAL
	}
	tfd, f, err := getTimerfd(t, ufd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	value := ktime.Nanoseconds(s.Value)
	if flags&unix.TFD_TIMER_ABSTIME != 0 {
		value = t.HostTime(tfd.Clock(), value)
	}
	left, interval, err := tfd.Set(uint32(flags), value, ktime.Nanoseconds(s.Interval))
	if err != nil || otmr == 0 {
		return err
	}
	return put(t, otmr, makeItimerspec(left, interval))
}

//ditto:syscall timerfd_gettime full
func timerfdGettime(t *task.Task, ufd vfs.FD, otmr user.Addr) error {
	tfd, f, err := getTimerfd(t, ufd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	left, interval := tfd.Get()
	return put(t, otmr, makeItimerspec(left, interval))
}
