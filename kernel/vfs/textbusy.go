// SPDX-License-Identifier: Apache-2.0

// This file keeps files that run from being written, and files that are open
// for writing from being run: ETXTBSY (i_writecount).

package vfs

import (
	"sync"

	"golang.org/x/sys/unix"
)

// writeCounts has how many open files may write each regular file, or, as a
// negative number, how many keep others from that. Its lock is a leaf.
var writeCounts = struct {
	sync.Mutex
	of map[Inode]int
}{of: map[Inode]int{}}

// countWriter is get_write_access (step 1) and deny_write_access (step -1):
// ETXTBSY if someone does the other.
func countWriter(inode Inode, step int) error {
	writeCounts.Lock()
	defer writeCounts.Unlock()
	n := writeCounts.of[inode]
	if n*step < 0 {
		return unix.ETXTBSY
	}
	writeCounts.of[inode] = n + step
	return nil
}

func uncountWriter(inode Inode, step int) {
	writeCounts.Lock()
	defer writeCounts.Unlock()
	if n := writeCounts.of[inode] - step; n != 0 {
		writeCounts.of[inode] = n
	} else {
		delete(writeCounts.of, inode)
	}
}

// DenyWrite keeps the file from being written for as long as f is open, or
// until AllowWrite: ETXTBSY if it is open for writing. It is called once, by
// who opened f, before others see it.
func (f *File) DenyWrite() error {
	err := countWriter(f.Inode, -1)
	if err == nil {
		f.writers.Store(-1)
	}
	return err
}

// AllowWrite undoes DenyWrite.
func (f *File) AllowWrite() { f.uncount() }

// uncount gives up what f counts for.
func (f *File) uncount() {
	step := f.writers.Swap(0)
	if step != 0 {
		uncountWriter(f.Inode, int(step))
	}
	if step > 0 && f.Path.Mount != nil {
		f.Path.Mount.writers.Add(-1)
		f.Path.Mount.super.writers.Add(-1)
	}
}

// countWriter notes what f adds to its inode's count, and in its mount, which
// can't become read-only as long as it writes.
func (f *File) countWriter(step int) {
	f.writers.Store(int32(step))
	if step > 0 && f.Path.Mount != nil {
		f.Path.Mount.writers.Add(1)
		f.Path.Mount.super.writers.Add(1)
	}
}

// notRunning is ETXTBSY for a file that runs.
func notRunning(inode Inode) error {
	err := countWriter(inode, 1)
	if err == nil {
		uncountWriter(inode, 1)
	}
	return err
}

// IsWritten tells whether someone has the file open for writing.
func IsWritten(inode Inode) bool {
	writeCounts.Lock()
	defer writeCounts.Unlock()
	return writeCounts.of[inode] > 0
}
