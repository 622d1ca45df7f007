// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"fmt"
	"runtime"
	"testing"
	"weak"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// crowd makes the cache of dentries let go of all that it has: it takes in more than twice of what it has room for.
func crowd(t *testing.T, ctx vfs.Ctx) {
	t.Helper()
	at := newRoot()
	for i := range 40000 {
		_, err := vfs.Lookup(ctx, at, fmt.Sprint("nothing-", i), 0)
		assert.ErrorIs(t, err, unix.ENOENT)
	}
}

// A name leads to the dentry that is in use already, though the cache has let go of that, and under a new name too.
func TestUsedDentryIsFoundAgain(t *testing.T) {
	ctx, at := vfstest.Root(), newRoot()
	f := openFile(t, ctx, at, "old", unix.O_CREAT)
	defer f.DecRef()
	openFile(t, ctx, at, "other", unix.O_CREAT).DecRef()
	find := func(name string) *vfs.Dentry {
		t.Helper()
		p, err := vfs.Lookup(ctx, at, name, 0)
		assert.NilError(t, err)
		return p.Dentry
	}
	crowd(t, ctx)
	assert.Equal(t, find("old"), f.Path.Dentry)
	assert.NilError(t, vfs.Rename(ctx, at, "old", at, "new", 0))
	crowd(t, ctx)
	assert.Equal(t, find("new"), f.Path.Dentry)
	assert.NilError(t, vfs.Rename(ctx, at, "new", at, "other", unix.RENAME_EXCHANGE))
	crowd(t, ctx)
	assert.Equal(t, find("other"), f.Path.Dentry)
	assert.Assert(t, find("new") != f.Path.Dentry)
}

// What the cache has let go of and nothing uses is gone: a file system keeps the file, not its dentry.
func TestUnusedDentryGoes(t *testing.T) {
	ctx, at := vfstest.Root(), newRoot()
	openFile(t, ctx, at, "file", unix.O_CREAT).DecRef()
	dentry := func() weak.Pointer[vfs.Dentry] {
		p, err := vfs.Lookup(ctx, at, "file", 0)
		assert.NilError(t, err)
		return weak.Make(p.Dentry)
	}
	d := dentry()
	runtime.GC()
	assert.Assert(t, d.Value() != nil, "the cache keeps it")
	crowd(t, ctx)
	runtime.GC()
	runtime.GC()
	assert.Assert(t, d.Value() == nil)
	assert.Assert(t, dentry().Value() != nil, "and it is found again")
}
