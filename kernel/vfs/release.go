// SPDX-License-Identifier: Apache-2.0

package vfs

import "sync"

// Releaser is told when a file ends that it watches without a reference, as
// an epoll does.
type Releaser interface{ FileReleased(f *File) }

// releasers is who is to be told when a file ends.
type releasers struct {
	mu   sync.Mutex
	list map[Releaser]int
}

// NotifyRelease has r told when f ends. It counts: as many calls of
// ForgetRelease undo it. The caller holds a reference.
func (f *File) NotifyRelease(r Releaser) {
	l := f.releasers.Load()
	for l == nil {
		f.releasers.CompareAndSwap(nil, &releasers{list: map[Releaser]int{}})
		l = f.releasers.Load()
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list[r]++
}

// ForgetRelease undoes NotifyRelease.
func (f *File) ForgetRelease(r Releaser) {
	l := f.releasers.Load()
	if l == nil {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.list[r]--; l.list[r] == 0 {
		delete(l.list, r)
	}
}

// tellReleasers is for the last DecRef.
func (f *File) tellReleasers() {
	l := f.releasers.Load()
	if l == nil {
		return
	}
	l.mu.Lock()
	list := l.list
	l.list = map[Releaser]int{}
	l.mu.Unlock()
	for r := range list {
		r.FileReleased(f)
	}
}
