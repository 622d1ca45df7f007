// SPDX-License-Identifier: Apache-2.0

// Package wait has wait queues: how a task, an epoll or a poll learns that an
// object changed. A queue only says "look again"; whoever waits checks its
// condition itself, so a wake-up too many does no harm and none is ever lost.
//
// Lock order: a queue's lock is a leaf; callbacks run under it and must not
// block, nor lock what is held while that queue is notified.
package wait

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"
)

// Mask is a set of poll events (POLLIN and its kin, as in poll(2)).
type Mask uint32

// The events, with the values of poll(2) and epoll(7).
const (
	In     Mask = 0x001
	Pri    Mask = 0x002
	Out    Mask = 0x004
	Err    Mask = 0x008
	Hup    Mask = 0x010
	Nval   Mask = 0x020
	RdNorm Mask = 0x040
	RdBand Mask = 0x080
	WrNorm Mask = 0x100
	WrBand Mask = 0x200
	Msg    Mask = 0x400
	RdHup  Mask = 0x2000
	All    Mask = 0xffffffff

	Readable = In | RdNorm
	Writable = Out | WrNorm
)

// Waker is told that something it waits for may have happened. Wake never
// blocks; calls before the sleeper looks are merged into one.
type Waker interface{ Wake() }

// Sleeper is a task that can wait. Only its own goroutine calls Sleep.
type Sleeper interface {
	Waker
	// Sleep waits until Wake was called since the last Sleep returned, until
	// the deadline passed (ETIMEDOUT; the zero time means none), or until a
	// signal must be looked at (abi.ERESTARTSYS).
	Sleep(deadline time.Time) error
}

// Entry is one waiter on one queue. It must be removed before it is reused.
type Entry struct {
	W    Waker
	Func func(Mask) // instead of W; runs under the queue's lock
	To   *Queue     // with Func: the queue that it only hands the news on to
	Mask Mask       // the events of interest

	expects    bool // counted by the queue's source
	q          *Queue
	prev, next *Entry
}

// Queue is a list of waiters. The zero Queue is empty and ready.
type Queue struct {
	mu     sync.Mutex
	head   Entry                  // a ring through head; nil links mean empty
	source atomic.Pointer[Source] // set under mu
}

// Add puts e on the queue, behind the others.
func (q *Queue) Add(e *Entry) {
	q.mu.Lock()
	q.init()
	q.insert(e, q.head.prev)
	q.mu.Unlock()
	q.Source().Expect()
}

// AddFirst puts e before the others, as Linux does with an epoll's entries: it
// decides the order in which epolls see their events.
func (q *Queue) AddFirst(e *Entry) {
	q.mu.Lock()
	q.init()
	q.insert(e, &q.head)
	q.mu.Unlock()
	q.Source().Expect()
}

func (q *Queue) init() {
	if q.head.next == nil {
		q.head.next, q.head.prev = &q.head, &q.head
	}
}

func (q *Queue) insert(e, behind *Entry) {
	e.q = q
	e.prev, e.next = behind, behind.next
	e.prev.next, e.next.prev = e, e
	q.expect(e)
}

// Remove takes e off the queue. It does nothing if e is not on it.
func (q *Queue) Remove(e *Entry) {
	q.mu.Lock()
	if e.q != q {
		q.mu.Unlock()
		return
	}
	e.prev.next, e.next.prev = e.next, e.prev
	e.q, e.prev, e.next = nil, nil, nil
	q.forget(e)
	q.mu.Unlock()
	q.Source().Expect()
}

// Notify wakes every waiter that is interested in one of events. Err and Hup
// interest everyone.
func (q *Queue) Notify(events Mask) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.head.next == nil {
		return
	}
	for e := q.head.next; e != &q.head; {
		next := e.next
		if events&(e.Mask|Err|Hup) != 0 {
			switch {
			case e.Func != nil:
				e.Func(events)
			case e.expects:
				q.Source().woken.Add(1)
				e.W.Wake()
			default:
				e.W.Wake()
			}
		}
		e = next
	}
}

// Empty tells whether nobody waits.
func (q *Queue) Empty() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.head.next == nil || q.head.next == &q.head
}

// Until waits on q until cond holds. It returns nil then, ETIMEDOUT when the
// deadline (zero: none) passed first, or abi.ERESTARTSYS when a signal came.
// cond runs in the caller's goroutine, without the queue's lock.
func Until(s Sleeper, q *Queue, mask Mask, deadline time.Time, cond func() bool) error {
	if cond() {
		return nil
	}
	return UntilAgain(s, q, mask, deadline, cond)
}

// UntilAgain is Until for who has just seen that cond does not hold.
func UntilAgain(s Sleeper, q *Queue, mask Mask, deadline time.Time, cond func() bool) error {
	e := Entry{W: s, Mask: mask}
	q.Add(&e)
	defer q.Remove(&e)
	for !cond() {
		q.Source().Expect()
		if err := s.Sleep(deadline); err != nil {
			if err == unix.ETIMEDOUT && cond() {
				return nil
			}
			return err
		}
	}
	return nil
}
