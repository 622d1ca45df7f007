// SPDX-License-Identifier: Apache-2.0

package socket

import (
	"maps"
	"slices"
	"sync"
	"sync/atomic"
)

// Set is the sockets of a family that there are, for /proc/net. The zero Set is empty.
type Set[S comparable] struct {
	mu   sync.Mutex
	all  map[S]uint64
	last uint64
}

// Add puts a socket in.
func (s *Set[S]) Add(x S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.all == nil {
		s.all = map[S]uint64{}
	}
	s.last++
	s.all[x] = s.last
}

// Remove takes it out.
func (s *Set[S]) Remove(x S) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.all, x)
}

// List has all of them, the oldest first.
func (s *Set[S]) List() []S {
	s.mu.Lock()
	all := maps.Clone(s.all)
	s.mu.Unlock()
	return slices.SortedFunc(maps.Keys(all), func(a, b S) int { return int(all[a]) - int(all[b]) })
}

// Ino is the number of a socket's inode; 0 as long as it has no file.
type Ino struct{ n atomic.Uint64 }

// Number is the number.
func (i *Ino) Number() uint64 { return i.n.Load() }
