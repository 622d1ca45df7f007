// SPDX-License-Identifier: Apache-2.0

// This file is the operations of a ring that wait: polls and timeouts, and those that end them.

package syscalls

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/uring"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flags of a poll, in its length.
const uringPollMulti = 1 // IORING_POLL_ADD_MULTI

func prepPoll(r *uring.Req) error {
	if err := (unused{off: true, addr: true, index: true}).check(r); err != nil {
		return err
	}
	if r.Len&^uringPollMulti != 0 || r.Len != 0 && r.Flags&uring.SkipSuccess != 0 {
		return unix.EINVAL
	}
	return nil
}

// issuePoll is one look. A multishot poll is told of what is there first, and then of news.
func issuePoll(_ *task.Task, r *uring.Req) (uring.Result, error) {
	got := r.Look(wait.Mask(r.OpFlags & 0xffff))
	switch {
	case got != 0:
		return uring.Result{N: int64(got), More: r.Len&uringPollMulti != 0 && got&(wait.Err|wait.Hup) == 0}, nil
	case r.File.Ops.Queue(r.File) == nil:
		return uring.Result{}, unix.EINVAL // nothing will ever be announced
	}
	return uring.Result{}, unix.EAGAIN
}

func prepPollRemove(r *uring.Req) error {
	if err := (unused{off: true, length: true, flags: true, index: true, file: true}).check(r); err != nil {
		return err
	}
	return nil
}

func issuePollRemove(_ *task.Task, r *uring.Req) (uring.Result, error) {
	for _, q := range r.Ring.Active() {
		if q.Op == uring.OpPollAdd && q.UserData == r.Addr {
			if r.Ring.Cancel(q) {
				return uring.Result{}, nil
			}
			return uring.Result{}, unix.EALREADY
		}
	}
	return uring.Result{}, unix.ENOENT
}

// Flags of a timeout (IORING_TIMEOUT_*).
const (
	timeoutAbs          = 1
	timeoutUpdate       = 2
	timeoutBoottime     = 4
	timeoutRealtime     = 8
	timeoutLinkUpdate   = 16
	timeoutEtimeSuccess = 32
	timeoutMultishot    = 64
	timeoutClocks       = timeoutBoottime | timeoutRealtime
)

// timeoutIn reads the time of a timeout, as a while from now.
func timeoutIn(r *uring.Req, addr uint64, flags uint32) (time.Duration, error) {
	if flags&timeoutClocks == timeoutClocks {
		return 0, unix.EINVAL
	}
	ts, err := getTimespec(r.Task(), user.Addr(addr))
	switch {
	case err != nil:
		return 0, err
	case ts.Sec < 0, ts.Nsec < 0:
		return 0, unix.EINVAL
	}
	d := aioTimeout(ts)
	if flags&timeoutAbs != 0 {
		clock := int32(unix.CLOCK_MONOTONIC)
		switch {
		case flags&timeoutBoottime != 0:
			clock = unix.CLOCK_BOOTTIME
		case flags&timeoutRealtime != 0:
			clock = unix.CLOCK_REALTIME
		}
		var now unix.Timespec
		_ = unix.ClockGettime(clock, &now)
		d -= time.Duration(now.Nano())
	}
	return max(d, 0), nil
}

func prepTimeout(r *uring.Req) (err error) {
	const known = timeoutAbs | timeoutClocks | timeoutEtimeSuccess | timeoutMultishot
	switch {
	case r.BufIndex != 0, r.Len != 1, r.FileIndex != 0, r.OpFlags&^known != 0,
		r.OpFlags&timeoutMultishot != 0 && r.OpFlags&timeoutAbs != 0:
		return unix.EINVAL
	}
	d, err := timeoutIn(r, r.Addr, r.OpFlags)
	r.Data, r.EtimeOK = d, r.OpFlags&timeoutEtimeSuccess != 0
	return err
}

func issueTimeout(_ *task.Task, r *uring.Req) (uring.Result, error) {
	d := r.Data.(time.Duration)
	if r.OpFlags&timeoutMultishot != 0 {
		r.Every, r.Left = max(d, time.Nanosecond), uint32(r.Off)
		return r.Arm(d, 0), nil
	}
	return r.Arm(d, uint32(r.Off)), nil
}

func prepLinkTimeout(r *uring.Req) (err error) {
	switch {
	case r.BufIndex != 0, r.Len != 1, r.FileIndex != 0, r.Off != 0, r.OpFlags&^(timeoutAbs|timeoutClocks|timeoutEtimeSuccess) != 0,
		r.Behind == nil, r.Behind.Op == uring.OpLinkTimeout:
		return unix.EINVAL
	}
	r.Limit, err = timeoutIn(r, r.Addr, r.OpFlags)
	return err
}

// issueLinkTimeout is for one that is left alone: there is nothing that it could end.
func issueLinkTimeout(*task.Task, *uring.Req) (uring.Result, error) {
	return uring.Result{}, unix.ECANCELED
}

func prepTimeoutRemove(r *uring.Req) (err error) {
	if err := (unused{length: true, index: true, file: true}).check(r); err != nil {
		return err
	}
	if r.OpFlags&(timeoutUpdate|timeoutLinkUpdate) == 0 {
		if r.OpFlags != 0 {
			return unix.EINVAL
		}
		return nil
	}
	if r.OpFlags&^(timeoutUpdate|timeoutLinkUpdate|timeoutAbs|timeoutClocks) != 0 {
		return unix.EINVAL
	}
	r.Data, err = timeoutIn(r, r.Off, r.OpFlags)
	return err
}

func issueTimeoutRemove(_ *task.Task, r *uring.Req) (uring.Result, error) {
	op := uint8(uring.OpTimeout)
	if r.OpFlags&timeoutLinkUpdate != 0 {
		op = uring.OpLinkTimeout
	}
	q := r.Ring.Timeouts(r.Addr, op)
	if q == nil {
		return uring.Result{}, unix.ENOENT
	}
	if d, ok := r.Data.(time.Duration); ok {
		return uring.Result{}, r.Ring.Rearm(q, d)
	}
	if !r.Ring.Cancel(q) {
		return uring.Result{}, unix.EALREADY
	}
	return uring.Result{}, nil
}

// Flags of a cancellation (IORING_ASYNC_CANCEL_*).
const (
	cancelAll      = 1
	cancelFD       = 2
	cancelAny      = 4
	cancelFDFixed  = 8
	cancelUserData = 16
	cancelOp       = 32
	cancelKnown    = 63
)

func prepCancel(r *uring.Req) error {
	switch {
	case r.Off != 0, r.FileIndex != 0, r.OpFlags&^cancelKnown != 0,
		r.OpFlags&cancelAny != 0 && r.OpFlags&(cancelFD|cancelOp) != 0:
		return unix.EINVAL
	}
	return nil
}

func issueCancel(t *task.Task, r *uring.Req) (uring.Result, error) {
	c := canceling{ring: r.Ring, self: r, flags: r.OpFlags, data: r.Addr, op: r.Len}
	if err := c.take(t, r.FD); err != nil {
		return uring.Result{}, err
	}
	defer c.drop()
	return count(c.try())
}
