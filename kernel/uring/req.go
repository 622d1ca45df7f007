// SPDX-License-Identifier: Apache-2.0

// This file is a request, and how it runs.

package uring

import (
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/poll"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Flags of a request (IOSQE_*).
const (
	FixedFile      = 1
	drain          = 2
	link           = 4
	hardlink       = 8
	async          = 16
	BufferSelect   = 32
	SkipSuccess    = 64
	knownFlags     = 127
	linkFlags      = link | hardlink
	opcodeOfNobody = 0
)

// SQE is struct io_uring_sqe, as far as it is known.
type SQE struct {
	Op, Flags             uint8
	IOPrio                uint16
	FD                    int32
	Off, Addr             uint64
	Len, OpFlags          uint32
	UserData              uint64
	BufIndex, Personality uint16
	FileIndex             uint32 // splice_fd_in
	Addr3, Pad            uint64
}

// Op is one operation.
type Op struct {
	NeedsFile bool
	IOPrio    bool // sqe.ioprio has a meaning
	Buffers   bool // IOSQE_BUFFER_SELECT has one
	// Wait is what to wait for when Issue would block; 0: it never says so.
	Wait wait.Mask
	// Prep checks a request; what it refuses is told before anything is done.
	Prep func(r *Req) error
	// Issue does it, without waiting where that can be: EAGAIN then. An error is the completion's result.
	Issue func(t *task.Task, r *Req) (Result, error)
}

// Ops are the operations by their numbers; nil: there is none.
type Ops [64]*Op

// Result is what became of an operation.
type Result struct {
	N     int64
	Flags uint32 // IORING_CQE_F_*
	Short bool   // less than was asked for: what is linked behind it does not run
	More  bool   // it goes on, and completes again
	Later bool   // it completes by itself
}

// States of a request, guarded by Ring.mu.
const (
	idle    = iota // linked behind another, or drained, or about to be started
	running        // somebody has it: its task runs it, or it is being ended
	armed          // waits for its file
	queued         // is to be run by its task
	timed          // waits for its time
	done
)

// Req is one request (struct io_kiocb).
type Req struct {
	SQE
	Ring *Ring
	File *vfs.File // if the operation needs one, once it runs
	Data any       // what Prep keeps for Issue
	// NoWait says that the request must not wait for its file: MSG_DONTWAIT, RWF_NOWAIT. O_NONBLOCK alone does not say so.
	NoWait bool
	// Behind is the request that it is linked behind, if there is one.
	Behind *Req
	task   *task.Task
	mm     *mm.MM
	creds  personality
	op     *Op

	next   *Req  // linked behind it
	failed error // what was wrong with it, or a link of its chain, when it was submitted

	want    wait.Mask
	queue   *wait.Queue
	entry   wait.Entry
	pending atomic.Bool // woken, and not looked at yet

	// Ring.mu guards these.
	state int
	again bool // woken while it ran
	timeout
}

// Task is who submitted the request.
func (q *Req) Task() *task.Task { return q.task }

// runner looks at requests whose files announced something.
var runner wait.Runner

// mustEnd tells whether an error is the result, and nothing to wait for.
func (q *Req) mustEnd(err error) bool {
	return err != unix.EAGAIN || q.op.Wait == 0 || q.File == nil || q.NoWait
}

func (q *Req) isPoll() bool { return q.Op == OpPollAdd }

// Operations that the ring itself knows of.
const (
	OpPollAdd     = 6
	OpTimeout     = 11
	OpLinkTimeout = 15
)

// claim takes a request out of one of some states, for the caller to run or to end.
func (q *Req) claim(states ...int) bool {
	q.Ring.mu.Lock()
	defer q.Ring.mu.Unlock()
	if !slices.Contains(states, q.state) {
		return false
	}
	q.state, q.again = running, false
	return true
}

// run runs a request that was claimed, and what is linked behind it, as far as it goes without waiting.
func (r *Ring) run(t *task.Task, q *Req) {
	for q != nil {
		if q = r.runOne(t, q); q != nil && !q.claim(idle) {
			return
		}
	}
}

func (r *Ring) runOne(t *task.Task, q *Req) *Req {
	err := q.failed
	switch {
	case err != nil:
	case t.Exiting():
		err = unix.ECANCELED
	default:
		err = q.takeFile(t)
	}
	if err != nil {
		return r.finish(q, errnoOf(err), 0, true)
	}
	for {
		res, err := q.issue(t)
		switch {
		case err == nil && res.Later:
			return nil
		case err == nil && res.More:
			r.post(cqe{userData: q.UserData, res: int32(res.N), flags: res.Flags | CQEMore}, false)
		case err == nil:
			return r.finish(q, int32(res.N), res.Flags, res.Short)
		case q.mustEnd(err):
			return r.finish(q, errnoOf(err), res.Flags, true)
		}
		if (res.More && !q.isPoll()) || !q.arm(res.More) {
			continue // there may be more to be done at once
		}
		r.limit(q)
		return nil
	}
}

// issue makes the call with the request's credentials.
func (q *Req) issue(t *task.Task) (Result, error) {
	if q.creds == nil {
		return q.op.Issue(t, q)
	}
	old := t.Creds()
	t.SetCreds(q.creds)
	defer t.SetCreds(old)
	return q.op.Issue(t, q)
}

// takeFile looks the file up when the request runs first: a request linked before it may have opened it.
func (q *Req) takeFile(t *task.Task) (err error) {
	if !q.op.NeedsFile || q.File != nil {
		return nil
	}
	if q.Flags&FixedFile != 0 {
		q.File, err = q.Ring.FixedFile(uint32(q.FD))
	} else {
		q.File, err = t.Files().Get(vfs.FD(q.FD))
	}
	return err
}

// arm has the request wait for its file. False: what it waits for is there already, and it runs on. Of one that was told
// of what is there (told) only news count.
func (q *Req) arm(told bool) bool {
	r := q.Ring
	first := q.queue == nil
	if first {
		q.watch()
	}
	r.mu.Lock()
	closed := r.closed
	if q.state = armed; told && q.again {
		q.state, q.again = running, false
	}
	ran := q.state == running
	r.mu.Unlock()
	switch {
	case closed:
		r.end(q)
		return true
	case ran:
		return false
	case told && !first || q.look() == 0:
		return true
	}
	return !q.claim(armed) // unless somebody else was faster
}

// watch puts the request on its file's queue.
func (q *Req) watch() {
	q.queue = poll.QueueFor(q.File, q.task)
	if q.want == 0 {
		q.want = q.op.Wait | wait.Err | wait.Hup
	}
	if q.queue == nil {
		q.queue = new(wait.Queue) // nothing will ever be announced
	}
	q.entry = wait.Entry{Func: q.wake, Mask: q.want}
	q.queue.Add(&q.entry)
}

// Look is which events hold of those that a request waits for.
func (q *Req) Look(want wait.Mask) wait.Mask {
	q.want = want | wait.Err | wait.Hup
	if q.queue == nil {
		q.watch()
	}
	return q.look()
}

func (q *Req) look() wait.Mask {
	return poll.By(q.File, q.task) & q.want
}

// wake runs under the lock of the file's queue.
func (q *Req) wake(wait.Mask) {
	if q.pending.CompareAndSwap(false, true) {
		runner.Do(q.woken)
	}
}

// woken has the request's task run it again, if what it waits for is there.
func (q *Req) woken() {
	q.pending.Store(false)
	f := q.awaited()
	if f == nil {
		return
	}
	got := q.look()
	f.DecRef()
	if got == 0 {
		return
	}
	r := q.Ring
	r.mu.Lock()
	if q.state != armed {
		r.mu.Unlock()
		return
	}
	q.state = queued
	r.mu.Unlock()
	r.dispatch(q)
}

// awaited is the file that a request waits for, with a reference.
func (q *Req) awaited() *vfs.File {
	r := q.Ring
	r.mu.Lock()
	defer r.mu.Unlock()
	q.again = q.state == running
	if q.state != armed || !q.File.TryIncRef() {
		return nil
	}
	return q.File
}

// dispatch has a request that is queued run by its task.
func (r *Ring) dispatch(q *Req) {
	if r.flags&SetupDeferTaskrun != 0 {
		r.mu.Lock()
		if !r.closed {
			r.work = append(r.work, q)
			if r.flags&SetupTaskrunFlag != 0 {
				r.mem.Or(sqFlags, sqTaskrun)
			}
		}
		r.mu.Unlock()
		r.queue.Notify(wait.Readable)
		return
	}
	if !q.task.Call(func() { r.resume(q.task, q) }) && q.claim(queued) && r.enter() {
		defer r.leave()
		r.later(r.finish(q, -int32(unix.ECANCELED), 0, true)) // its task is gone
	}
}

// later has a request run that nobody runs yet; nil is none.
func (r *Ring) later(q *Req) {
	if q == nil {
		return
	}
	r.mu.Lock()
	ok := q.state == idle
	if ok {
		q.state = queued
	}
	r.mu.Unlock()
	if ok {
		r.dispatch(q)
	}
}

// resume goes on with a request that was queued.
func (r *Ring) resume(t *task.Task, q *Req) {
	if !r.enter() {
		return
	}
	defer r.leave()
	if q.claim(queued) {
		r.run(t, q)
	}
}

// finish completes a request that was claimed. It returns the next of its chain, which is to run.
func (r *Ring) finish(q *Req, res int32, flags uint32, failed bool) *Req {
	r.complete(q, res, flags, q.Flags&SkipSuccess != 0 && !failed)
	next := r.afterwards(q, failed)
	r.undrain()
	return next
}

// complete ends a request, and what is linked behind it is another matter.
func (r *Ring) complete(q *Req, res int32, flags uint32, quiet bool) {
	r.mu.Lock()
	q.state = done
	if i := slices.Index(r.active, q); i >= 0 {
		r.active = slices.Delete(r.active, i, i+1)
	}
	if q.Flags&drain != 0 {
		r.draining = false
	}
	timer := q.timer
	r.mu.Unlock()
	if q.queue != nil {
		q.queue.Remove(&q.entry)
	}
	if timer != nil {
		timer.Stop()
	}
	if q.File != nil {
		q.File.DecRef()
	}
	if !quiet {
		r.post(cqe{userData: q.UserData, res: res, flags: flags}, q.Flags&async != 0)
	}
}

// afterwards is what is linked behind a request that ended (io_disarm_next): its timeout ends with it, and after a failure nothing
// else runs, unless the link is a hard one.
func (r *Ring) afterwards(q *Req, failed bool) *Req {
	next := q.next
	if next != nil && next.Op == OpLinkTimeout && next.failed == nil {
		limit := next
		next = limit.next
		if limit.claim(idle, timed) {
			r.complete(limit, -int32(unix.ECANCELED), 0, false)
		}
	}
	if !failed || q.Flags&hardlink != 0 {
		return next
	}
	for ; next != nil; next = next.next {
		res := -int32(unix.ECANCELED)
		if next.failed != nil {
			res = errnoOf(next.failed)
		}
		if next.claim(idle) {
			r.complete(next, res, 0, q.Flags&SkipSuccess != 0)
		}
	}
	return nil
}

// Cancel has a request that waits, or is to be run, end with ECANCELED, when its task comes to it. False: it is running, or was not started.
func (r *Ring) Cancel(q *Req) bool {
	how := r.doom(q)
	if how == armed {
		r.dispatch(q)
	}
	return how != running
}

// doom makes a request fail when it runs next. It tells whether it waited (armed: it is for the caller to dispatch), is to be
// run anyway (queued), or neither.
func (r *Ring) doom(q *Req) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	switch q.state {
	case armed, timed:
		q.state, q.failed = queued, unix.ECANCELED
		return armed
	case queued:
		q.failed = unix.ECANCELED
		return queued
	}
	return running
}

// end ends a request at once: its ring, or its task, is gone.
func (r *Ring) end(q *Req) {
	if q.claim(armed, queued, timed) {
		r.later(r.finish(q, -int32(unix.ECANCELED), 0, true))
	}
}

// cancelAll ends all requests that match, those among them that wait for others to end.
func (r *Ring) cancelAll(match func(*Req) bool) {
	r.mu.Lock()
	drained := slices.Clone(r.drained)
	r.drained = slices.DeleteFunc(r.drained, match)
	r.mu.Unlock()
	for _, q := range drained {
		if match(q) && q.claim(idle) {
			r.finish(q, -int32(unix.ECANCELED), 0, true)
		}
	}
	for _, q := range r.Active() {
		if match(q) {
			r.end(q)
		}
	}
}

// Active is the requests that were started and have not ended, the oldest first.
func (r *Ring) Active() []*Req {
	r.mu.Lock()
	defer r.mu.Unlock()
	return slices.DeleteFunc(slices.Clone(r.active), func(q *Req) bool { return q.state == idle })
}
