// SPDX-License-Identifier: Apache-2.0

// This file takes requests from the submission queue.

package uring

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
)

// pendingSQ is how many entries wait to be taken. With mu.
func (r *Ring) pendingSQ() uint32 { return min(r.mem.Load(sqTail)-r.sqHead, r.sqEntries) }

// chain is the requests that are being linked (struct io_submit_link).
type chain struct{ head, last *Req }

// Submit takes and starts at most n requests (io_submit_sqes). It returns how many it took.
func (r *Ring) Submit(t *task.Task, n uint32) int {
	r.mu.Lock()
	n = min(n, r.pendingSQ())
	r.mu.Unlock()
	r.belongTo(t.MM())
	var c chain
	taken := 0
	for range n {
		sqe, ok := r.nextSQE()
		if !ok {
			break
		}
		taken++
		if !r.submitOne(t, &c, sqe) && r.flags&SetupSubmitAll == 0 {
			break
		}
	}
	if c.head != nil {
		r.start(t, c.head)
	}
	return taken
}

// nextSQE takes the next entry; false if its index is none, or there is no entry.
func (r *Ring) nextSQE() (sqe SQE, ok bool) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.pendingSQ() == 0 {
		return sqe, false
	}
	at := r.sqHead & (r.sqEntries - 1)
	r.sqHead++
	defer func() { r.mem.Store(sqHead, r.sqHead) }()
	if r.array >= 0 {
		if at = r.mem.Load(r.array + int(at)*4); at >= r.sqEntries {
			r.mem.Store(sqDropped, r.mem.Load(sqDropped)+1)
			return sqe, false
		}
	}
	var b [64]byte
	r.mem.Get(r.rings+int(at)*r.sqeSize, b[:])
	if _, err := binary.Decode(b[:], binary.LittleEndian, &sqe); err != nil {
		panic(err)
	}
	return sqe, true
}

// submitOne starts a request, or links it to the one before (io_submit_sqe). False if it was refused, and no chain goes on.
func (r *Ring) submitOne(t *task.Task, c *chain, sqe SQE) bool {
	q := &Req{SQE: sqe, Ring: r, task: t, mm: t.MM(), Behind: c.last}
	if c.head == nil {
		q.Behind = nil
	}
	if q.failed = q.prepare(); q.failed != nil && c.head != nil && c.head.failed == nil {
		c.head.failed = unix.ECANCELED
	}
	links := q.Flags&linkFlags != 0
	switch {
	case c.head != nil:
		c.last.next, c.last = q, q
		if links {
			return true
		}
		head := c.head
		c.head = nil
		r.start(t, head)
	case links:
		c.head, c.last = q, q
		return true
	default:
		r.start(t, q)
	}
	return q.failed == nil
}

// prepare checks a request (io_init_req).
func (q *Req) prepare() error {
	r := q.Ring
	if int(q.Op) >= len(r.ops) || r.ops[q.Op] == nil {
		q.Op, q.op = opcodeOfNobody, r.ops[opcodeOfNobody]
		return unix.EINVAL
	}
	q.op = r.ops[q.Op]
	switch {
	case q.Flags&^uint8(knownFlags) != 0:
		return unix.EINVAL
	case q.Flags&BufferSelect != 0 && !q.op.Buffers:
		return unix.EOPNOTSUPP
	}
	if err := r.admit(q); err != nil {
		return err
	}
	if q.op.Prep != nil {
		return q.op.Prep(q)
	}
	return nil
}

// admit checks what depends on the ring.
func (r *Ring) admit(q *Req) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if q.Flags&SkipSuccess != 0 {
		r.drainDisabled = true
	}
	switch {
	case q.Flags&drain != 0 && r.drainDisabled:
		return unix.EOPNOTSUPP
	case r.restrictions.inForce && !r.restrictions.allow(&q.SQE):
		return unix.EACCES
	case !q.op.IOPrio && q.IOPrio != 0:
		return unix.EINVAL
	}
	if q.Personality != 0 {
		if q.creds = r.personalities[q.Personality]; q.creds == nil {
			return unix.EINVAL
		}
	}
	return nil
}

// start starts a request or a chain, or puts it behind those that drain.
func (r *Ring) start(t *task.Task, q *Req) {
	r.mu.Lock()
	for m := q.next; m != nil; m = m.next { // a chain drains as a whole
		q.Flags |= m.Flags & drain
		m.Flags &^= drain
	}
	if len(r.drained) > 0 || r.draining || q.Flags&drain != 0 && len(r.active) > 0 {
		r.drained = append(r.drained, q)
		r.mu.Unlock()
		return
	}
	r.begin(q)
	q.state = running
	r.mu.Unlock()
	r.run(t, q)
}

// begin enters a chain into the account of those under way. With mu.
func (r *Ring) begin(q *Req) {
	r.draining = r.draining || q.Flags&drain != 0
	for m := q; m != nil; m = m.next {
		r.active = append(r.active, m)
	}
}

// undrain starts what waited for the requests before it.
func (r *Ring) undrain() {
	for {
		r.mu.Lock()
		if len(r.drained) == 0 || r.draining || r.drained[0].Flags&drain != 0 && len(r.active) > 0 {
			r.mu.Unlock()
			return
		}
		q := r.drained[0]
		r.drained = slices.Delete(r.drained, 0, 1)
		r.begin(q)
		q.state = queued
		r.mu.Unlock()
		r.dispatch(q)
	}
}
