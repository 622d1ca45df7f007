// SPDX-License-Identifier: Apache-2.0

// This file is the requests that end by the clock.

package uring

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"
)

// timeout is what a request has that waits for its time. Ring.mu guards it.
type timeout struct {
	timer  *time.Timer
	counts bool   // ends with a number of completions as well
	target uint32 // which one that is
	head   *Req   // of a linked timeout: the request that it is for
	// Limit is for how long a linked timeout lets its request wait.
	Limit time.Duration
	// Every is the interval of a timeout that goes off again and again, and Left how many times yet (0: for ever).
	Every time.Duration
	Left  uint32
	// EtimeOK says that what is linked behind a timeout runs after it went off (IORING_TIMEOUT_ETIME_SUCCESS).
	EtimeOK bool
}

// Arm has a timeout wait for d, and for count more completions if that is not 0.
func (q *Req) Arm(d time.Duration, count uint32) Result {
	r := q.Ring
	r.mu.Lock()
	defer r.mu.Unlock()
	q.state = timed
	if count > 0 {
		q.counts, q.target = true, r.cqTail+uint32(len(r.overflow))-r.timeouts+count
	}
	q.timer = time.AfterFunc(d, q.expired)
	return Result{Later: true}
}

// Rearm gives a timeout that waits another time. ENOENT if there is none any more.
func (r *Ring) Rearm(q *Req, d time.Duration) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.state != timed || !q.timer.Stop() {
		return unix.ENOENT
	}
	q.counts = false
	q.timer = time.AfterFunc(d, q.expired)
	return nil
}

// expired is when the time has come.
func (q *Req) expired() {
	r := q.Ring
	if !r.enter() {
		return
	}
	defer r.leave()
	if q.goOn() {
		r.post(cqe{userData: q.UserData, res: -int32(unix.ETIME), flags: CQEMore}, false)
		return
	}
	q.expire(-int32(unix.ETIME))
}

// goOn sets a timeout that goes off again for the next time.
func (q *Req) goOn() bool {
	r := q.Ring
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.state != timed || q.Every == 0 {
		return false
	}
	if q.Left == 1 {
		return false
	}
	if q.Left > 0 {
		q.Left--
	}
	q.timer.Reset(q.Every)
	r.timeouts++
	return true
}

// expire ends a timeout, with the request that it limits.
func (q *Req) expire(res int32) {
	if !q.claim(timed) {
		return
	}
	r := q.Ring
	if q.Op == OpLinkTimeout {
		how := r.doom(q.head)
		if how == running {
			res = -int32(unix.EALREADY)
		}
		r.complete(q, res, 0, false)
		if how == armed {
			r.dispatch(q.head)
		}
		r.undrain()
		return
	}
	r.mu.Lock()
	r.timeouts++
	r.mu.Unlock()
	r.later(r.finish(q, res, 0, res < 0 && !q.EtimeOK))
}

// dueTimeouts is the timeouts whose number of completions is reached. With mu.
func (r *Ring) dueTimeouts() []*Req {
	var due []*Req
	for _, q := range r.active {
		if q.state == timed && q.counts && int32(r.cqTail+uint32(len(r.overflow))-r.timeouts-q.target) >= 0 {
			due = append(due, q)
		}
	}
	return due
}

// limit starts the timeout that is linked behind a request that waits now.
func (r *Ring) limit(q *Req) {
	r.mu.Lock()
	defer r.mu.Unlock()
	l := q.next
	if l == nil || l.Op != OpLinkTimeout || l.failed != nil || l.state != idle || q.state == done {
		return
	}
	l.state, l.head = timed, q
	l.timer = time.AfterFunc(l.Limit, l.expired)
}

// Timeouts is the timeouts that wait, the oldest first, of those of a user.
func (r *Ring) Timeouts(userData uint64, op uint8) *Req {
	r.mu.Lock()
	defer r.mu.Unlock()
	i := slices.IndexFunc(r.active, func(q *Req) bool { return q.state == timed && q.Op == op && q.UserData == userData })
	if i < 0 {
		return nil
	}
	return r.active[i]
}
