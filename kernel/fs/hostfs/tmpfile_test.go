// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// deleted is how many of this process's descriptors lead to files of a directory that have no name.
func deleted(t *testing.T, dir string) (n int) {
	list, err := os.ReadDir("/proc/self/fd")
	assert.NilError(t, err)
	for _, e := range list {
		to, _ := os.Readlink("/proc/self/fd/" + e.Name())
		if strings.HasPrefix(to, dir+"/") && strings.HasSuffix(to, " (deleted)") {
			n++
		}
	}
	return n
}

func TestFilesWithoutAName(t *testing.T) {
	ctx := vfstest.Root()
	for _, c := range []struct {
		name  string
		flags uint32
		keep  bool // give it a name
	}{
		{"made without one", unix.O_TMPFILE | unix.O_WRONLY, false},
		{"made without one, for good", unix.O_TMPFILE | unix.O_RDWR | unix.O_EXCL, false},
		{"made without one, quiet", unix.O_TMPFILE | unix.O_RDWR | unix.O_NOATIME, false},
		{"given one", unix.O_TMPFILE | unix.O_WRONLY, true},
		{"unlinked", unix.O_CREAT | unix.O_RDWR, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := vfstest.Scratch(t)
			fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
			assert.NilError(t, err)
			fs, err := New(fd, Options{})
			assert.NilError(t, err)
			defer fs.Close()
			root := vfs.NewNamespace(fs, 0).Root()
			at := vfs.At{Root: root, Dir: root}
			path := "."
			if c.flags&unix.O_CREAT != 0 {
				path = "file"
			}
			f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: c.flags, Mode: 0o640})
			assert.NilError(t, err)
			if path == "file" {
				assert.NilError(t, vfs.Unlink(ctx, at, path))
			}
			src := user.KernelBuf([]byte("data"))
			_, err = f.Pwrite(ctx, &src, 0)
			assert.NilError(t, err)
			assert.Equal(t, deleted(t, dir), 1)
			a, err := f.Inode.Attr(ctx)
			assert.NilError(t, err)
			assert.Equal(t, fmt.Sprintf("%o %d %d", a.Mode, a.Nlink, a.Size), "100640 0 4")

			// It can be opened again as long as it is open, and read by who made it for writing only.
			for _, flags := range []uint32{unix.O_RDONLY, unix.O_RDWR, unix.O_RDONLY | unix.O_NOATIME} {
				again, err := vfs.OpenPath(ctx, f.Path, flags)
				assert.NilError(t, err)
				got := make([]byte, 8)
				dst := user.KernelBuf(got)
				n, err := again.Pread(ctx, &dst, 0)
				assert.NilError(t, err)
				assert.Equal(t, string(got[:n]), "data")
				again.DecRef()
			}
			if c.keep {
				assert.NilError(t, vfs.Link(ctx, f.Path, at, "named"))
				b, err := os.ReadFile(filepath.Join(dir, "named"))
				assert.NilError(t, err)
				assert.Equal(t, string(b), "data")
				found, err := vfs.Lookup(ctx, at, "named", 0)
				assert.NilError(t, err)
				assert.Equal(t, found.Inode(), f.Inode)
			} else if c.flags&(unix.O_EXCL|unix.O_CREAT) != 0 {
				assert.Equal(t, vfs.Link(ctx, f.Path, at, "named"), unix.ENOENT)
			}
			f.DecRef()
			if !c.keep {
				assert.Equal(t, deleted(t, dir), 0, "a file that nobody finds again is kept")
			}
		})
	}
}
