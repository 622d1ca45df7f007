// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// What is read and written of a FIFO never comes to the host, but the times that it moves do.
func TestTimesOfAFIFOAreTheHosts(t *testing.T) {
	ctx := vfstest.Root()
	dir := vfstest.Scratch(t)
	path := filepath.Join(dir, "fifo")
	assert.NilError(t, unix.Mkfifo(path, 0o600))
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, Options{})
	assert.NilError(t, err)
	defer fs.Close()
	root := vfs.NewNamespace(fs, 0).Root()
	p, err := vfs.Lookup(ctx, vfs.At{Root: root, Dir: root}, "fifo", 0)
	assert.NilError(t, err)
	i := p.Inode().(*inode)
	for _, c := range []struct {
		name         string
		do           func()
		atime, mtime bool // moves
	}{
		{"modified", i.Modify, false, true},
		{"read", func() { i.Touch(vfs.AtimeRelative) }, true, false},
		{"read without a trace", func() { i.Touch(vfs.AtimeNever) }, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			assert.NilError(t, unix.UtimesNano(path, []unix.Timespec{{Sec: 1000000000}, {Sec: 1000000001}}))
			c.do()
			var st unix.Stat_t
			assert.NilError(t, unix.Stat(path, &st))
			assert.Equal(t, st.Atim.Sec != 1000000000, c.atime)
			assert.Equal(t, st.Mtim.Sec != 1000000001, c.mtime)
		})
	}
}

// Who may search a directory is asked of its mode alone, which a change of it moves at once.
func TestAChangeOfModeIsSeenAtOnce(t *testing.T) {
	ctx := vfstest.Root()
	fd, err := unix.Open(vfstest.Scratch(t), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, Options{})
	assert.NilError(t, err)
	defer fs.Close()
	root := fs.Root()
	for _, mode := range []uint32{0, 0o700, 0o755} {
		assert.NilError(t, root.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode}))
		assert.Equal(t, root.Mode(), unix.S_IFDIR|mode)
	}
}

// A FIFO that is open stays itself when its name goes, or becomes another file's.
func TestAnOpenFIFOOutlivesItsName(t *testing.T) {
	ctx := vfstest.Root()
	dir := vfstest.Scratch(t)
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, Options{})
	assert.NilError(t, err)
	defer fs.Close()
	root := fs.Root().(*inode)
	make := func(name string, mode uint32) *inode {
		i, err := root.Create(ctx, name, mode, 0)
		assert.NilError(t, err)
		return i.(*inode)
	}
	unlinked, replaced := make("a", unix.S_IFIFO|0o600), make("b", unix.S_IFIFO|0o600)
	by := make("c", unix.S_IFREG|0o640)
	unlinked.opens.Add(1)
	replaced.opens.Add(1)
	assert.NilError(t, root.Unlink(ctx, "a", unlinked))
	assert.NilError(t, root.Rename(ctx, "c", by, root, "b", replaced, 0))
	for _, i := range []*inode{unlinked, replaced} {
		times := vfs.Timestamp{Sec: 1000000000}
		assert.NilError(t, i.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode | vfs.AttrAtime | vfs.AttrMtime | vfs.AttrGID, Mode: 0o751, GID: 7, Atime: times, Mtime: times}))
		a, err := i.Attr(ctx)
		assert.NilError(t, err)
		assert.Equal(t, a.Mode, uint32(unix.S_IFIFO|0o751))
		assert.Equal(t, a.Nlink, uint32(0))
		assert.Equal(t, a.Mtime, times)
		assert.Equal(t, uint32(a.GID), uint32(7))
	}
	a, err := by.Attr(ctx)
	assert.NilError(t, err)
	assert.Equal(t, a.Mode, uint32(unix.S_IFREG|0o640))
	closed := make("d", unix.S_IFIFO|0o600)
	assert.NilError(t, root.Unlink(ctx, "d", closed))
	make("d", unix.S_IFREG|0o640)
	assert.ErrorIs(t, closed.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: 0o777}), unix.ESTALE)
}
