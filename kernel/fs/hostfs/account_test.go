// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// counting is a caller with an account.
type counting struct {
	*vfstest.Ctx
	in, out int64
	prio    uint16
}

func (c *counting) CountBlocks(in, out int64) { c.in, c.out = c.in+in, c.out+out }
func (c *counting) IOPrio() uint16            { return c.prio }

// TestBlocksAreCountedAsByTheHost writes pages of a fresh file and reads them when they are not cached,
// on the host and here.
func TestBlocksAreCountedAsByTheHost(t *testing.T) {
	const size, blocks = 16 * 4096, 16 * 8
	dir := vfstest.Scratch(t)
	content := make([]byte, size)
	host, err := os.Create(filepath.Join(dir, "host"))
	assert.NilError(t, err)
	defer host.Close()
	_, wrote := hostio.As(0, func() { _, err = host.Write(content) })
	assert.NilError(t, err)
	var s unix.Statfs_t
	assert.NilError(t, unix.Statfs(dir, &s))
	if s.Type == unix.TMPFS_MAGIC {
		t.Skip("files of a tmpfs have no blocks")
	}
	assert.Assert(t, wrote >= blocks)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, Options{Name: "test"})
	assert.NilError(t, err)
	defer fs.Close()
	for _, prio := range []uint16{0, 2<<13 | 6, 1 << 13} {
		ctx := &counting{Ctx: vfstest.Root(), prio: prio}
		root := vfs.NewNamespace(fs, 0).Root()
		f, err := vfs.Open(ctx, vfs.At{Root: root, Dir: root}, "ours", vfs.OpenHow{Flags: unix.O_RDWR | unix.O_CREAT | unix.O_TRUNC, Mode: 0o600})
		assert.NilError(t, err)
		src := user.KernelBuf(content)
		n, err := f.Pwrite(ctx, &src, 0)
		assert.NilError(t, err)
		assert.Equal(t, n, size)
		assert.Assert(t, ctx.out >= blocks && ctx.out < 2*blocks, "%d blocks written", ctx.out)
		ctx.out = 0
		for off := size; off < 40*size; off += 1024 { // by and by: not each write takes an account
			small := user.KernelBuf(content[:1024])
			_, err := f.Pwrite(ctx, &small, int64(off))
			assert.NilError(t, err)
		}
		assert.Assert(t, ctx.out > 38*blocks && ctx.out < 40*blocks, "%d blocks written by and by", ctx.out)
		assert.NilError(t, f.Ops.Sync(ctx, f, false))
		uncache(t, filepath.Join(dir, "ours"))
		ctx.in = 0
		for off := 0; off < size; off += 4096 { // what the host reads ahead is this caller's as well
			dst := user.KernelBuf(make([]byte, 4096))
			_, err := f.Pread(ctx, &dst, int64(off))
			assert.NilError(t, err)
		}
		assert.Assert(t, ctx.in >= blocks && ctx.in < 2*blocks, "%d blocks read", ctx.in)
		f.DecRef()
	}
}

func uncache(t *testing.T, name string) {
	f, err := os.Open(name)
	assert.NilError(t, err)
	defer f.Close()
	assert.NilError(t, unix.Fadvise(int(f.Fd()), 0, 0, unix.FADV_DONTNEED))
}
