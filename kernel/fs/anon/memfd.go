// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

var memFS = vfs.NewPseudoFS("tmpfs", 0x01021994)

// memfd is a file in memory without a name (memfd_create(2)): a memfd of the
// host's. So the host keeps the seals, and knows of the mappings that decide
// which may be added.
type memfd struct {
	*vfs.AnonInode
	xattrs
	list acl.List // under xattrs.mu
	fd   int
	born vfs.Timestamp
	refs atomic.Int32 // open files
	numa mm.Policies

	flags atomic.Uint32 // FS_*_FL
}

// Policies are the memory policies of the file (mbind(2)).
func (m *memfd) Policies() *mm.Policies { return &m.numa }

const largeFile = 0x8000 // O_LARGEFILE, which x/sys/unix has as 0

// NewMemfd is a file of memfd_create(2); flags are checked but for what the
// host knows better.
func NewMemfd(c *cred.Creds, name string, flags uint32) (*vfs.File, error) {
	fd, err := unix.MemfdCreate(name, int(flags|unix.MFD_CLOEXEC))
	if err != nil {
		return nil, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		unix.Close(fd)
		return nil, err
	}
	m := &memfd{AnonInode: memFS.NewInode(st.Mode, c.FSUID, c.FSGID), fd: fd, born: vfs.Now()}
	m.refs.Store(1)
	return vfs.NewAnonFileInode("/memfd:"+name+" (deleted)", &memfdFile{memfd: m}, m, unix.O_RDWR|largeFile), nil
}

// Mode implements vfs.Inode.
func (m *memfd) Mode() uint32 { return m.AnonInode.Mode() }

// CanDirect implements vfs.Direct.
func (m *memfd) CanDirect() bool { return true }

// Attr implements vfs.Inode.
func (m *memfd) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := m.AnonInode.Attr(ctx)
	if err != nil {
		return a, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(m.fd, &st); err != nil {
		return a, err
	}
	a.Size, a.Blocks, a.Nlink = st.Size, st.Blocks, 0
	a.Btime, a.Attributes, a.Knows = m.born, uint64(m.flags.Load()&vfs.FlagAttributes), vfs.FlagAttributes
	return a, nil
}

// OpenCount implements vfs.OpenCounted.
func (m *memfd) OpenCount() *atomic.Int32 { return &m.refs }

// FileFlags implements vfs.Flagged.
func (m *memfd) FileFlags(vfs.Ctx) (uint32, error) { return m.flags.Load(), nil }

// SetFileFlags implements vfs.Flagged: those of tmpfs.
func (m *memfd) SetFileFlags(_ vfs.Ctx, fa *vfs.FileAttr) error {
	if fa.Extended() || fa.Flags&^(vfs.FlagImmutable|vfs.FlagAppend|vfs.FlagNoDump|vfs.FlagNoAtime) != 0 {
		return unix.EOPNOTSUPP
	}
	m.flags.Store(fa.Flags)
	return nil
}

// KeptFlags implements vfs.Flagged.
func (m *memfd) KeptFlags() uint32 { return m.flags.Load() & (vfs.FlagImmutable | vfs.FlagAppend) }

// SetAttr implements vfs.Inode: size and mode are the host's matter, for the
// seals.
func (m *memfd) SetAttr(ctx vfs.Ctx, s *vfs.SetAttr) error {
	if s.Valid&vfs.AttrSize != 0 {
		if err := unix.Ftruncate(m.fd, s.Size); err != nil {
			return err
		}
	}
	if s.Valid&vfs.AttrMode != 0 {
		if err := unix.Fchmod(m.fd, s.Mode&0o7777); err != nil {
			return err
		}
		m.chmod(s.Mode)
	}
	rest := *s
	if rest.Valid &^= vfs.AttrSize; rest.Valid == 0 {
		return nil
	}
	return m.AnonInode.SetAttr(ctx, &rest)
}

// Open implements vfs.Inode: through /proc/self/fd.
func (m *memfd) Open(vfs.Ctx, uint32) (vfs.FileOps, error) {
	m.refs.Add(1)
	return &memfdFile{memfd: m, opened: true}, nil
}

// memfdFile is an open file of a memfd.
type memfdFile struct {
	vfs.BaseFile
	memfd  *memfd
	opened bool // by its name below /proc, not by memfd_create(2)
}

// MayDirect is asked by vfs.File.MayDirect: memfd_create(2) opens nothing (shmem_file_open).
func (f *memfdFile) MayDirect() bool { return f.opened }

// Read implements vfs.FileOps.
func (f *memfdFile) Read(_ vfs.Ctx, _ *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	buf := vfs.GetBuffer(dst.Len())
	defer buf.Free()
	total := 0
	for dst.Len() > 0 {
		n, err := unix.Pread(f.memfd.fd, buf.B[:min(len(buf.B), dst.Len())], *pos)
		if err == nil && n > 0 {
			n, err = dst.CopyOut(buf.B[:n])
			*pos += int64(n)
			total += n
		}
		if err != nil || n == 0 {
			return some(total, err)
		}
	}
	return total, nil
}

// some is the result of a call that moved n bytes before err.
func some(n int, err error) (int, error) {
	if n > 0 {
		return n, nil
	}
	return 0, err
}

// Write implements vfs.FileOps.
func (f *memfdFile) Write(ctx vfs.Ctx, file *vfs.File, src *user.Buf, pos *int64) (int, error) {
	if file.Flags()&unix.O_APPEND != 0 {
		var st unix.Stat_t
		if err := unix.Fstat(f.memfd.fd, &st); err != nil {
			return 0, err
		}
		*pos = st.Size
	}
	left, err := vfs.LimitWrite(ctx, *pos, src.Len())
	if err != nil || left == 0 {
		return 0, err
	}
	buf := vfs.GetBuffer(left)
	defer buf.Free()
	total := 0
	for total < left {
		n, err := src.CopyIn(buf.B[:min(len(buf.B), left-total)])
		w := 0
		if n > 0 {
			var werr error
			if w, werr = unix.Pwrite(f.memfd.fd, buf.B[:n], *pos); werr != nil {
				return some(total, werr)
			}
			*pos += int64(w)
			total += w
		}
		if err != nil { // the host does to the file what it does when there is nothing to read
			_, _, _ = unix.Syscall6(unix.SYS_PWRITE64, uintptr(f.memfd.fd), 0, 1, uintptr(*pos), 0, 0)
		}
		if err != nil || w < n {
			return some(total, err)
		}
	}
	return total, nil
}

// Seekable implements vfs.FileOps.
func (*memfdFile) Seekable() bool { return true }

// Seek implements vfs.FileOps. The host's own position is never used, so it
// can be moved to look for data and holes.
func (f *memfdFile) Seek(ctx vfs.Ctx, _ *vfs.File, off int64, whence int, cur int64) (int64, error) {
	if whence == unix.SEEK_DATA || whence == unix.SEEK_HOLE {
		return unix.Seek(f.memfd.fd, off, whence)
	}
	a, err := f.memfd.Attr(ctx)
	if err != nil {
		return 0, err
	}
	return vfs.PlainSeek(off, whence, cur, a.Size)
}

// Poll implements vfs.FileOps.
func (*memfdFile) Poll(*vfs.File) wait.Mask { return wait.Readable | wait.Writable }

// Sync implements vfs.FileOps.
func (*memfdFile) Sync(vfs.Ctx, *vfs.File, bool) error { return nil }

// Allocate implements vfs.FileOps.
func (f *memfdFile) Allocate(_ vfs.Ctx, _ *vfs.File, mode uint32, off, length int64) error {
	return unix.Fallocate(f.memfd.fd, mode, off, length)
}

// Mappable implements vfs.FileOps.
func (f *memfdFile) Mappable(vfs.Ctx, *vfs.File, uint32, uint32) (int, error) {
	return f.memfd.fd, nil
}

// Seals is F_GET_SEALS.
func (f *memfdFile) Seals() (uint32, error) {
	n, err := unix.FcntlInt(uintptr(f.memfd.fd), unix.F_GET_SEALS, 0)
	return uint32(n), err
}

// AddSeals is F_ADD_SEALS.
func (f *memfdFile) AddSeals(_ *vfs.File, seals uint32) error {
	_, err := unix.FcntlInt(uintptr(f.memfd.fd), unix.F_ADD_SEALS, int(seals))
	return err
}

// Release implements vfs.FileOps.
func (f *memfdFile) Release(*vfs.File) {
	if f.memfd.refs.Add(-1) == 0 {
		unix.Close(f.memfd.fd)
	}
}
