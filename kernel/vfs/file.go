// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"math"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// File is an open file description (struct file): what descriptors, duplicated
// and inherited, share. It ends when its last reference goes.
type File struct {
	Ops     FileOps
	Inode   Inode       // nil only in unit tests
	Created bool        // this open made the file (F_CREATED_QUERY)
	Creds   *cred.Creds // of who opened it by a path; nil for other files
	Path    Path        // where it was opened; anonymous files have a dentry without a parent

	flags atomic.Uint32 // open(2) flags less O_CREAT, O_EXCL, O_NOCTTY, O_TRUNC, O_CLOEXEC
	refs  atomic.Int32

	posMu sync.Mutex // f_pos_lock
	pos   int64

	writers atomic.Int32 // what f adds to its inode's count in writeCounts

	owner atomic.Pointer[Owner] // F_SETOWN

	releasers atomic.Pointer[releasers]
	counted   bool   // in its dentry's opens; never changes once the file is in use
	unheard   bool   // what is done with it tells nobody (FMODE_NONOTIFY); as counted
	asks      bool   // somebody may have a say in reads of it; as counted
	lacks     Rights // what its opener's restriction keeps it from; as counted

	closer atomic.Pointer[Ctx] // who closes it, if somebody wants to know
}

// Owner is who gets SIGIO and SIGURG (F_SETOWN, F_SETOWN_EX, F_SETSIG).
type Owner struct {
	Type  int32 // F_OWNER_TID, F_OWNER_PID, F_OWNER_PGRP
	ID    int32
	Signo int32
	// UID and EUID are those of who set the owner: they decide whom the
	// signal may reach (F_GETOWNER_UIDS).
	UID, EUID uint32
	Domain    cred.Domain // what restricts them; nil where the owner is their own process
	// Urgent sends it SIGURG; nil as long as nobody was named.
	Urgent func()
}

// NewFile is an open file with one reference.
func NewFile(ops FileOps, inode Inode, path Path, flags uint32) *File {
	f := &File{Ops: ops, Inode: inode, Path: path}
	f.flags.Store(flags &^ (unix.O_CREAT | unix.O_EXCL | unix.O_NOCTTY | unix.O_TRUNC | unix.O_CLOEXEC))
	f.refs.Store(1)
	path.hold()
	return f
}

// Flags are the status flags and the access mode, as F_GETFL gives them.
func (f *File) Flags() uint32 { return f.flags.Load() }

// SetFlags replaces the status flags named in mask (F_SETFL, FIONBIO).
func (f *File) SetFlags(mask, flags uint32) {
	for {
		old := f.flags.Load()
		if f.flags.CompareAndSwap(old, old&^mask|flags&mask) {
			return
		}
	}
}

// NonBlock tells whether O_NONBLOCK is set.
func (f *File) NonBlock() bool { return f.Flags()&unix.O_NONBLOCK != 0 }

// Readable and Writable tell whether the access mode allows it.
func (f *File) Readable() bool {
	fl := f.Flags()
	return fl&unix.O_PATH == 0 && fl&unix.O_ACCMODE != unix.O_WRONLY && fl&unix.O_ACCMODE != unix.O_ACCMODE
}

// Writable: see Readable.
func (f *File) Writable() bool {
	fl := f.Flags()
	return fl&unix.O_PATH == 0 && (fl&unix.O_ACCMODE == unix.O_WRONLY || fl&unix.O_ACCMODE == unix.O_RDWR)
}

// IsPath tells whether the file was opened with O_PATH.
func (f *File) IsPath() bool { return f.Flags()&unix.O_PATH != 0 }

// IncRef takes another reference; the caller holds one.
func (f *File) IncRef() *File {
	f.refs.Add(1)
	return f
}

// Refs is how many references there are, for who looks for files that only files refer to.
func (f *File) Refs() int { return int(f.refs.Load()) }

// TryIncRef takes a reference unless the last one is gone.
func (f *File) TryIncRef() bool {
	for {
		n := f.refs.Load()
		if n == 0 {
			return false
		}
		if f.refs.CompareAndSwap(n, n+1) {
			return true
		}
	}
}

// DecRef drops a reference; the last one releases the file.
func (f *File) DecRef() {
	switch n := f.refs.Add(-1); {
	case n == 0:
		f.notifyClosed()
		unlockAll(f, f)
		f.releaseLease()
		f.tellReleasers()
		f.Ops.Release(f)
		f.uncount()
		f.notifyReleased()
		f.Path.release()
	case n < 0:
		panic("vfs: file reference dropped twice")
	}
}

// Read is read(2): EBADF if f is not open for reading.
func (f *File) Read(ctx Ctx, dst *user.Buf) (int, error) {
	if !f.Readable() {
		return 0, unix.EBADF
	}
	if !f.Ops.Seekable() {
		return f.read(ctx, dst, nil)
	}
	if err := f.askRead(ctx); err != nil { // not while others wait for the position
		return 0, err
	}
	f.posMu.Lock()
	defer f.posMu.Unlock()
	if passesEnd(f.pos, dst) {
		return 0, unix.EINVAL
	}
	return f.read(ctx, dst, &f.pos)
}

func (f *File) read(ctx Ctx, dst *user.Buf, pos *int64) (int, error) {
	n, err := f.Ops.Read(ctx, f, dst, pos)
	f.notifyIO(ctx, n, unix.IN_ACCESS)
	return n, err
}

func (f *File) write(ctx Ctx, src *user.Buf, pos *int64) (int, error) {
	var was int64
	if pos != nil {
		was = *pos
	}
	n, err := f.Ops.Write(ctx, f, src, pos)
	if err != nil && pos != nil { // not to the end where O_APPEND would have written
		*pos = was
	}
	f.notifyIO(ctx, n, unix.IN_MODIFY)
	return n, err
}

// Write is write(2): EBADF if f is not open for writing.
func (f *File) Write(ctx Ctx, src *user.Buf) (int, error) {
	if !f.Writable() {
		return 0, unix.EBADF
	}
	if !f.Ops.Seekable() {
		return f.write(ctx, src, nil)
	}
	f.posMu.Lock()
	defer f.posMu.Unlock()
	if passesEnd(f.pos, src) {
		return 0, unix.EINVAL
	}
	return f.write(ctx, src, &f.pos)
}

// HasPositions tells whether pread64(2) and its kin may name a position (FMODE_PREAD): a regular file has them even if
// lseek(2) has nothing to do there.
func (f *File) HasPositions() bool { return f.Ops.Seekable() || isUntold(f.Inode) }

// Pread is pread64(2).
func (f *File) Pread(ctx Ctx, dst *user.Buf, pos int64) (int, error) {
	switch {
	case pos < 0:
		return 0, unix.EINVAL
	case !f.HasPositions():
		return 0, unix.ESPIPE
	case !f.Readable():
		return 0, unix.EBADF
	case passesEnd(pos, dst):
		return 0, unix.EINVAL
	}
	if err := f.askRead(ctx); err != nil {
		return 0, err
	}
	return f.read(ctx, dst, &pos)
}

// Pwrite is pwrite64(2).
func (f *File) Pwrite(ctx Ctx, src *user.Buf, pos int64) (int, error) {
	switch {
	case pos < 0:
		return 0, unix.EINVAL
	case !f.HasPositions():
		return 0, unix.ESPIPE
	case !f.Writable():
		return 0, unix.EBADF
	case passesEnd(pos, src):
		return 0, unix.EINVAL
	}
	return f.write(ctx, src, &pos)
}

// NoopSeeker is a file without a position on which lseek(2) answers 0 and does
// nothing (noop_llseek), as on most of the anonymous ones.
type NoopSeeker interface{ NoopSeek() }

// OwnMmap is a file that is asked itself whether it can be mapped (f_op->mmap), when what a mapping at a fixed place
// replaces is gone already. Embed it.
type OwnMmap struct{}

// RefusesLate tells of it.
func (OwnMmap) RefusesLate() {}

// NoSpliceRead is a file without an operation to splice from it (f_op->splice_read): EINVAL. Embed it.
type NoSpliceRead struct{}

// CanSplice implements Splicer.
func (NoSpliceRead) CanSplice() bool { return false }

// Splicer is a file that may have no operation to splice from it.
type Splicer interface{ CanSplice() bool }

// CanSplice tells whether data can be spliced from f.
func (f *File) CanSplice() bool {
	s, ok := f.Ops.(Splicer)
	return f.Inode.Mode()&unix.S_IFMT != unix.S_IFDIR && (!ok || s.CanSplice())
}

// PlainReads is a file that is read by the operation of old, which knows of no flags (read, not read_iter): it can't be
// spliced from, either. Embed it.
type PlainReads struct{ NoSpliceRead }

// PlainRead is asked by ReadsPlainly.
func (PlainReads) PlainRead() bool { return true }

// PlainWrites is one that is written so. Embed it.
type PlainWrites struct{}

// PlainWrite is asked by WritesPlainly.
func (PlainWrites) PlainWrite() bool { return true }

// ReadsPlainly tells whether no flag can go with a read.
func (f *File) ReadsPlainly() bool {
	p, ok := f.Ops.(interface{ PlainRead() bool })
	return f.Inode.Mode()&unix.S_IFMT == unix.S_IFDIR || ok && p.PlainRead()
}

// WritesPlainly tells whether no flag can go with a write.
func (f *File) WritesPlainly() bool {
	p, ok := f.Ops.(interface{ PlainWrite() bool })
	return f.Inode.Mode()&unix.S_IFMT == unix.S_IFDIR || ok && p.PlainWrite()
}

// NoReads is a file without an operation to read, of which even nothing can't be read: EINVAL. Embed it.
type NoReads struct{}

func (NoReads) noReads() {}

// NoWrites is a file without an operation to write.
type NoWrites struct{}

func (NoWrites) noWrites() {}

// MayRead is what a call that reads wants of the file: EBADF, EINVAL.
func (f *File) MayRead() error {
	if !f.Readable() {
		return unix.EBADF
	}
	if _, not := f.Ops.(interface{ noReads() }); not {
		return unix.EINVAL
	}
	return nil
}

// MayWrite is MayRead for a call that writes.
func (f *File) MayWrite() error {
	if !f.Writable() {
		return unix.EBADF
	}
	if _, not := f.Ops.(interface{ noWrites() }); not {
		return unix.EINVAL
	}
	return nil
}

// passesEnd tells whether a transfer goes past the last position that there
// is (rw_verify_area).
func passesEnd(pos int64, buf *user.Buf) bool { return pos > math.MaxInt64-int64(buf.Len()) }

// Once makes one call on f as if its status flags in mask were flags: call
// gets a file that is like f but for that (RWF_* of preadv2(2)), and shares
// its position.
func (f *File) Once(mask, flags uint32, call func(*File) (int, error)) (int, error) {
	g := &File{Ops: f.Ops, Inode: f.Inode, Path: f.Path, unheard: f.unheard, asks: f.asks}
	g.flags.Store(f.Flags()&^mask | flags&mask)
	g.refs.Store(1)
	if !f.Ops.Seekable() {
		return call(g)
	}
	f.posMu.Lock()
	defer f.posMu.Unlock()
	g.pos = f.pos
	n, err := call(g)
	f.pos = g.pos
	return n, err
}

// Seek is lseek(2).
func (f *File) Seek(ctx Ctx, off int64, whence int) (int64, error) {
	if f.IsPath() {
		return 0, unix.EBADF
	}
	if !f.Ops.Seekable() {
		if _, ok := f.Ops.(NoopSeeker); ok {
			return 0, nil
		}
		return 0, unix.ESPIPE
	}
	f.posMu.Lock()
	defer f.posMu.Unlock()
	pos, err := f.Ops.Seek(ctx, f, off, whence, f.pos)
	if err != nil {
		return 0, err
	}
	f.pos = pos
	return pos, nil
}

// Pos is the position now, as /proc/PID/fdinfo shows it.
func (f *File) Pos() int64 {
	f.posMu.Lock()
	defer f.posMu.Unlock()
	return f.pos
}

// IsOwnPos tells whether pos, as FileOps got it, is the file's own position,
// and not the offset of a pread64(2) or pwrite64(2).
func (f *File) IsOwnPos(pos *int64) bool { return pos == &f.pos }

// Iterate is the walk of getdents64(2).
func (f *File) Iterate(ctx Ctx, emit func(DirEntry) bool) error {
	if err := f.askRead(ctx); err != nil {
		return err
	}
	f.posMu.Lock()
	defer f.posMu.Unlock()
	if d := f.Path.Dentry; d != nil && d.IsDir() && d.IsUnlinked() {
		return unix.ENOENT
	}
	err := f.Ops.Iterate(ctx, f, &f.pos, emit)
	if err == nil {
		f.notifyIO(ctx, 1, unix.IN_ACCESS)
	}
	return err
}

// Owner is what SetOwner was given last; the zero Owner if nothing.
func (f *File) Owner() Owner {
	if o := f.owner.Load(); o != nil {
		return *o
	}
	return Owner{}
}

// Owned are the operations of a file that need to know that it has an owner.
type Owned interface {
	OwnerSet() // is called before there is one, and at each change
}

// SetOwner records who gets SIGIO and SIGURG.
func (f *File) SetOwner(o Owner) {
	if ops, ok := f.Ops.(Owned); ok {
		ops.OwnerSet()
	}
	f.owner.Store(&o)
}

// Bounded are the operations of a file whose file system has a limit of its own for sizes (s_maxbytes).
type Bounded interface {
	Beyond(pos int64) bool // no file can reach as far
}

// PlainSeek is lseek(2) in a file of some size (generic_file_llseek).
func PlainSeek(off int64, whence int, cur, size int64) (int64, error) {
	switch whence {
	case unix.SEEK_SET:
	case unix.SEEK_CUR:
		off += cur
	case unix.SEEK_END:
		off += size
	case unix.SEEK_DATA:
		if off < 0 || off >= size {
			return 0, unix.ENXIO
		}
	case unix.SEEK_HOLE:
		if off < 0 || off >= size {
			return 0, unix.ENXIO
		}
		return size, nil
	default:
		return 0, unix.EINVAL
	}
	if off < 0 {
		return 0, unix.EINVAL
	}
	return off, nil
}
