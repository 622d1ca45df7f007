// SPDX-License-Identifier: Apache-2.0

// This file is about events that come from outside, from the host, and that cost something to hear of: nobody listens
// for them unless somebody expects them.

package wait

import "sync/atomic"

// Listener hears of events from outside, and notifies the queues that they are for.
type Listener interface {
	// Listen has Heard called once there is something. It is called again only after that.
	Listen()
	// Take notifies of what has happened up to now, if Heard did not yet. Any goroutine.
	Take()
}

// Source is where the events of queues come from (Queue.From) when that is outside. Its listener listens while somebody
// waits on those queues and is not about to run: a server that is busy takes what happened when it asks for it, and
// nobody is woken for each event.
//
// Why none is missed: who waits is counted before it looks whether the listener listens, and has it listen if not. Heard
// notes that it does not any more before it notifies. So either the one sees that, or the other sees somebody counted, and
// listens again; unless it woke somebody, who does the same as it leaves the queue or goes on waiting (Expect).
type Source struct {
	listener  Listener
	expecting atomic.Int32  // entries that want to be told at once
	woken     atomic.Uint32 // counts sleepers among them that were told
	listens   atomic.Bool
}

// NewSource is a source that l listens to.
func NewSource(l Listener) *Source { return &Source{listener: l} }

// Take is Listener.Take. A nil source has nothing.
func (s *Source) Take() {
	if s != nil {
		s.listener.Take()
	}
}

// Expect has the listener listen if anybody waits: for who goes on to wait after it was woken. A nil source does nothing.
func (s *Source) Expect() {
	if s != nil && s.expecting.Load() > 0 && !s.listens.Load() && !s.listens.Swap(true) {
		s.listener.Listen()
	}
}

// Heard is for the listener: something has happened.
func (s *Source) Heard() {
	s.listens.Store(false)
	before := s.woken.Load()
	s.listener.Take()
	if s.woken.Load() == before {
		s.Expect()
	}
}

// From says that s has events of the queue. It may be called more than once, with the same source.
func (q *Queue) From(s *Source) {
	if s == nil || q.source.Load() == s {
		return
	}
	q.mu.Lock()
	q.init()
	q.source.Store(s)
	for e := q.head.next; e != &q.head; e = e.next {
		q.expect(e)
	}
	q.mu.Unlock()
	s.Expect()
}

// Source is what From was given; nil if nothing.
func (q *Queue) Source() *Source { return q.source.Load() }

// expect counts an entry, or has the queue that it hands on to count its own. With q.mu.
func (q *Queue) expect(e *Entry) {
	s := q.source.Load()
	switch {
	case s == nil:
	case e.To != nil:
		e.To.From(s)
	case !e.expects:
		e.expects = true
		s.expecting.Add(1)
	}
}

// forget is the end of an entry. With q.mu.
func (q *Queue) forget(e *Entry) {
	if e.expects {
		e.expects = false
		q.source.Load().expecting.Add(-1)
	}
}
