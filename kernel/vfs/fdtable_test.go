// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"sync"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// counted counts the releases of a file.
type counted struct {
	vfs.BaseFile
	mu       sync.Mutex
	released int
}

func (c *counted) Release(*vfs.File) {
	c.mu.Lock()
	c.released++
	c.mu.Unlock()
}

func TestLowestFreeDescriptorIsTaken(t *testing.T) {
	table, ops := vfs.NewFDTable(), &counted{}
	install := func(from vfs.FD, limit uint64) (vfs.FD, error) {
		f := vfs.NewAnonFile("x", ops, 0)
		fd, err := table.Install(f, from, false, limit)
		if err != nil {
			f.DecRef()
		}
		return fd, err
	}
	for want := range vfs.FD(130) {
		fd, err := install(0, 1024)
		assert.NilError(t, err)
		assert.Equal(t, fd, want)
	}
	for _, fd := range []vfs.FD{3, 64, 127} {
		f, err := table.Remove(fd)
		assert.NilError(t, err)
		f.DecRef()
	}
	for _, c := range []struct{ from, want vfs.FD }{{4, 64}, {0, 3}, {65, 127}, {0, 130}, {500, 500}, {0, 131}} {
		fd, err := install(c.from, 1024)
		assert.NilError(t, err)
		assert.Equal(t, fd, c.want)
	}
	_, err := install(0, 100)
	assert.Equal(t, err, error(unix.EMFILE))
	_, err = table.Get(9999)
	assert.Equal(t, err, error(unix.EBADF))
	_, err = table.Get(-1)
	assert.Equal(t, err, error(unix.EBADF))
	table.CloseRange(vfstest.Root(), 1, 1<<32-1, false)
	assert.DeepEqual(t, table.List(), []vfs.FD{0})
	table.Drop(vfstest.Root())
	assert.Equal(t, ops.released, 3+6+1+127, "each file is released once")
}

func TestExecClosesWhatIsMarked(t *testing.T) {
	table, ctx := vfs.NewFDTable(), vfstest.Root()
	for i := range 4 {
		_, err := table.Install(vfs.NewAnonFile("x", &counted{}, 0), 0, i == 1, 10)
		assert.NilError(t, err)
	}
	table.CloseRange(ctx, 3, 10, true)
	shared := table.Copy()
	table.CloseExec(ctx)
	assert.DeepEqual(t, table.List(), []vfs.FD{0, 2})
	assert.DeepEqual(t, shared.List(), []vfs.FD{0, 1, 2, 3})
	on, err := shared.CloseOnExec(3)
	assert.NilError(t, err)
	assert.Assert(t, on)
}
