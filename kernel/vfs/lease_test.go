// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/tmpfs"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestLeaseIsBrokenByWhoWrites(t *testing.T) {
	ctx := vfstest.Root()
	ns := vfs.NewNamespace(tmpfs.New(tmpfs.Options{Mode: 0o755}), 0)
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	openFile(t, ctx, at, "/f", unix.O_CREAT).DecRef()
	f := openFile(t, ctx, at, "/f", unix.O_RDONLY)
	told := 0
	assert.NilError(t, f.SetLease(ctx, unix.F_RDLCK, func() { told++ }))
	assert.Equal(t, f.Lease(), unix.F_RDLCK)
	openFile(t, ctx, at, "/f", unix.O_RDONLY).DecRef()
	assert.Equal(t, told, 0)
	for range 2 {
		_, err := vfs.Open(ctx, at, "/f", vfs.OpenHow{Flags: unix.O_WRONLY | unix.O_NONBLOCK})
		assert.Equal(t, err, error(unix.EWOULDBLOCK))
	}
	assert.Equal(t, told, 1, "told once")
	assert.Equal(t, f.Lease(), unix.F_UNLCK, "what it must become")
	assert.NilError(t, f.SetLease(ctx, unix.F_UNLCK, nil))
	assert.Equal(t, f.SetLease(ctx, unix.F_UNLCK, nil), error(unix.EAGAIN))
	w := openFile(t, ctx, at, "/f", unix.O_WRONLY)
	assert.Equal(t, f.SetLease(ctx, unix.F_RDLCK, nil), error(unix.EAGAIN))
	f.DecRef()
	assert.NilError(t, w.SetLease(ctx, unix.F_WRLCK, func() { told++ }))
	_, err := vfs.Open(ctx, at, "/f", vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_NONBLOCK})
	assert.Equal(t, err, error(unix.EWOULDBLOCK))
	assert.Equal(t, w.Lease(), unix.F_RDLCK)
	w.DecRef()
	openFile(t, ctx, at, "/f", unix.O_WRONLY).DecRef()
}
