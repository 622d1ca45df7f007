// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

var secretFS = vfs.NewPseudoFS("secretmem", 0x5345434d)

// secret is a file of memfd_secret(2): one of the host's, so that the host
// keeps its memory from everybody but those who map it. It can't be read or
// written otherwise, by the kernel process neither.
type secret struct {
	*vfs.AnonInode
	fd   int
	refs atomic.Int32 // open files
}

// NewSecret is a file of memfd_secret(2): ENOSYS on a host that has none.
func NewSecret(c *cred.Creds) (*vfs.File, error) {
	fd, err := unix.MemfdSecret(unix.O_CLOEXEC)
	if err != nil {
		return nil, err
	}
	s := &secret{AnonInode: secretFS.NewInode(unix.S_IFREG|0o600, c.FSUID, c.FSGID), fd: fd}
	s.refs.Store(1)
	return vfs.NewAnonFileInode("/secretmem (deleted)", &secretFile{secret: s}, s, unix.O_RDWR|largeFile), nil
}

// Attr implements vfs.Inode.
func (s *secret) Attr(ctx vfs.Ctx) (vfs.Attr, error) {
	a, err := s.AnonInode.Attr(ctx)
	if err != nil {
		return a, err
	}
	var st unix.Stat_t
	if err := unix.Fstat(s.fd, &st); err != nil {
		return a, err
	}
	a.Size = st.Size
	return a, nil
}

// SetAttr implements vfs.Inode. The size can be set once.
func (s *secret) SetAttr(ctx vfs.Ctx, a *vfs.SetAttr) error {
	rest := *a
	if a.Valid&vfs.AttrSize != 0 {
		if err := unix.Ftruncate(s.fd, a.Size); err != nil {
			return err
		}
		if rest.Valid &^= vfs.AttrSize; rest.Valid == 0 {
			return nil
		}
	}
	return s.AnonInode.SetAttr(ctx, &rest)
}

// Open implements vfs.Inode: through /proc/self/fd.
func (s *secret) Open(vfs.Ctx, uint32) (vfs.FileOps, error) {
	s.refs.Add(1)
	return &secretFile{secret: s}, nil
}

// secretFile is an open file of it.
type secretFile struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	secret *secret
}

// SecretMemory tells mmap(2) what it has before it.
func (*secretFile) SecretMemory() {}

// Mappable implements vfs.FileOps.
func (f *secretFile) Mappable(vfs.Ctx, *vfs.File, uint32, uint32) (int, error) {
	return f.secret.fd, nil
}

// Release implements vfs.FileOps.
func (f *secretFile) Release(*vfs.File) {
	if f.secret.refs.Add(-1) == 0 {
		unix.Close(f.secret.fd)
	}
}
