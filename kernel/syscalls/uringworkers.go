// SPDX-License-Identifier: Apache-2.0

// This file is what io_uring_register(2) can be asked for besides resources: to cancel requests at once, the clock of waits, and
// the bounds of the threads that do what can't be done without waiting. There are none of these here: it is the task itself
// that waits, so that every bound of them is kept.

package syscalls

import (
	"math"
	"runtime"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// syncCancel is struct io_uring_sync_cancel_reg.
type syncCancel struct {
	Addr    uint64
	FD      int32
	Flags   uint32
	Timeout [2]int64
	Op      uint8
	Pad     [7]uint8
	Pad2    [3]uint64
}

// uringSyncCancel is IORING_REGISTER_SYNC_CANCEL: ENOENT, ETIME.
func uringSyncCancel(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n != 1 {
		return 0, unix.EINVAL
	}
	var a syncCancel
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	if a.Flags&^cancelKnown != 0 || a.Pad != [7]uint8{} || a.Pad2 != [3]uint64{} {
		return 0, unix.EINVAL
	}
	c := canceling{ring: r, flags: a.Flags, data: a.Addr, op: uint32(a.Op)}
	if err := c.take(t, a.FD); err != nil {
		return 0, err
	}
	defer c.drop()
	done, err := c.try()
	if err != unix.EALREADY {
		return done, err
	}
	var deadline time.Time
	if a.Timeout != [2]int64{-1, -1} {
		deadline = time.Now().Add(aioTimeout(unix.Timespec{Sec: a.Timeout[0], Nsec: a.Timeout[1]}))
	}
	if werr := r.WaitUntil(t, deadline, func() bool {
		if err == unix.EALREADY {
			_, err = c.try()
		}
		return err != unix.EALREADY
	}); werr != nil {
		return 0, werr
	}
	return 0, nil
}

// canceling is the search for requests to be cancelled.
type canceling struct {
	ring  *uring.Ring
	self  *uring.Req // does not count; nil: there is none
	flags uint32
	data  uint64
	op    uint32
	file  *vfs.File
}

// take looks up the file that is meant, if one is: EBADF.
func (c *canceling) take(t *task.Task, fd int32) (err error) {
	switch {
	case c.flags&cancelFD == 0:
	case c.flags&cancelFDFixed != 0:
		c.file, err = c.ring.FixedFile(uint32(fd))
	default:
		c.file, err = t.Files().Get(vfs.FD(fd))
	}
	return err
}

func (c *canceling) drop() {
	if c.file != nil {
		c.file.DecRef()
	}
}

// try cancels what there is: how many, if all are meant. ENOENT, EALREADY.
func (c *canceling) try() (int, error) {
	n, busy, all := 0, false, c.flags&(cancelAll|cancelAny) != 0
	for _, q := range c.ring.Active() {
		if q == c.self || !c.matches(q) {
			continue
		}
		if !c.ring.Cancel(q) {
			busy = true
		} else if n++; !all {
			return 0, nil
		}
	}
	switch {
	case all:
		return n, nil
	case busy:
		return 0, unix.EALREADY
	}
	return 0, unix.ENOENT
}

// matches is io_cancel_req_match.
func (c *canceling) matches(q *uring.Req) bool {
	if c.flags&cancelAny != 0 {
		return true
	}
	byData := c.flags&(cancelFD|cancelOp) == 0 || c.flags&cancelUserData != 0
	return (c.flags&cancelFD == 0 || q.File == c.file) && (c.flags&cancelOp == 0 || uint32(q.Op) == c.op) && (!byData || q.UserData == c.data)
}

// workerBounds are how many threads a task lets work for it, on files and on what takes for ever.
type workerBounds struct {
	mu    sync.Mutex
	bound [2]uint32
}

type workerBoundsKey struct{}

// uringWorkers is IORING_REGISTER_IOWQ_MAX_WORKERS: it answers what was.
func uringWorkers(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n != 2 {
		return 0, unix.EINVAL
	}
	var want [2]uint32
	if err := get(t, arg, &want); err != nil {
		return 0, err
	}
	limit := uint32(min(t.RLimit(unix.RLIMIT_NPROC), math.MaxInt32))
	w := t.Extra(workerBoundsKey{}, func() any {
		return &workerBounds{bound: [2]uint32{min(r.SQEntries(), 4*uint32(runtime.NumCPU())), limit}}
	}).(*workerBounds)
	for _, v := range want {
		if v > math.MaxInt32 {
			return 0, unix.EINVAL
		}
	}
	w.mu.Lock()
	was := w.bound
	for i, v := range want {
		if v != 0 {
			w.bound[i] = min(v, limit)
		}
	}
	w.mu.Unlock()
	return 0, put(t, arg, was)
}

// uringClock is IORING_REGISTER_CLOCK.
func uringClock(t *task.Task, r *uring.Ring, arg user.Addr, n uint32) (int, error) {
	if arg == 0 || n != 0 {
		return 0, unix.EINVAL
	}
	var a struct { // struct io_uring_clock_register
		Clock uint32
		Resv  [3]uint32
	}
	if err := get(t, arg, &a); err != nil {
		return 0, err
	}
	if a.Resv != [3]uint32{} || a.Clock != unix.CLOCK_MONOTONIC && a.Clock != unix.CLOCK_BOOTTIME {
		return 0, unix.EINVAL
	}
	r.SetClock(int32(a.Clock))
	return 0, nil
}
