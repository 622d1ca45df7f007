// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestMemfdKeepsDataAndSeals(t *testing.T) {
	ctx := vfstest.Root()
	f, err := NewMemfd(cred.Root(), "x", unix.MFD_ALLOW_SEALING)
	assert.NilError(t, err)
	defer f.DecRef()
	b := user.KernelBuf([]byte("hello"))
	n, err := f.Write(ctx, &b)
	assert.NilError(t, err)
	assert.Equal(t, n, 5)
	p := make([]byte, 10)
	b = user.KernelBuf(p)
	n, err = f.Pread(ctx, &b, 1)
	assert.NilError(t, err)
	assert.Equal(t, string(p[:n]), "ello")
	assert.NilError(t, f.Inode.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 3}))
	a, err := f.Inode.Attr(ctx)
	assert.NilError(t, err)
	assert.Equal(t, a.Size, int64(3))
	m := f.Ops.(*memfdFile)
	assert.NilError(t, m.AddSeals(f, unix.F_SEAL_SHRINK|unix.F_SEAL_WRITE))
	seals, err := m.Seals()
	assert.NilError(t, err)
	assert.Equal(t, seals, uint32(unix.F_SEAL_SHRINK|unix.F_SEAL_WRITE))
	b = user.KernelBuf([]byte("x"))
	_, err = f.Write(ctx, &b)
	assert.Equal(t, err, error(unix.EPERM))
	err = f.Inode.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrSize, Size: 1})
	assert.Equal(t, err, error(unix.EPERM))
}

func TestMemfdWithoutSealingIsSealed(t *testing.T) {
	f, err := NewMemfd(cred.Root(), "x", 0)
	assert.NilError(t, err)
	defer f.DecRef()
	seals, err := f.Ops.(*memfdFile).Seals()
	assert.NilError(t, err)
	assert.Equal(t, seals, uint32(unix.F_SEAL_SEAL))
}
