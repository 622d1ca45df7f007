// SPDX-License-Identifier: Apache-2.0

// Package poll waits for one of several files to become ready: what poll(2)
// and select(2) are made of.
package poll

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Item is one file that is waited for.
type Item struct {
	File  *vfs.File // nil: ignored
	Want  wait.Mask // Err and Hup are always wanted, unless Exact
	Exact bool
	Got   wait.Mask // which of them hold

	queue *wait.Queue
	entry wait.Entry
}

// Personal is a file whose state depends on who looks: a signalfd, and an epoll
// that may watch one. Who is nil is nobody in particular.
type Personal interface {
	PollBy(s wait.Sleeper) wait.Mask
	QueueFor(s wait.Sleeper) *wait.Queue
}

// By is what s finds f ready for.
func By(f *vfs.File, s wait.Sleeper) wait.Mask {
	if p, ok := f.Ops.(Personal); ok {
		return p.PollBy(s)
	}
	return f.Ops.Poll(f)
}

// QueueFor is the queue that tells s of changes of f; nil if f has none.
func QueueFor(f *vfs.File, s wait.Sleeper) *wait.Queue {
	if p, ok := f.Ops.(Personal); ok {
		return p.QueueFor(s)
	}
	return f.Ops.Queue(f)
}

func (i *Item) look(s wait.Sleeper) bool {
	if i.File == nil {
		return false
	}
	want := i.Want
	if !i.Exact {
		want |= wait.Err | wait.Hup
	}
	i.Got = By(i.File, s) & want
	return i.Got != 0
}

// Wait looks at all items and sleeps until one is ready. It returns how many
// are: 0 when the deadline passed (the zero time: there is none), or
// abi.ERESTARTSYS when a signal came. With sleep false it only looks, and at
// whether a signal waits.
func Wait(s wait.Sleeper, items []Item, deadline time.Time, sleep bool) (int, error) {
	n := count(s, items)
	if n > 0 {
		return n, nil
	}
	if !sleep {
		return 0, pending(s)
	}
	defer leave(items)
	outside := enter(s, items)
	for {
		if n := count(s, items); n > 0 {
			return n, nil
		}
		outside.Expect()
		switch err := s.Sleep(deadline); err {
		case nil:
		case unix.ETIMEDOUT:
			return count(s, items), nil
		default:
			return count(s, items), err
		}
	}
}

// pending is abi.ERESTARTSYS if a signal waits: it ends even a look that takes
// no time, if that found nothing.
func pending(s wait.Sleeper) error {
	for {
		switch err := s.Sleep(time.Unix(0, 0)); err {
		case nil: // a wake-up of before
		case unix.ETIMEDOUT:
			return nil
		default:
			return err
		}
	}
}

func count(s wait.Sleeper, items []Item) int {
	n := 0
	for i := range items {
		if items[i].look(s) {
			n++
		}
	}
	return n
}

// enter has s told of changes. It returns what hears of those from outside, if some may come from there.
func enter(s wait.Sleeper, items []Item) (outside *wait.Source) {
	for i := range items {
		it := &items[i]
		if it.File == nil {
			continue
		}
		if it.queue = QueueFor(it.File, s); it.queue != nil {
			it.entry = wait.Entry{W: s, Mask: it.Want}
			it.queue.Add(&it.entry)
			if source := it.queue.Source(); source != nil {
				outside = source
			}
		}
	}
	return outside
}

func leave(items []Item) {
	for i := range items {
		if q := items[i].queue; q != nil {
			q.Remove(&items[i].entry)
		}
	}
}
