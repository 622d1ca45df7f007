// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"runtime"
	"sync"

	"golang.org/x/sys/unix"
)

const (
	pageSize = 4096
	// A file that reaches beyond this moves to a memfd: big data does not
	// belong into the heap.
	maxPaged = 4 << 20
)

type page = [pageSize]byte

// data is the content of a regular file: pages of the heap first, then, once
// it is large or mapped, a memfd. Safe for concurrent use.
type data struct {
	fs *FS

	mu    sync.RWMutex
	size  int64
	pages []*page // nil ones are holes
	count int64   // of pages that are not nil, or of the memfd
	mem   *memfd  // nil: in pages

	mapped bool          // mem may have been mapped, and be written behind our back
	own    unix.Timespec // then the mtime of mem as the file system's own changes left it
}

// memfd is a descriptor that is closed with its file, or when nothing leads to it any more: files that still have a name
// when their file system goes are the collector's.
type memfd struct {
	fd      int
	cleanup runtime.Cleanup
}

// close gives the descriptor back. Nobody may use it any more.
func (m *memfd) close() {
	m.cleanup.Stop()
	unix.Close(m.fd)
}

func newMemfd(size int64) (*memfd, error) {
	fd, err := unix.MemfdCreate("tmpfs", unix.MFD_CLOEXEC)
	if err != nil {
		return nil, err
	}
	if err := unix.Ftruncate(fd, size); err != nil {
		unix.Close(fd)
		return nil, err
	}
	m := &memfd{fd: fd}
	m.cleanup = runtime.AddCleanup(m, func(fd int) { unix.Close(fd) }, fd)
	return m, nil
}

// Size is the length of the file.
func (d *data) Size() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return d.size
}

// blocks is how much memory the file takes, in 512-byte blocks.
func (d *data) blocks() int64 {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.mem != nil {
		return d.mem.pages() * 8
	}
	return d.count * 8
}

// storedTo tells whether somebody has written to a mapping since it was asked last, or since the file system's own last change,
// and when: the host notes it at the fault.
func (d *data) storedTo() (at unix.Timespec, stored bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	was := d.own
	d.noteOwn()
	return d.own, d.own != was
}

// noteOwn takes the mtime of mem for that of a change of the file system's own. mu is held.
func (d *data) noteOwn() {
	var st unix.Stat_t
	if d.mapped && unix.Fstat(d.mem.fd, &st) == nil {
		d.own = st.Mtim
	}
}

// pagesIn counts the pages first to last that are there; ok is false if only
// the host can tell.
func (d *data) pagesIn(first, last uint64) (n uint64, ok bool) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if d.mem != nil {
		return 0, false
	}
	for i, pg := range d.pages {
		if pg != nil && uint64(i) >= first && uint64(i) <= last {
			n++
		}
	}
	return n, true
}

func (m *memfd) pages() int64 {
	var st unix.Stat_t
	if unix.Fstat(m.fd, &st) != nil {
		return 0
	}
	return st.Blocks / 8
}

// readAt fills p from off, up to the end of the file.
func (d *data) readAt(p []byte, off int64) (int, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if off >= d.size {
		return 0, nil
	}
	p = p[:min(int64(len(p)), d.size-off)]
	if d.mem != nil {
		return preadFull(d.mem.fd, p, off)
	}
	for done := 0; done < len(p); {
		at := off + int64(done)
		done += d.readPage(p[done:], at)
	}
	return len(p), nil
}

// readPage copies from the page that off is in.
func (d *data) readPage(p []byte, off int64) int {
	start := int(off % pageSize)
	p = p[:min(len(p), pageSize-start)]
	if i := off / pageSize; i < int64(len(d.pages)) && d.pages[i] != nil {
		return copy(p, d.pages[i][start:])
	}
	clear(p)
	return len(p)
}

func preadFull(fd int, p []byte, off int64) (int, error) {
	done := 0
	for done < len(p) {
		n, err := unix.Pread(fd, p[done:], off+int64(done))
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			return done, err
		}
		if n == 0 {
			break
		}
		done += n
	}
	return done, nil
}

// writeAt puts p at off. It writes all of it, or as much as there is room for.
func (d *data) writeAt(p []byte, off int64) (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mem == nil && off+int64(len(p)) > maxPaged {
		if err := d.toMemfd(); err != nil {
			return 0, err
		}
	}
	n, err := d.put(p, off)
	if n > 0 && off+int64(n) > d.size {
		d.size = off + int64(n)
	}
	return n, err
}

// fault is what is left of a write that found nothing to read for off: the page has been made, and the file reaches as far
// (shmem_write_begin and shmem_write_end).
func (d *data) fault(off int64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mem == nil && off >= maxPaged && d.toMemfd() != nil {
		return
	}
	if d.mem != nil {
		_ = d.allocateMem(unix.FALLOC_FL_KEEP_SIZE, off/pageSize*pageSize, pageSize)
		if off > d.size && unix.Ftruncate(d.mem.fd, off) == nil {
			d.size = off
		}
		return
	}
	if _, err := d.page(off / pageSize); err == nil {
		d.size = max(d.size, off)
	}
}

func (d *data) put(p []byte, off int64) (int, error) {
	if d.mem != nil {
		return d.putMem(p, off)
	}
	for done := 0; done < len(p); {
		pg, err := d.page((off + int64(done)) / pageSize)
		if err != nil {
			return done, err
		}
		done += copy(pg[(off+int64(done))%pageSize:], p[done:])
	}
	return len(p), nil
}

func (d *data) putMem(p []byte, off int64) (int, error) {
	if err := d.fs.room((int64(len(p)) + pageSize - 1) / pageSize); err != nil {
		return 0, err
	}
	done := 0
	for done < len(p) {
		n, err := unix.Pwrite(d.mem.fd, p[done:], off+int64(done))
		if err != nil && err != unix.EINTR {
			return done, err
		}
		done += max(n, 0)
	}
	d.noteOwn()
	d.recount()
	return done, nil
}

// page is page i, made if it is a hole.
func (d *data) page(i int64) (*page, error) {
	for int64(len(d.pages)) <= i {
		d.pages = append(d.pages, nil)
	}
	if d.pages[i] == nil {
		if err := d.fs.room(1); err != nil {
			return nil, err
		}
		d.pages[i] = new(page)
		d.account(1)
	}
	return d.pages[i], nil
}

func (d *data) account(pages int64) {
	d.count += pages
	d.fs.used.Add(pages)
}

// recount brings the account up to date with the memfd, if there is a limit
// to keep.
func (d *data) recount() {
	if d.mem != nil && d.fs.limit.Load() > 0 {
		d.account(d.mem.pages() - d.count)
	}
}

// toMemfd moves the data to a memfd.
func (d *data) toMemfd() error {
	if d.mem != nil {
		return nil
	}
	m, err := newMemfd(d.size)
	if err != nil {
		return unix.ENOSPC
	}
	for i, pg := range d.pages {
		if pg == nil {
			continue
		}
		if _, err := unix.Pwrite(m.fd, pg[:], int64(i)*pageSize); err != nil {
			m.close()
			return unix.ENOSPC
		}
	}
	if err := unix.Ftruncate(m.fd, d.size); err != nil {
		m.close()
		return err
	}
	d.mem, d.pages = m, nil
	d.recount()
	return nil
}

// mappable is the memfd's descriptor; the data moves there if need be.
func (d *data) mappable() (int, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if err := d.toMemfd(); err != nil {
		return -1, err
	}
	if !d.mapped {
		d.mapped = true
		d.noteOwn()
	}
	return d.mem.fd, nil
}

// truncate makes the file size bytes long.
func (d *data) truncate(size int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mem != nil {
		if err := unix.Ftruncate(d.mem.fd, size); err != nil {
			return err
		}
		d.size = size
		d.noteOwn()
		d.recount()
		return nil
	}
	if size < d.size {
		d.drop(size, int64(len(d.pages))*pageSize-size)
		if keep := (size + pageSize - 1) / pageSize; keep < int64(len(d.pages)) {
			d.pages = d.pages[:keep]
		}
	}
	d.size = size
	return nil
}

// drop makes [off, off+n) read as zeros, and gives up the pages inside it.
func (d *data) drop(off, n int64) {
	for end := off + n; off < end; {
		i, start := off/pageSize, off%pageSize
		stop := min(pageSize, start+end-off)
		if i >= int64(len(d.pages)) {
			return
		}
		switch pg := d.pages[i]; {
		case pg == nil:
		case start == 0 && stop == pageSize:
			d.pages[i] = nil
			d.account(-1)
		default:
			clear(pg[start:stop])
		}
		off += stop - start
	}
}

// free gives up all the memory: the file has no name and no user.
func (d *data) free() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.account(-d.count)
	if d.mem != nil {
		d.mem.close()
	}
	d.pages, d.mem, d.size, d.mapped = nil, nil, 0, false
}

// allocate is fallocate(2), with the modes that memory has. What is allocated
// but not written reads as a hole (SEEK_DATA), which a memfd knows how to do.
func (d *data) allocate(mode uint32, off, n int64) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.mem == nil && mode&unix.FALLOC_FL_PUNCH_HOLE != 0 {
		d.drop(off, n)
		return nil
	}
	if err := d.toMemfd(); err != nil {
		return err
	}
	return d.allocateMem(mode, off, n)
}

func (d *data) allocateMem(mode uint32, off, n int64) error {
	if mode&unix.FALLOC_FL_PUNCH_HOLE == 0 {
		if err := d.fs.room((n + pageSize - 1) / pageSize); err != nil {
			return err
		}
	}
	if err := unix.Fallocate(d.mem.fd, mode, off, n); err != nil {
		return err
	}
	if mode&unix.FALLOC_FL_KEEP_SIZE == 0 {
		d.size = max(d.size, off+n)
	}
	d.noteOwn()
	d.recount()
	return nil
}

// seek is SEEK_DATA and SEEK_HOLE.
func (d *data) seek(off int64, whence int) (int64, error) {
	d.mu.RLock()
	defer d.mu.RUnlock()
	if off < 0 || off >= d.size {
		return 0, unix.ENXIO
	}
	if d.mem != nil {
		return unix.Seek(d.mem.fd, off, whence)
	}
	i := off / pageSize
	for ; i < int64(len(d.pages)) && i*pageSize < d.size; i++ {
		if has := d.pages[i] != nil; has == (whence == unix.SEEK_DATA) {
			return max(off, i*pageSize), nil
		}
	}
	if whence == unix.SEEK_DATA {
		return 0, unix.ENXIO
	}
	return min(max(off, i*pageSize), d.size), nil // beyond the pages, however far, all is a hole
}
