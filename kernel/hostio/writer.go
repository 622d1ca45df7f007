// SPDX-License-Identifier: Apache-2.0

package hostio

import "golang.org/x/sys/unix"

// Writer writes to one file, and takes an account now and then only, for one costs several times as much as a
// small write: while it writes on from where it ended, a page that it comes to counts as the ones before did. It
// is for one goroutine at a time.
type Writer struct {
	next    int64 // where the last write ended
	perPage int64 // blocks that a page counts
	left    int64 // pages, or writes within one, until the next account
}

const (
	pageSize     = 4096
	pageBlocks   = pageSize / 512
	accountEvery = 64
)

// Pwrite is pwrite64(2) for who has a priority, with the blocks that the host read and wrote for it.
func (w *Writer) Pwrite(prio uint16, fd int, p []byte, off int64) (n int, in, out int64, err error) {
	follows := off == w.next && w.left > 0
	if follows && prio == 0 {
		n, err = unix.Pwrite(fd, p, off)
		fresh := pagesFrom(off, n, true)
		w.left -= max(fresh, 1)
		w.next = off + int64(max(n, 0))
		return n, 0, fresh * w.perPage, err
	}
	in, out = As(prio, func() { n, err = unix.Pwrite(fd, p, off) })
	if fresh := pagesFrom(off, n, off == w.next && off > 0); fresh > 0 {
		w.perPage = 0
		if out >= fresh*pageBlocks {
			w.perPage = pageBlocks
		}
	}
	w.next, w.left = off+int64(max(n, 0)), accountEvery
	return n, in, out, err
}

// pagesFrom is how many pages n bytes at off touch; with fresh those that they do not share with the byte before.
func pagesFrom(off int64, n int, fresh bool) int64 {
	if n <= 0 {
		return 0
	}
	first, last := off/pageSize, (off+int64(n)-1)/pageSize
	if fresh && off%pageSize != 0 {
		first++
	}
	return last - first + 1
}
