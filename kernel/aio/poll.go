// SPDX-License-Identifier: Apache-2.0

// This file is IOCB_CMD_POLL: the one request that is under way after it was submitted.

package aio

import (
	"slices"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/poll"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Poll waits for one of some events of a file.
type Poll struct {
	x     *Context
	req   Request
	by    wait.Sleeper // who submitted it, for files that depend on who looks
	file  *vfs.File
	want  wait.Mask
	queue *wait.Queue
	entry wait.Entry

	fired atomic.Uint32 // what was announced since the last look

	done bool // Context.mu
}

// StartPoll starts to wait on a file, of which it takes a reference of its own, unless an event holds now. EINVAL if none holds
// and the file does not tell of changes, or on more than one queue (multi).
func (x *Context) StartPoll(by wait.Sleeper, req Request, f *vfs.File, want wait.Mask, multi bool) error {
	want |= wait.Err | wait.Hup
	p := &Poll{x: x, req: req, by: by, file: f, want: want}
	p.queue = poll.QueueFor(f, by)
	if p.queue == nil || multi {
		got := p.look() & want
		if got == 0 {
			return unix.EINVAL
		}
		x.Complete(&req, int64(got))
		return nil
	}
	p.file.IncRef()
	x.mu.Lock()
	x.active = append(x.active, p)
	x.mu.Unlock()
	p.entry = wait.Entry{Func: p.wake, Mask: want}
	p.queue.Add(&p.entry)
	if got := p.look() & want; got != 0 || x.Dead() {
		p.finish(got)
	}
	return nil
}

func (p *Poll) look() wait.Mask { return poll.By(p.file, p.by) }

// finish ends the wait with an event, unless it has ended already.
func (p *Poll) finish(got wait.Mask) bool {
	x := p.x
	x.mu.Lock()
	if p.done {
		x.mu.Unlock()
		return false
	}
	p.done = true
	if i := slices.Index(x.active, p); i >= 0 {
		x.active = slices.Delete(x.active, i, i+1)
	}
	x.mu.Unlock()
	p.queue.Remove(&p.entry)
	x.Complete(&p.req, int64(got))
	p.file.DecRef()
	return true
}

// CancelPoll is io_cancel(2): it ends the first request of an iocb that is under way. EINVAL if there is none.
func (x *Context) CancelPoll(obj uint64) error {
	x.mu.Lock()
	i := slices.IndexFunc(x.active, func(p *Poll) bool { return p.req.Obj == obj })
	var p *Poll
	if i >= 0 {
		p = x.active[i]
	}
	x.mu.Unlock()
	if p == nil || !p.finish(0) {
		return unix.EINVAL
	}
	return unix.EINPROGRESS // the event tells
}

// woken looks at the waits whose files announced something. A file can't be asked right then, under its locks.
var woken wait.Runner

// wake runs under the lock of the file's queue.
func (p *Poll) wake(events wait.Mask) {
	if p.fired.Or(uint32(events)) == 0 {
		woken.Do(p.lookAgain)
	}
}

func (p *Poll) lookAgain() {
	fired := wait.Mask(p.fired.Swap(0))
	if !p.file.TryIncRef() {
		return // it has ended
	}
	defer p.file.DecRef()
	if got := p.answer(fired); got != 0 {
		p.finish(got)
	}
}

// answer is what a wake-up says. Linux tells the events as they were announced, even if they are over by now, and those
// that were announced with the wanted; who announced everything did not say which.
func (p *Poll) answer(fired wait.Mask) wait.Mask {
	now := p.look()
	if fired == wait.All {
		return now & p.want
	}
	if fired&p.want == 0 {
		return 0
	}
	got := fired & (now | p.want)
	if got&wait.In != 0 && p.file.Inode.Mode()&unix.S_IFMT == unix.S_IFSOCK {
		got |= wait.Pri | wait.RdBand // sock_def_readable announces these as well
	}
	return got
}
