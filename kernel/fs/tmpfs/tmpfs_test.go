// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestSizeLimitHoldsAndMemoryComesBack(t *testing.T) {
	fs, ctx := New(Options{Size: 8 * pageSize}), vfstest.Root()
	root := vfs.NewNamespace(fs, 0).Root()
	at := vfs.At{Root: root, Dir: root}
	f, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDWR | unix.O_CREAT, Mode: 0o600})
	assert.NilError(t, err)
	before, err := fs.Statfs(ctx)
	assert.NilError(t, err)
	buf := user.KernelBuf(make([]byte, 10*pageSize))
	n, err := f.Write(ctx, &buf)
	assert.NilError(t, err)
	assert.Equal(t, n, 8*pageSize)
	buf = user.KernelBuf([]byte("more"))
	_, err = f.Write(ctx, &buf)
	assert.Equal(t, err, error(unix.ENOSPC))
	assert.NilError(t, vfs.Unlink(ctx, at, "f"))
	full, err := fs.Statfs(ctx)
	assert.NilError(t, err)
	assert.Equal(t, full.Bfree, uint64(0), "an open file keeps its memory")
	f.DecRef()
	after, err := fs.Statfs(ctx)
	assert.NilError(t, err)
	assert.Equal(t, after.Bfree, before.Bfree)
	assert.Equal(t, after.Ffree, before.Ffree+1)
}

func TestMappedFileIsReadThroughItsMemory(t *testing.T) {
	fs, ctx := New(Options{}), vfstest.Root()
	root := vfs.NewNamespace(fs, 0).Root()
	f, err := vfs.Open(ctx, vfs.At{Root: root, Dir: root}, "f", vfs.OpenHow{Flags: unix.O_RDWR | unix.O_CREAT, Mode: 0o600})
	assert.NilError(t, err)
	defer f.DecRef()
	buf := user.KernelBuf([]byte("before"))
	_, err = f.Write(ctx, &buf)
	assert.NilError(t, err)
	fd, err := f.Ops.Mappable(ctx, f, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	assert.NilError(t, err)
	m, err := unix.Mmap(fd, 0, pageSize, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	assert.NilError(t, err)
	defer func() { assert.NilError(t, unix.Munmap(m)) }()
	assert.Equal(t, string(m[:6]), "before")
	copy(m, "mapped")
	p := make([]byte, 10)
	buf = user.KernelBuf(p)
	n, err := f.Pread(ctx, &buf, 0)
	assert.NilError(t, err)
	assert.Equal(t, string(p[:n]), "mapped")
	buf = user.KernelBuf([]byte("W"))
	_, err = f.Pwrite(ctx, &buf, 0)
	assert.NilError(t, err)
	assert.Equal(t, string(m[:6]), "Wapped")
}
