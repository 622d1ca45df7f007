// SPDX-License-Identifier: Apache-2.0

// This file is the completion queue.

package uring

import (
	"encoding/binary"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flags of a completion (IORING_CQE_F_*).
const (
	CQEBuffer       = 1
	CQEMore         = 2
	CQESockNonempty = 4
)

// cqe is struct io_uring_cqe.
type cqe struct {
	userData uint64
	res      int32
	flags    uint32
	extra    [2]uint64
}

// ready is how many completions the application has not taken. With mu.
func (r *Ring) ready() uint32 { return min(r.cqTail-r.mem.Load(cqHead), r.cqEntries) }

// put puts a completion into the ring, or on the list of those that found no room: none is lost (IORING_FEAT_NODROP). With mu.
func (r *Ring) put(c cqe) {
	if len(r.overflow) == 0 && r.store(c) {
		return
	}
	r.overflow = append(r.overflow, c)
	r.mem.Or(sqFlags, sqNeedsFlush)
	if len(r.overflow) > maxOverflow { // the memory is ours; Linux has the memory control group
		r.overflow = r.overflow[1:]
		r.mem.Store(cqOverflow, r.mem.Load(cqOverflow)+1)
	}
}

const maxOverflow = 1 << 20

func (r *Ring) store(c cqe) bool {
	if r.ready() >= r.cqEntries {
		return false
	}
	var b [32]byte
	binary.LittleEndian.PutUint64(b[:], c.userData)
	binary.LittleEndian.PutUint32(b[8:], uint32(c.res))
	binary.LittleEndian.PutUint32(b[12:], c.flags)
	binary.LittleEndian.PutUint64(b[16:], c.extra[0])
	binary.LittleEndian.PutUint64(b[24:], c.extra[1])
	r.mem.Put(cqes+int(r.cqTail&(r.cqEntries-1))*r.cqeSize, b[:r.cqeSize])
	r.cqTail++
	r.mem.Store(cqTail, r.cqTail)
	return true
}

// flush moves completions that found no room into the ring, as far as there is room now. With mu.
func (r *Ring) flush() {
	if len(r.overflow) == 0 {
		return
	}
	for len(r.overflow) > 0 && r.store(r.overflow[0]) {
		r.overflow = r.overflow[1:]
	}
	if len(r.overflow) == 0 {
		r.overflow = nil
		r.mem.And(sqFlags, ^uint32(sqNeedsFlush))
	}
}

// post puts a completion and tells who waits.
func (r *Ring) post(c cqe, async bool) {
	r.mu.Lock()
	if r.closed {
		r.mu.Unlock()
		return
	}
	r.put(c)
	due := r.dueTimeouts()
	tell := r.eventfd
	if tell != nil && (r.eventfdAsync && !async || r.mem.Load(cqFlags)&cqEventfdDisabled != 0 || !tell.TryIncRef()) {
		tell = nil
	}
	r.mu.Unlock()
	if tell != nil {
		anon.SignalEventfd(tell)
		tell.DecRef()
	}
	r.queue.Notify(wait.Readable)
	for _, q := range due {
		q.expire(0)
	}
}

// Wait is io_cqring_wait: it runs what is to be run, until there are least completions, or after enough (0: never) at least one. ETIME,
// EINTR.
func (r *Ring) Wait(t *task.Task, least uint32, deadline time.Time, enough time.Duration) error {
	least = min(least, r.cqEntries)
	if enough == 0 {
		return r.wait(t, least, deadline)
	}
	soon := time.Now().Add(enough)
	err := r.wait(t, least, soon)
	if err != unix.ETIME || deadline.IsZero() || !soon.Before(deadline) {
		return err
	}
	return r.wait(t, min(least, 1), deadline)
}

// WaitUntil waits until something holds that completions may bring about: ETIME, EINTR.
func (r *Ring) WaitUntil(t *task.Task, deadline time.Time, holds func() bool) error {
	for {
		r.runWork(t)
		switch err := wait.Until(t, &r.queue, wait.All, deadline, func() bool { return holds() || r.hasWork() }); {
		case err == nil && holds():
			return nil
		case err == nil:
		case err == unix.ETIMEDOUT:
			return unix.ETIME
		case t.SignalPending():
			return unix.EINTR
		}
	}
}

func (r *Ring) wait(t *task.Task, least uint32, deadline time.Time) error {
	for {
		r.runWork(t)
		if n := r.count(); n >= least {
			return nil
		}
		err := wait.Until(t, &r.queue, wait.All, deadline, func() bool { return r.count() >= least || r.hasWork() })
		switch {
		case err == nil:
		case err == unix.ETIMEDOUT:
			err = unix.ETIME
		case !t.SignalPending():
			continue // something else to be run
		default:
			err = unix.EINTR
		}
		if err != nil {
			r.runWork(t)
			if r.count() > 0 {
				return nil
			}
			return err
		}
	}
}

// runWork runs the requests whose time has come.
func (r *Ring) runWork(t *task.Task) {
	t.RunCalls()
	for {
		r.mu.Lock()
		r.flush()
		if len(r.work) == 0 {
			r.work = nil
			r.mem.And(sqFlags, ^uint32(sqTaskrun))
			r.mu.Unlock()
			return
		}
		q := r.work[0]
		r.work = r.work[1:]
		r.mu.Unlock()
		r.resume(t, q)
	}
}

func (r *Ring) hasWork() bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return len(r.work) > 0
}

// count is how many completions there are to be taken.
func (r *Ring) count() uint32 {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.flush()
	return r.ready()
}

// errnoOf is a call's error as a completion has it: nobody can make it again, so an interruption is EINTR.
func errnoOf(err error) int32 {
	switch e := err.(unix.Errno); e {
	case abi.ERESTARTSYS, abi.ERESTARTNOINTR, abi.ERESTARTNOHAND, abi.ERESTART_RESTARTBLOCK:
		return -int32(unix.EINTR)
	default:
		return -int32(e)
	}
}
