// SPDX-License-Identifier: Apache-2.0

package overlay

import (
	"os"
	"path/filepath"
	"sort"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// tree is an overlay over a host directory with these files; a name that ends
// in a slash is a directory, and content that starts with "->" a link.
func tree(t *testing.T, files map[string]string) (*vfstest.Ctx, vfs.At, string) {
	t.Helper()
	host := t.TempDir()
	names := make([]string, 0, len(files))
	for name := range files {
		names = append(names, name)
	}
	sort.Strings(names)
	for _, name := range names {
		path := filepath.Join(host, name)
		assert.NilError(t, os.MkdirAll(filepath.Dir(path), 0o755))
		target, link := strings.CutPrefix(files[name], "->")
		switch {
		case strings.HasSuffix(name, "/"):
			assert.NilError(t, os.MkdirAll(path, 0o755))
		case link:
			assert.NilError(t, os.Symlink(target, path))
		default:
			assert.NilError(t, os.WriteFile(path, []byte(files[name]), 0o644))
		}
	}
	fd, err := unix.Open(host, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	lower, err := hostfs.New(fd, hostfs.Options{ReadOnly: true, Cached: true})
	assert.NilError(t, err)
	t.Cleanup(func() { assert.NilError(t, lower.Close()) })
	ctx := vfstest.Root()
	fs, err := New(ctx, lower, Options{})
	assert.NilError(t, err)
	root := vfs.NewNamespace(fs, 0).Root()
	return ctx, vfs.At{Root: root, Dir: root}, host
}

func read(t *testing.T, ctx vfs.Ctx, at vfs.At, path string) string {
	t.Helper()
	f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: unix.O_RDONLY})
	assert.NilError(t, err)
	defer f.DecRef()
	p := make([]byte, 100)
	buf := user.KernelBuf(p)
	n, err := f.Read(ctx, &buf)
	assert.NilError(t, err)
	return string(p[:n])
}

func write(t *testing.T, ctx vfs.Ctx, at vfs.At, path string, flags uint32, data string) {
	t.Helper()
	f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: unix.O_WRONLY | flags, Mode: 0o644})
	assert.NilError(t, err)
	defer f.DecRef()
	buf := user.KernelBuf([]byte(data))
	_, err = f.Write(ctx, &buf)
	assert.NilError(t, err)
}

func list(t *testing.T, ctx vfs.Ctx, at vfs.At, path string) string {
	t.Helper()
	f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
	assert.NilError(t, err)
	defer f.DecRef()
	var names []string
	assert.NilError(t, f.Iterate(ctx, func(e vfs.DirEntry) bool {
		if e.Name != "." && e.Name != ".." {
			names = append(names, e.Name)
		}
		return true
	}))
	sort.Strings(names)
	return strings.Join(names, " ")
}

func TestWriteLeavesTheTreeBelowAlone(t *testing.T) {
	ctx, at, host := tree(t, map[string]string{"a/f": "below", "a/g": "g"})
	reader, err := vfs.Open(ctx, at, "a/f", vfs.OpenHow{})
	assert.NilError(t, err)
	defer reader.DecRef()
	write(t, ctx, at, "a/f", 0, "ABOVE!")
	write(t, ctx, at, "a/f", unix.O_APPEND, "more")
	assert.Equal(t, read(t, ctx, at, "a/f"), "ABOVE!more")
	p := make([]byte, 20)
	buf := user.KernelBuf(p)
	n, err := reader.Read(ctx, &buf)
	assert.NilError(t, err)
	assert.Equal(t, string(p[:n]), "ABOVE!more", "a file opened before the change sees it")
	below, err := os.ReadFile(filepath.Join(host, "a/f"))
	assert.NilError(t, err)
	assert.Equal(t, string(below), "below")
	assert.Equal(t, list(t, ctx, at, "a"), "f g")
}

func TestRemovedNamesStayHidden(t *testing.T) {
	ctx, at, _ := tree(t, map[string]string{"d/x": "x", "d/y": "y"})
	assert.NilError(t, vfs.Unlink(ctx, at, "d/x"))
	assert.Equal(t, list(t, ctx, at, "d"), "y")
	_, err := vfs.Lookup(ctx, at, "d/x", 0)
	assert.Equal(t, err, unix.ENOENT)
	assert.Equal(t, vfs.Rmdir(ctx, at, "d"), unix.ENOTEMPTY)
	assert.NilError(t, vfs.Unlink(ctx, at, "d/y"))
	assert.NilError(t, vfs.Rmdir(ctx, at, "d"))
	assert.NilError(t, vfs.Mkdir(ctx, at, "d", 0o755, 0))
	assert.Equal(t, list(t, ctx, at, "d"), "", "a new directory shows nothing of the old one")
}

func TestDirectoryOfTheTreeBelowIsRenamed(t *testing.T) {
	ctx, at, _ := tree(t, map[string]string{"d/sub/f": "deep", "d/g": "g", "e/": ""})
	assert.NilError(t, vfs.Rename(ctx, at, "d", at, "e/moved", 0))
	assert.Equal(t, read(t, ctx, at, "e/moved/sub/f"), "deep")
	write(t, ctx, at, "e/moved/sub/f", unix.O_TRUNC, "new")
	assert.Equal(t, read(t, ctx, at, "e/moved/sub/f"), "new")
	assert.Equal(t, list(t, ctx, at, "."), "e")
	assert.Equal(t, list(t, ctx, at, "e/moved"), "g sub")
	assert.NilError(t, vfs.Rename(ctx, at, "e/moved/g", at, "e/moved/sub/f", 0))
	assert.Equal(t, read(t, ctx, at, "e/moved/sub/f"), "g")
}

func TestChangedAttributesLast(t *testing.T) {
	ctx, at, _ := tree(t, map[string]string{"a/b/f": "data", "link": "->a/b/f"})
	p, err := vfs.Lookup(ctx, at, "link", vfs.Follow)
	assert.NilError(t, err)
	before, err := vfs.Stat(ctx, p)
	assert.NilError(t, err)
	assert.NilError(t, vfs.Chmod(ctx, p, 0o600))
	assert.NilError(t, vfs.Link(ctx, p, at, "hard"))
	write(t, ctx, at, "hard", 0, "DATA")
	assert.Equal(t, read(t, ctx, at, "a/b/f"), "DATA")
	for _, name := range []string{"hard", "a/b/f"} {
		p, err := vfs.Lookup(ctx, at, name, 0)
		assert.NilError(t, err)
		a, err := vfs.Stat(ctx, p)
		assert.NilError(t, err)
		assert.Equal(t, a.Mode, uint32(unix.S_IFREG|0o600))
		assert.Equal(t, a.Ino, before.Ino)
		assert.Equal(t, a.Dev, before.Dev)
		assert.Equal(t, a.Nlink, uint32(2))
	}
}

// TestMappingSeesWhatIsWritten maps a file that someone has open for writing, before anything is written.
func TestMappingSeesWhatIsWritten(t *testing.T) {
	ctx, at, host := tree(t, map[string]string{"f": "old"})
	w, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDWR})
	assert.NilError(t, err)
	defer w.DecRef()
	r, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDONLY})
	assert.NilError(t, err)
	defer r.DecRef()
	var fds []int
	for _, f := range []*vfs.File{w, r} {
		for _, flags := range []uint32{unix.MAP_PRIVATE, unix.MAP_SHARED} {
			fd, err := f.Ops.Mappable(ctx, f, unix.PROT_READ, flags)
			assert.NilError(t, err)
			fds = append(fds, fd)
		}
	}
	src := user.KernelBuf([]byte("new"))
	_, err = w.Pwrite(ctx, &src, 0)
	assert.NilError(t, err)
	for _, fd := range fds {
		got := make([]byte, 10)
		n, err := unix.Pread(fd, got, 0)
		assert.NilError(t, err)
		assert.Equal(t, string(got[:n]), "new")
	}
	below, err := os.ReadFile(filepath.Join(host, "f"))
	assert.NilError(t, err)
	assert.Equal(t, string(below), "old")
}

// TestMappingOfChangedSeesWhatIsWritten maps a file whose mode was changed, and opens it for writing after that.
func TestMappingOfChangedSeesWhatIsWritten(t *testing.T) {
	ctx, at, _ := tree(t, map[string]string{"f": "old"})
	p, err := vfs.Lookup(ctx, at, "f", 0)
	assert.NilError(t, err)
	assert.NilError(t, vfs.Chmod(ctx, p, 0o600))
	f, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDONLY})
	assert.NilError(t, err)
	defer f.DecRef()
	fd, err := f.Ops.Mappable(ctx, f, unix.PROT_READ, unix.MAP_SHARED)
	assert.NilError(t, err)
	write(t, ctx, at, "f", 0, "newer")
	got := make([]byte, 10)
	n, err := unix.Pread(fd, got, 0)
	assert.NilError(t, err)
	assert.Equal(t, string(got[:n]), "newer")
}
