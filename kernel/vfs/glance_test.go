// SPDX-License-Identifier: Apache-2.0

package vfs_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/fs/overlay"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// kindsOfTree are the file systems that are glanced at, over a directory of the host.
var kindsOfTree = map[string]func(t testing.TB, dir string) vfs.FileSystem{
	"shared": func(t testing.TB, dir string) vfs.FileSystem { return serve(t, dir, hostfs.Options{}) },
	"exclusive": func(t testing.TB, dir string) vfs.FileSystem {
		return serve(t, dir, hostfs.Options{Cached: true})
	},
	"overlay": func(t testing.TB, dir string) vfs.FileSystem {
		fs, err := overlay.New(vfstest.Root(), serve(t, dir, hostfs.Options{Cached: true, ReadOnly: true}), overlay.Options{})
		assert.NilError(t, err)
		return fs
	},
}

func serve(t testing.TB, dir string, o hostfs.Options) *hostfs.FS {
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := hostfs.New(fd, o)
	assert.NilError(t, err)
	t.Cleanup(func() { assert.NilError(t, fs.Close()) })
	return fs
}

func rootOf(ns *vfs.Namespace) vfs.At { return vfs.At{Root: ns.Root(), Dir: ns.Root()} }

// onEachTree runs f on each kind of tree.
func onEachTree(t *testing.T, f func(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace)) {
	for name, mount := range kindsOfTree {
		t.Run(name, func(t *testing.T) { f(t, vfstest.Root(), vfs.NewNamespace(mount(t, plantTree(t)), 0)) })
	}
}

// plantTree is a directory of the host that has file (with a second name, other), dir and dir/inner, and the links there (to file)
// and nowhere.
func plantTree(t *testing.T) string {
	dir := vfstest.Scratch(t)
	host := vfstest.NewHostTree(dir)
	defer host.Close()
	vfstest.Play(host, `
		mknod file REG|0640 0
		link file other
		mkdir dir 0750
		mknod dir/inner REG|0600 0
		symlink file there
		symlink nothing nowhere
	`)
	return dir
}

// A glance tells what a lookup tells, the first time and later.
func TestGlanceTellsWhatALookupTells(t *testing.T) {
	onEachTree(t, func(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace) {
		at := rootOf(ns)
		for _, path := range []string{
			"file", "file/", "other", "dir", "dir/", "dir/.", "dir/..", "dir/inner", "dir/inner/x", "there", "there/", "nowhere", "nothing",
			"nothing/x", "/", "", ".", "..", "dir/../file",
		} {
			for _, how := range []vfs.How{0, vfs.Follow} {
				for range 3 {
					got, p, err := vfs.StatAt(ctx, at, path, how)
					want, wantErr := vfs.Attr{}, error(nil)
					q, lookErr := vfs.Lookup(ctx, at, path, how)
					if wantErr = lookErr; lookErr == nil {
						want, wantErr = vfs.Stat(ctx, q)
					}
					assert.Equal(t, err, wantErr, path)
					assert.DeepEqual(t, got, want)
					assert.Equal(t, p.Mount, q.Mount)
				}
			}
		}
	})
}

// Names that change after a glance are seen as they are then.
func TestGlanceSeesChanges(t *testing.T) {
	onEachTree(t, func(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace) {
		at := rootOf(ns)
		ino := func(path string) uint64 {
			t.Helper()
			a, _, err := vfs.StatAt(ctx, at, path, 0)
			assert.NilError(t, err, path)
			return a.Ino
		}
		gone := func(path string) {
			t.Helper()
			_, _, err := vfs.StatAt(ctx, at, path, 0)
			assert.ErrorIs(t, err, unix.ENOENT, path)
		}
		gone("new")
		inner := ino("dir/inner")
		assert.NilError(t, vfs.Rename(ctx, at, "dir/inner", at, "new", 0))
		assert.Equal(t, ino("new"), inner)
		gone("dir/inner")
		assert.NilError(t, vfs.Mknod(ctx, at, "dir/inner", unix.S_IFREG|0o604, 0, 0))
		assert.Assert(t, ino("dir/inner") != inner)
		p, err := vfs.Lookup(ctx, at, "new", 0)
		assert.NilError(t, err)
		assert.NilError(t, vfs.Chmod(ctx, p, 0o711))
		a, _, err := vfs.StatAt(ctx, at, "new", 0)
		assert.NilError(t, err)
		assert.Equal(t, a.Mode, uint32(unix.S_IFREG|0o711))
		assert.NilError(t, vfs.Unlink(ctx, at, "new"))
		gone("new")
		assert.NilError(t, vfs.Rename(ctx, at, "dir", at, "moved", 0))
		gone("dir/inner")
		ino("moved/inner")
	})
}

// What others do to a shared directory is seen at once, by a glance and by who knows the file.
func TestGlanceAsksTheHost(t *testing.T) {
	ctx, dir := vfstest.Root(), plantTree(t)
	at := rootOf(vfs.NewNamespace(kindsOfTree["shared"](t, dir), 0))
	f := openFile(t, ctx, at, "file", unix.O_RDONLY)
	defer f.DecRef()
	assert.NilError(t, unix.Chmod(filepath.Join(dir, "file"), 0o604))
	a, _, err := vfs.StatAt(ctx, at, "file", 0)
	assert.NilError(t, err)
	assert.Equal(t, a.Mode, uint32(unix.S_IFREG|0o604))
	assert.Equal(t, f.Inode.Mode(), a.Mode, "by a glance at the name")
	assert.NilError(t, unix.Unlink(filepath.Join(dir, "file")))
	_, _, err = vfs.StatAt(ctx, at, "file", 0)
	assert.ErrorIs(t, err, unix.ENOENT)
	assert.Assert(t, f.Path.Dentry.IsUnlinked())
}

// What is mounted on a name is seen, though the name was glanced at before.
func TestGlanceSeesWhatIsMounted(t *testing.T) {
	onEachTree(t, func(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace) {
		at := rootOf(ns)
		for _, name := range []string{"dir", "file"} {
			_, _, err := vfs.StatAt(ctx, at, name, 0)
			assert.NilError(t, err)
		}
		root := serve(t, vfstest.Scratch(t), hostfs.Options{})
		m, err := ns.Mount(ctx, "/dir", root, 0)
		assert.NilError(t, err)
		a, p, err := vfs.StatAt(ctx, at, "dir", 0)
		assert.NilError(t, err)
		want, err := root.Root().Attr(ctx)
		assert.NilError(t, err)
		assert.DeepEqual(t, a, want)
		assert.Equal(t, p.Mount, m)
		assert.Equal(t, p.Dentry, m.Root())
	})
}

// Who may be answered from the cache only is, of what was glanced at.
func TestGlancedIsCached(t *testing.T) {
	onEachTree(t, func(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace) {
		at := rootOf(ns)
		if !at.Root.Mount.FS.CacheDentries() {
			return
		}
		for _, name := range []string{"file", "dir", "there"} {
			_, err := vfs.Lookup(ctx, at, name, vfs.ResolveCached)
			assert.ErrorIs(t, err, unix.EAGAIN)
			_, _, err = vfs.StatAt(ctx, at, name, 0)
			assert.NilError(t, err)
			_, err = vfs.Lookup(ctx, at, name, vfs.ResolveCached)
			assert.NilError(t, err)
		}
	})
}

// BenchmarkWalkTree is a walk of a tree that nobody looked at before; an operation is a name.
func BenchmarkWalkTree(b *testing.B) {
	const dirs, files = 20, 500
	dir := b.TempDir()
	for d := range dirs {
		sub := filepath.Join(dir, fmt.Sprint("directory-", d))
		assert.NilError(b, os.Mkdir(sub, 0o755))
		for f := range files {
			assert.NilError(b, os.WriteFile(filepath.Join(sub, fmt.Sprint("some-file-", f)), nil, 0o644))
		}
	}
	ctx := vfstest.Root()
	for name, visit := range map[string]func(at vfs.At, name string) error{
		"list": func(vfs.At, string) error { return nil },
		"stat": func(at vfs.At, name string) error {
			_, _, err := vfs.StatAt(ctx, at, name, 0)
			return err
		},
		"open": func(at vfs.At, name string) error {
			f, err := vfs.Open(ctx, at, name, vfs.OpenHow{Flags: unix.O_RDONLY})
			if err == nil {
				f.DecRef()
			}
			return err
		},
	} {
		for _, kind := range []string{"overlay", "shared"} {
			b.Run(name+"/"+kind, func(b *testing.B) {
				b.ReportAllocs()
				for done := 0; done < b.N; {
					at := rootOf(vfs.NewNamespace(kindsOfTree[kind](b, dir), 0))
					for d := 0; d < dirs && done < b.N; d++ {
						done += walkDir(b, ctx, at, fmt.Sprint("directory-", d), visit)
					}
				}
			})
		}
	}
}

// walkDir lists a directory and visits each name in it; it returns how many there are.
func walkDir(b *testing.B, ctx vfs.Ctx, at vfs.At, name string, visit func(at vfs.At, name string) error) int {
	f, err := vfs.Open(ctx, at, name, vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
	assert.NilError(b, err)
	defer f.DecRef()
	var names []string
	err = f.Iterate(ctx, func(e vfs.DirEntry) bool {
		if e.Type == unix.DT_REG {
			names = append(names, e.Name)
		}
		return true
	})
	assert.NilError(b, err)
	at.Dir = f.Path
	for _, name := range names {
		assert.NilError(b, visit(at, name))
	}
	return len(names)
}
