// SPDX-License-Identifier: Apache-2.0

package tmpfs

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func TestMemoryGoesWithTheFile(t *testing.T) {
	ctx := vfstest.Root()
	fs := New(Options{})
	f, err := fs.root.Create(ctx, "f", unix.S_IFREG|0o600, 0)
	assert.NilError(t, err)
	n := f.(*node)
	ops, err := n.Open(ctx, unix.O_RDWR)
	assert.NilError(t, err)
	fd, err := n.data.mappable()
	assert.NilError(t, err)
	var st unix.Stat_t
	assert.NilError(t, unix.Fstat(fd, &st))
	ino := st.Ino
	assert.NilError(t, fs.root.Unlink(ctx, "f", n))
	assert.NilError(t, unix.Fstat(fd, &st), "somebody has it open")
	ops.Release(nil)
	err = unix.Fstat(fd, &st)
	assert.Assert(t, err == unix.EBADF || st.Ino != ino, "the descriptor is given back, and may be another's by now")
}
