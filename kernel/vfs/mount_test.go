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

// mounted is a tree with a file system on /mnt and another on /mnt/in.
func mounted(t *testing.T) (*vfstest.Ctx, vfs.At, *vfs.Namespace) {
	t.Helper()
	ctx := vfstest.Root()
	ns := vfs.NewNamespace(tmpfs.New(tmpfs.Options{Mode: 0o755}), 0)
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	for _, dir := range []string{"/mnt", "/other", "/mnt/in"} {
		if dir == "/mnt/in" {
			mount(t, ctx, ns, "/mnt", 0)
		}
		assert.NilError(t, vfs.Mkdir(ctx, at, dir, 0o755, 0))
	}
	mount(t, ctx, ns, "/mnt/in", 0)
	assert.NilError(t, vfs.Mkdir(ctx, at, "/mnt/in/deep", 0o755, 0))
	assert.NilError(t, vfs.Symlink(ctx, "../../other", at, "/mnt/in/out"))
	return ctx, at, ns
}

func mount(t *testing.T, ctx vfs.Ctx, ns *vfs.Namespace, path string, flags uint32) *vfs.Mount {
	t.Helper()
	m, err := ns.Mount(ctx, path, tmpfs.New(tmpfs.Options{Mode: 0o755}), flags)
	assert.NilError(t, err)
	return m
}

func unmount(ctx vfs.Ctx, ns *vfs.Namespace, p vfs.Path) error {
	return ns.Unmount(ctx, p, 0, ns.Root(), func(*vfs.Mount) bool { return false })
}

func TestWalkCrossesMounts(t *testing.T) {
	ctx, at, ns := mounted(t)
	for _, c := range []struct{ path, want string }{
		{"/mnt/in/deep", "/mnt/in/deep"},
		{"/mnt/in/deep/..", "/mnt/in"},
		{"/mnt/in/deep/../..", "/mnt"},
		{"/mnt/in/..", "/mnt"},
		{"/mnt/in/deep/../../..", "/"},
		{"/../..", "/"},
		{"/mnt/in/out", "/other"},
		{"/mnt/../mnt/in", "/mnt/in"},
	} {
		p, err := vfs.Lookup(ctx, at, c.path, vfs.Follow)
		assert.NilError(t, err, c.path)
		assert.Equal(t, vfs.DentryPath(ns.Root(), p), c.want, c.path)
	}
	inner, err := vfs.Lookup(ctx, at, "/mnt/in", 0)
	assert.NilError(t, err)
	assert.Equal(t, vfs.DentryPath(inner, ns.Root()), "(unreachable)/")
	below := vfs.At{Root: inner, Dir: inner}
	p, err := vfs.Lookup(ctx, below, "/deep/../../..", 0)
	assert.NilError(t, err)
	assert.Equal(t, p, inner, "the walk does not leave its root")
}

func TestResolveKeepsToMount(t *testing.T) {
	ctx, at, _ := mounted(t)
	for _, c := range []struct {
		path string
		how  vfs.How
		want error
	}{
		{"mnt", unix.RESOLVE_NO_XDEV, unix.EXDEV},
		{"other", unix.RESOLVE_NO_XDEV, nil},
		{"mnt/in/deep", 0, nil},
		{"mnt/in/out", unix.RESOLVE_BENEATH, nil},
		{"other/../..", unix.RESOLVE_BENEATH, unix.EXDEV},
	} {
		_, err := vfs.Lookup(ctx, at, c.path, c.how|vfs.Follow)
		assert.Equal(t, err, c.want, c.path)
	}
}

func TestMountPointIsBusy(t *testing.T) {
	ctx, at, ns := mounted(t)
	assert.Equal(t, vfs.Rmdir(ctx, at, "/mnt/in"), error(unix.EBUSY))
	assert.Equal(t, vfs.Rename(ctx, at, "/mnt/in", at, "/mnt/x", 0), error(unix.EBUSY))
	assert.Equal(t, vfs.Rename(ctx, at, "/mnt/in/deep", at, "/other/x", 0), error(unix.EXDEV))
	p, err := vfs.Lookup(ctx, at, "/mnt/in/deep", 0)
	assert.NilError(t, err)
	assert.Equal(t, vfs.Link(ctx, p, at, "/other/x"), error(unix.EXDEV))
	outer, err := vfs.Lookup(ctx, at, "/mnt", 0)
	assert.NilError(t, err)
	assert.Equal(t, unmount(ctx, ns, outer), error(unix.EBUSY))
	assert.Equal(t, unmount(ctx, ns, p), error(unix.EINVAL))
	inner, err := vfs.Lookup(ctx, at, "/mnt/in", 0)
	assert.NilError(t, err)
	assert.NilError(t, unmount(ctx, ns, inner))
	assert.NilError(t, vfs.Rmdir(ctx, at, "/mnt/in"))
}

func TestReadOnlyMountRefusesChanges(t *testing.T) {
	ctx, at, ns := mounted(t)
	openFile(t, ctx, at, "/other/f", unix.O_CREAT).DecRef()
	other, err := vfs.Lookup(ctx, at, "/other", 0)
	assert.NilError(t, err)
	assert.NilError(t, vfs.Mkdir(ctx, at, "/ro", 0o755, 0))
	_, err = ns.Bind(ctx, other, "/ro", unix.MS_RDONLY)
	assert.NilError(t, err)
	p, err := vfs.Lookup(ctx, at, "/ro/f", 0)
	assert.NilError(t, err)
	erofs := error(unix.EROFS)
	open := func(flags uint32, path string) error {
		f, err := vfs.Open(ctx, at, path, vfs.OpenHow{Flags: flags, Mode: 0o644})
		if err == nil {
			f.DecRef()
		}
		return err
	}
	for name, c := range map[string]struct{ got, want error }{
		"open to write":         {open(unix.O_WRONLY, "/ro/f"), erofs},
		"open to truncate":      {open(unix.O_TRUNC, "/ro/f"), erofs},
		"open to read":          {open(unix.O_RDONLY, "/ro/f"), nil},
		"create what is there":  {open(unix.O_CREAT, "/ro/f"), nil},
		"create what is not":    {open(unix.O_CREAT, "/ro/g"), erofs},
		"mkdir":                 {vfs.Mkdir(ctx, at, "/ro/d", 0o755, 0), erofs},
		"mkdir of what is":      {vfs.Mkdir(ctx, at, "/ro/f", 0o755, 0), unix.EEXIST},
		"unlink":                {vfs.Unlink(ctx, at, "/ro/f"), erofs},
		"unlink of what is not": {vfs.Unlink(ctx, at, "/ro/g"), erofs},
		"rename":                {vfs.Rename(ctx, at, "/ro/f", at, "/ro/g", 0), erofs},
		"chmod":                 {vfs.Chmod(ctx, p, 0o600), erofs},
		"truncate":              {vfs.Truncate(ctx, p, 0), erofs},
		"access":                {vfs.Access(ctx, ctx.Creds(), p, vfs.MayWrite), erofs},
		"the other way in":      {open(unix.O_WRONLY, "/other/f"), nil},
	} {
		assert.Equal(t, c.got, c.want, name)
	}
}

func TestDeletedPathSaysSo(t *testing.T) {
	ctx, at, ns := mounted(t)
	f := openFile(t, ctx, at, "/other/f", unix.O_CREAT)
	defer f.DecRef()
	assert.NilError(t, vfs.Rename(ctx, at, "/other", at, "/renamed", 0))
	assert.Equal(t, vfs.DentryPath(ns.Root(), f.Path), "/renamed/f")
	assert.NilError(t, vfs.Unlink(ctx, at, "/renamed/f"))
	assert.Equal(t, vfs.DentryPath(ns.Root(), f.Path), "/renamed/f (deleted)")
	anon := vfs.NewAnonFile("anon_inode:[test]", struct{ vfs.BaseFile }{}, 0)
	assert.Equal(t, vfs.DentryPath(ns.Root(), anon.Path), "anon_inode:[test]")
}
