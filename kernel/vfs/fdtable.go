// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"math/bits"
	"sync"

	"golang.org/x/sys/unix"
)

// FD is a file descriptor number as the application has it.
type FD int32

// AtFDCWD stands for the current directory (AT_FDCWD).
const AtFDCWD FD = unix.AT_FDCWD

// FDTable is the descriptors of one or more tasks (struct files_struct). Safe
// for concurrent use.
type FDTable struct {
	mu   sync.RWMutex
	fds  []fdSlot
	used []uint64 // bit n: fds[n] is taken or reserved
	refs int      // tasks that share it
}

type fdSlot struct {
	file    *File
	cloexec bool
}

// NewFDTable is an empty table with one user.
func NewFDTable() *FDTable { return &FDTable{refs: 1} }

// Get returns the file at fd with a reference of its own: EBADF. Files opened
// with O_PATH answer EBADF too; see GetPath.
func (t *FDTable) Get(fd FD) (*File, error) {
	f, err := t.GetPath(fd)
	if err == nil && f.IsPath() {
		f.DecRef()
		return nil, unix.EBADF
	}
	return f, err
}

// GetPath is Get for calls that also take O_PATH descriptors.
func (t *FDTable) GetPath(fd FD) (*File, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if uint32(fd) >= uint32(len(t.fds)) || t.fds[fd].file == nil {
		return nil, unix.EBADF
	}
	return t.fds[fd].file.IncRef(), nil
}

// Install puts f (taking over the caller's reference) at the lowest free descriptor that is at
// least from: EMFILE at limit (RLIMIT_NOFILE), and then the reference stays with the caller.
func (t *FDTable) Install(f *File, from FD, cloexec bool, limit uint64) (FD, error) {
	if from < 0 {
		return -1, unix.EINVAL
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	fd := t.lowestFree(int(from))
	if uint64(fd) >= limit {
		return -1, unix.EMFILE
	}
	t.put(fd, f, cloexec)
	return FD(fd), nil
}

// Reserve takes the lowest free descriptor, which is no file's until Fill: EMFILE at limit.
func (t *FDTable) Reserve(limit uint64) (FD, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fd := t.lowestFree(0)
	if uint64(fd) >= limit {
		return -1, unix.EMFILE
	}
	t.put(fd, nil, false)
	return FD(fd), nil
}

// Fill gives a reserved descriptor its file, taking over the caller's reference; or gives it up, if there is none.
func (t *FDTable) Fill(fd FD, f *File, cloexec bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.put(int(fd), f, cloexec); f == nil {
		t.used[fd/64] &^= 1 << (fd % 64)
	}
}

// HasRoom tells whether Install would find a descriptor below limit now.
func (t *FDTable) HasRoom(limit uint64) bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return uint64(t.lowestFree(0)) < limit
}

func (t *FDTable) lowestFree(from int) int {
	for w := from / 64; w < len(t.used); w++ {
		free := ^t.used[w]
		if w == from/64 {
			free &= ^uint64(0) << (from % 64)
		}
		if free != 0 {
			return w*64 + bits.TrailingZeros64(free)
		}
	}
	return max(from, len(t.used)*64)
}

func (t *FDTable) put(fd int, f *File, cloexec bool) {
	for len(t.fds) <= fd {
		t.fds = append(t.fds, make([]fdSlot, 64)...)
		t.used = append(t.used, 0)
	}
	t.fds[fd] = fdSlot{f, cloexec}
	t.used[fd/64] |= 1 << (fd % 64)
}

// Replace puts f (with its reference) at fd, whatever is there, which is
// returned with its reference for the caller to flush and drop (nil: none).
// EBADF if fd is negative or not below limit, EBUSY if it is reserved.
func (t *FDTable) Replace(fd FD, f *File, cloexec bool, limit uint64) (*File, error) {
	if fd < 0 || uint64(fd) >= limit {
		return nil, unix.EBADF
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	var old *File
	if int(fd) < len(t.fds) {
		if old = t.fds[fd].file; old == nil && t.used[fd/64]>>(fd%64)&1 != 0 {
			return nil, unix.EBUSY
		}
	}
	t.put(int(fd), f, cloexec)
	return old, nil
}

// Remove takes fd out of the table and returns its file with the table's
// reference, for the caller to flush and drop: EBADF.
func (t *FDTable) Remove(fd FD) (*File, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.remove(fd)
}

func (t *FDTable) remove(fd FD) (*File, error) {
	if uint32(fd) >= uint32(len(t.fds)) || t.fds[fd].file == nil {
		return nil, unix.EBADF
	}
	f := t.fds[fd].file
	t.fds[fd] = fdSlot{}
	t.used[fd/64] &^= 1 << (fd % 64)
	return f, nil
}

// CloseOnExec is FD_CLOEXEC of fd: EBADF.
func (t *FDTable) CloseOnExec(fd FD) (bool, error) {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if uint32(fd) >= uint32(len(t.fds)) || t.fds[fd].file == nil {
		return false, unix.EBADF
	}
	return t.fds[fd].cloexec, nil
}

// SetCloseOnExec sets FD_CLOEXEC of fd: EBADF.
func (t *FDTable) SetCloseOnExec(fd FD, on bool) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if uint32(fd) >= uint32(len(t.fds)) || t.fds[fd].file == nil {
		return unix.EBADF
	}
	t.fds[fd].cloexec = on
	return nil
}

// Size is how many descriptors the table has room for, a power of two as in
// Linux: select(2) looks no further.
func (t *FDTable) Size() int {
	t.mu.RLock()
	defer t.mu.RUnlock()
	if len(t.fds) <= 64 {
		return 64
	}
	return max(256, 1<<bits.Len(uint(len(t.fds)-1)))
}

// List is the descriptors in use, lowest first.
func (t *FDTable) List() []FD {
	t.mu.RLock()
	defer t.mu.RUnlock()
	var l []FD
	for fd := range t.fds {
		if t.fds[fd].file != nil {
			l = append(l, FD(fd))
		}
	}
	return l
}

// Copy is a table of its own with the same files (fork, unshare).
func (t *FDTable) Copy() *FDTable {
	t.mu.RLock()
	defer t.mu.RUnlock()
	c := NewFDTable()
	for fd, s := range t.fds {
		if s.file != nil {
			c.put(fd, s.file.IncRef(), s.cloexec)
		}
	}
	return c
}

// Share counts another task as a user.
func (t *FDTable) Share() *FDTable {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.refs++
	return t
}

// Shared tells whether more than one task uses the table.
func (t *FDTable) Shared() bool {
	t.mu.RLock()
	defer t.mu.RUnlock()
	return t.refs > 1
}

// Drop counts a user less; the last one closes every file.
func (t *FDTable) Drop(ctx Ctx) {
	t.mu.Lock()
	t.refs--
	last := t.refs == 0
	t.mu.Unlock()
	if last {
		t.closeIf(ctx, func(fdSlot) bool { return true })
	}
}

// CloseExec closes what exec closes. The table must not be shared any more.
func (t *FDTable) CloseExec(ctx Ctx) {
	t.closeIf(ctx, func(s fdSlot) bool { return s.cloexec })
}

// closeIf takes the files out under the lock and releases them without it,
// since a release may block.
func (t *FDTable) closeIf(ctx Ctx, which func(fdSlot) bool) {
	t.closeIfFD(ctx, func(_ uint32, s fdSlot) bool { return which(s) })
}

func (t *FDTable) closeIfFD(ctx Ctx, which func(uint32, fdSlot) bool) {
	var files []*File
	t.mu.Lock()
	for fd, s := range t.fds {
		if s.file != nil && which(uint32(fd), s) {
			f, _ := t.remove(FD(fd))
			files = append(files, f)
		}
	}
	t.mu.Unlock()
	for _, f := range files {
		_ = t.Finish(ctx, f)
	}
}

// Finish is what close(2) does with a file that was taken out of the table:
// flush it, give up the locks of the table's processes, drop the reference.
func (t *FDTable) Finish(ctx Ctx, f *File) error {
	var err error
	if !f.IsPath() {
		err = f.Ops.Flush(ctx, f)
		unlockAll(f, t)
	}
	f.closedBy(ctx)
	f.DecRef()
	return err
}

// CloseRange closes the descriptors from first to last, or marks them to be
// closed by exec.
func (t *FDTable) CloseRange(ctx Ctx, first, last uint32, onExec bool) {
	if !onExec {
		t.closeIfFD(ctx, func(fd uint32, _ fdSlot) bool { return first <= fd && fd <= last })
		return
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	for fd := int64(first); fd <= int64(last) && fd < int64(len(t.fds)); fd++ {
		if t.fds[fd].file != nil {
			t.fds[fd].cloexec = true
		}
	}
}
