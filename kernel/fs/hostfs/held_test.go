// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// mounted is where paths start in a file system over dir.
func mounted(t *testing.T, dir string, o Options) vfs.At {
	t.Helper()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, o)
	assert.NilError(t, err)
	t.Cleanup(func() { fs.Close() })
	root := vfs.NewNamespace(fs, 0).Root()
	return vfs.At{Root: root, Dir: root}
}

// What is held outlives its name, which another file takes.
func TestWhatIsHeldOutlivesItsName(t *testing.T) {
	ctx := vfstest.Root()
	at := mounted(t, vfstest.Scratch(t), Options{MaxIdle: 100})
	for _, c := range []struct {
		name  string
		mode  uint32
		flags uint32
	}{
		{"file by O_PATH", unix.S_IFREG, unix.O_PATH},
		{"FIFO by O_PATH", unix.S_IFIFO, unix.O_PATH},
		{"directory by O_PATH", unix.S_IFDIR, unix.O_PATH},
		{"directory open", unix.S_IFDIR, unix.O_RDONLY},
		{"directory open without a trace", unix.S_IFDIR, unix.O_RDONLY | unix.O_NOATIME},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.mode == unix.S_IFDIR {
				assert.NilError(t, vfs.Mkdir(ctx, at, "name", 0o700, 0))
			} else {
				assert.NilError(t, vfs.Mknod(ctx, at, "name", c.mode|0o600, 0, 0))
			}
			held, err := vfs.Open(ctx, at, "name", vfs.OpenHow{Flags: c.flags})
			assert.NilError(t, err)
			before, err := vfs.Stat(ctx, held.Path)
			assert.NilError(t, err)
			if c.mode == unix.S_IFDIR {
				assert.NilError(t, vfs.Rmdir(ctx, at, "name"))
			} else {
				assert.NilError(t, vfs.Unlink(ctx, at, "name"))
			}
			assert.NilError(t, vfs.Mknod(ctx, at, "name", unix.S_IFREG|0o640, 0, 0))

			assert.NilError(t, vfs.Chmod(ctx, held.Path, 0o751))
			after, err := vfs.Stat(ctx, held.Path)
			assert.NilError(t, err)
			assert.Equal(t, after.Ino, before.Ino)
			assert.Equal(t, after.Mode, c.mode|0o751)
			_, err = vfs.Getxattr(ctx, held.Path, "nothing")
			assert.ErrorIs(t, err, unix.EOPNOTSUPP)
			if c.mode != unix.S_IFIFO {
				again, err := held.Inode.Open(ctx, unix.O_RDONLY)
				assert.NilError(t, err)
				vfs.NewFile(again, held.Inode, held.Path, unix.O_RDONLY).DecRef()
			}

			p, err := vfs.Lookup(ctx, at, "name", 0)
			assert.NilError(t, err)
			other, err := vfs.Stat(ctx, p)
			assert.NilError(t, err)
			assert.Equal(t, other.Mode, uint32(unix.S_IFREG|0o640))
			held.DecRef()
			assert.NilError(t, vfs.Unlink(ctx, at, "name"))
			assert.Assert(t, held.Inode.(*inode).kept.Load() == nil)
		})
	}
}

func TestALinkHeldOutlivesItsName(t *testing.T) {
	ctx := vfstest.Root()
	at := mounted(t, vfstest.Scratch(t), Options{})
	assert.NilError(t, vfs.Symlink(ctx, "old", at, "name"))
	held, err := vfs.Open(ctx, at, "name", vfs.OpenHow{Flags: unix.O_PATH | unix.O_NOFOLLOW})
	assert.NilError(t, err)
	defer held.DecRef()
	assert.NilError(t, vfs.Unlink(ctx, at, "name"))
	assert.NilError(t, vfs.Symlink(ctx, "new", at, "name"))
	target, err := vfs.Readlink(ctx, held.Path)
	assert.NilError(t, err)
	assert.Equal(t, target, "old")
}

// A file that gets the number of one that was removed has nothing of it.
func TestANumberUsedAgainIsAnotherFile(t *testing.T) {
	ctx := vfstest.Root()
	at := mounted(t, t.TempDir(), Options{})
	for _, want := range []string{"a", "b", "c"} {
		assert.NilError(t, vfs.Symlink(ctx, want, at, "link"))
		p, err := vfs.Lookup(ctx, at, "link", 0)
		assert.NilError(t, err)
		later := vfs.Timestamp{Sec: 2000000000}
		assert.NilError(t, p.Inode().SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrAtime, Atime: later})) // reading does not move it
		for range 2 {
			_, err := vfs.Stat(ctx, p)
			assert.NilError(t, err)
			target, err := vfs.Readlink(ctx, p)
			assert.NilError(t, err)
			assert.Equal(t, target, want)
		}
		assert.NilError(t, vfs.Unlink(ctx, at, "link"))
	}
}

// O_NOATIME as fcntl(2) changed it counts for a file without a name too.
func TestAFileWithoutANameIsReadByItsFlags(t *testing.T) {
	ctx := vfstest.Root()
	at := mounted(t, t.TempDir(), Options{})
	old := vfs.Timestamp{Sec: 1000000000}
	for _, c := range []struct {
		name      string
		open, now uint32
		moves     bool
	}{
		{"set", 0, unix.O_NOATIME, false},
		{"cleared", unix.O_NOATIME, 0, true},
		{"as it was, set", unix.O_NOATIME, unix.O_NOATIME, false},
		{"as it was, clear", 0, 0, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDWR | unix.O_CREAT | c.open, Mode: 0o600})
			assert.NilError(t, err)
			defer f.DecRef()
			src := user.KernelBuf([]byte("data"))
			_, err = f.Pwrite(ctx, &src, 0)
			assert.NilError(t, err)
			f.SetFlags(unix.O_NOATIME, c.now)
			assert.NilError(t, vfs.Unlink(ctx, at, "f"))
			for range 2 {
				assert.NilError(t, f.Inode.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrAtime, Atime: old}))
				dst := user.KernelBuf(make([]byte, 4))
				n, err := f.Pread(ctx, &dst, 0)
				assert.NilError(t, err)
				assert.Equal(t, n, 4)
				a, err := f.Inode.Attr(ctx)
				assert.NilError(t, err)
				assert.Equal(t, a.Atime != old, c.moves)
			}
		})
	}
}
