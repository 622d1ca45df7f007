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

func (i *Item) look() bool {
	if i.File == nil {
		return false
	}
	want := i.Want
	if !i.Exact {
		want |= wait.Err | wait.Hup
	}
	i.Got = i.File.Ops.Poll(i.File) & want
	return i.Got != 0
}

// Wait looks at all items and sleeps until one is ready. It returns how many
// are: 0 when the deadline passed (the zero time: there is none), or
// abi.ERESTARTSYS when a signal came. With sleep false it only looks.
func Wait(s wait.Sleeper, items []Item, deadline time.Time, sleep bool) (int, error) {
	n := count(items)
	if n > 0 || !sleep {
		return n, nil
	}
	defer leave(items)
	enter(s, items)
	for {
		if n := count(items); n > 0 {
			return n, nil
		}
		switch err := s.Sleep(deadline); err {
		case nil:
		case unix.ETIMEDOUT:
			return count(items), nil
		default:
			return count(items), err
		}
	}
}

func count(items []Item) int {
	n := 0
	for i := range items {
		if items[i].look() {
			n++
		}
	}
	return n
}

func enter(s wait.Sleeper, items []Item) {
	for i := range items {
		it := &items[i]
		if it.File == nil {
			continue
		}
		if it.queue = it.File.Ops.Queue(it.File); it.queue != nil {
			it.entry = wait.Entry{W: s, Mask: it.Want}
			it.queue.Add(&it.entry)
		}
	}
}

func leave(items []Item) {
	for i := range items {
		if q := items[i].queue; q != nil {
			q.Remove(&items[i].entry)
		}
	}
}
