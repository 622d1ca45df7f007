// SPDX-License-Identifier: Apache-2.0

// This file is Linux's own asynchronous I/O: contexts and their events. What is submitted to them is in aiosubmit.go.

package syscalls

import (
	"math"
	"math/bits"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/aio"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// processors is num_possible_cpus, by which a context has room.
var processors = sync.OnceValue(func() int {
	n := 0
	for _, w := range arch.HostCPUs() {
		n += bits.OnesCount64(w)
	}
	return max(n, 1)
})

//ditto:syscall io_setup full
func ioSetup(t *task.Task, nr uint32, ctxp user.Addr) error {
	old, err := get64(t, ctxp)
	if err != nil {
		return err
	}
	if old != 0 || nr == 0 {
		return unix.EINVAL
	}
	name, x, err := aio.Setup(t, nr, processors())
	if err != nil {
		return err
	}
	if err := put64(t, ctxp, name); err != nil {
		_ = x.Destroy(t, waitUntil(t))
		return err
	}
	return nil
}

// waitUntil is a sleep that only the task's death ends early.
func waitUntil(t *task.Task) func(q *wait.Queue, done func() bool) error {
	return func(q *wait.Queue, done func() bool) error {
		return wait.Until(killable{t}, q, wait.All, time.Time{}, done)
	}
}

// killable is a task as it sleeps where signals don't matter.
type killable struct{ *task.Task }

// Sleep implements wait.Sleeper.
func (k killable) Sleep(deadline time.Time) error { return k.SleepKillable(deadline) }

//ditto:syscall io_destroy full
func ioDestroy(t *task.Task, name uint64) error {
	x := aio.Lookup(t.MM(), t.Memory(), name)
	if x == nil {
		return unix.EINVAL
	}
	defer x.Put()
	return x.Destroy(t, waitUntil(t))
}

// getEvents is do_io_getevents. An interruption is EINTR, unless there are events.
func getEvents(t *task.Task, name uint64, least, most int64, events, tsp user.Addr) (int64, error) {
	var deadline time.Time
	look := false
	if tsp != 0 {
		ts, err := getTimespec(t, tsp)
		if err != nil {
			return 0, err
		}
		// Nothing is checked, as in timespec64_to_ktime: what does not fit wraps. One that has passed ends no wait.
		if d := aioTimeout(ts); d >= 0 {
			look, deadline = d == 0, time.Now().Add(d)
		}
	}
	return readEvents(t, name, least, most, events, look, deadline)
}

// aioTimeout is timespec64_to_ktime.
func aioTimeout(ts unix.Timespec) time.Duration {
	const most = math.MaxInt64 / int64(time.Second)
	if ts.Sec >= most {
		return time.Duration(most-1) * time.Second
	}
	return time.Duration(ts.Sec)*time.Second + time.Duration(ts.Nsec)
}

func readEvents(t *task.Task, name uint64, least, most int64, events user.Addr, look bool, deadline time.Time) (int64, error) {
	x := aio.Lookup(t.MM(), t.Memory(), name)
	if x == nil {
		return 0, unix.EINVAL
	}
	defer x.Put()
	if least > most || least < 0 {
		return 0, unix.EINVAL
	}
	total := int64(0)
	done := func() (bool, error) {
		n, err := x.Read(t.Memory(), events+user.Addr(total*aio.EventSize), most-total)
		total += n
		if err == nil && x.Dead() {
			err = unix.EINVAL
		}
		return err != nil || total >= least, err
	}
	ended, err := done()
	if !ended && !look {
		werr := wait.Until(t, x.Queue(), wait.All, deadline, func() bool {
			ended, err = done()
			return ended
		})
		if werr == abi.ERESTARTSYS && total == 0 && err == nil {
			return 0, unix.EINTR
		}
	}
	switch {
	case total > 0:
		return total, nil
	case err == nil && t.SignalPending():
		return 0, unix.EINTR
	}
	return 0, err
}

//ditto:syscall io_getevents full
func ioGetevents(t *task.Task, name uint64, least, most int64, events, tsp user.Addr) (int64, error) {
	return getEvents(t, name, least, most, events, tsp)
}

//ditto:syscall io_pgetevents full
func ioPgetevents(t *task.Task, name uint64, least, most int64, events, tsp, sig user.Addr) (int64, error) {
	if tsp != 0 {
		if _, err := getTimespec(t, tsp); err != nil {
			return 0, err
		}
	}
	if sig != 0 {
		var set struct{ Mask, Size uint64 } // struct __aio_sigset
		if err := get(t, sig, &set); err != nil {
			return 0, err
		}
		if err := swapMask(t, user.Addr(set.Mask), set.Size); err != nil {
			return 0, err
		}
	}
	n, err := getEvents(t, name, least, most, events, tsp)
	if !t.SignalPending() {
		t.RestoreMask()
	}
	if err == unix.EINTR {
		err = abi.ERESTARTNOHAND
	}
	return n, err
}

//ditto:syscall io_cancel full
func ioCancel(t *task.Task, name uint64, iocb, _ user.Addr) error {
	var key [4]byte // aio_key, which io_submit wrote
	if _, err := t.Memory().CopyIn(iocb+8, key[:]); err != nil {
		return err
	}
	if key != [4]byte{} {
		return unix.EINVAL
	}
	x := aio.Lookup(t.MM(), t.Memory(), name)
	if x == nil {
		return unix.EINVAL
	}
	defer x.Put()
	return x.CancelPoll(uint64(iocb))
}
