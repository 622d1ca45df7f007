// SPDX-License-Identifier: Apache-2.0

// This file finds sockets that nobody can reach any more, because only messages that wait in such sockets carry them (unix_gc).

package unixsock

import (
	"sync"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// flightTable counts how often each socket's file is in a message that waits.
type flightTable struct {
	mu    sync.Mutex
	count map[*vfs.File]int
	moves int  // how often files went into queues or out of them
	busy  bool // somebody collects
}

var flight = flightTable{count: map[*vfs.File]int{}}

// start counts files that are about to wait in a queue.
func (t *flightTable) start(files []*vfs.File) { t.add(files, 1) }

// land counts files that were taken out of one. It is called before their references go over to anybody.
func (t *flightTable) land(files []*vfs.File) { t.add(files, -1) }

func (t *flightTable) add(files []*vfs.File, n int) {
	if len(files) == 0 {
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	t.moves++
	for _, f := range files {
		if _, ok := f.Ops.(*Socket); !ok {
			continue
		}
		if t.count[f] += n; t.count[f] == 0 {
			delete(t.count, f)
		}
	}
}

// collect empties the queues of sockets that only each other's messages refer to, which closes them. What it samples may change
// meanwhile, but not of those: nobody has them. A file that is on its way into or out of a queue has a reference that no
// queue accounts for.
func (t *flightTable) collect() {
	t.mu.Lock()
	if len(t.count) == 0 || t.busy {
		t.mu.Unlock()
		return
	}
	t.busy = true
	moves := t.moves
	outside := map[*vfs.File]int{} // references that no message of a candidate holds
	for f, n := range t.count {
		if f.Refs() == n {
			outside[f] = n
		}
	}
	t.mu.Unlock()
	carried := map[*vfs.File][]*vfs.File{}
	for f := range outside {
		carried[f] = f.Ops.(*Socket).carries()
	}
	for _, files := range carried {
		for _, c := range files {
			if _, ok := outside[c]; ok {
				outside[c]--
			}
		}
	}
	for f, n := range outside {
		if n > 0 {
			revive(f, outside, carried)
		}
	}
	t.mu.Lock()
	if t.moves != moves { // what was sampled may be wrong: the next close looks again
		clear(outside)
	}
	t.mu.Unlock()
	// All queues are empty before the first socket is closed by what it was in: none is closed with something unread.
	var messages []*message
	for f := range outside {
		messages = append(messages, f.Ops.(*Socket).takeAll()...)
	}
	for _, m := range messages {
		m.drop()
	}
	t.mu.Lock()
	t.busy = false
	t.mu.Unlock()
}

// revive takes a socket that can be reached out of the candidates, and what its messages carry.
func revive(f *vfs.File, candidates map[*vfs.File]int, carried map[*vfs.File][]*vfs.File) {
	if _, ok := candidates[f]; !ok {
		return
	}
	delete(candidates, f)
	for _, c := range carried[f] {
		revive(c, candidates, carried)
	}
}

// carries are the files in the socket's queue, and in those of connections that wait to be accepted.
func (s *Socket) carries() []*vfs.File {
	s.mu.Lock()
	var files []*vfs.File
	for _, m := range s.messages {
		files = append(files, m.files...)
	}
	pending := s.pending
	s.mu.Unlock()
	for _, c := range pending {
		files = append(files, c.carries()...)
	}
	return files
}

// takeAll empties the socket, and those that wait in it to be accepted, of what waits to be read.
func (s *Socket) takeAll() []*message {
	s.mu.Lock()
	messages, pending := s.messages, s.pending
	s.messages, s.oob, s.queued = nil, nil, 0
	s.mu.Unlock()
	for _, c := range pending {
		messages = append(messages, c.takeAll()...)
	}
	return messages
}
