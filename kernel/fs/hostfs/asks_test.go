// SPDX-License-Identifier: Apache-2.0

package hostfs

import (
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// serve is a file system of a fresh directory, which is on whatever the host keeps temporary files on.
func serve(t *testing.T) (dir string, at vfs.At) { return serveAs(t, Options{Cached: true}) }

func serveAs(t *testing.T, o Options) (dir string, at vfs.At) {
	dir = t.TempDir()
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	assert.NilError(t, err)
	fs, err := New(fd, o)
	assert.NilError(t, err)
	t.Cleanup(func() { _ = fs.Close() })
	root := vfs.NewNamespace(fs, 0).Root()
	return dir, vfs.At{Root: root, Dir: root}
}

func TestPositionsAreThoseOfTheHost(t *testing.T) {
	dir, at := serve(t)
	host, err := os.Create(filepath.Join(dir, "host"))
	assert.NilError(t, err)
	defer host.Close()
	ctx := vfstest.Root()
	f, err := vfs.Open(ctx, at, "ours", vfs.OpenHow{Flags: unix.O_CREAT | unix.O_RDWR, Mode: 0o644})
	assert.NilError(t, err)
	defer f.DecRef()
	for _, base := range []int64{1 << 31, 1 << 32, 1 << 42, 1 << 44, 1 << 62, math.MaxInt64 - 4096} {
		for _, off := range []int64{base - 4097, base - 4096, base - 4095, base - 1, base, base + 1, base + 4096} {
			want, err := unix.Seek(int(host.Fd()), off, unix.SEEK_SET)
			wanted := fmt.Sprint(want, err)
			got, err := f.Ops.Seek(ctx, f, off, unix.SEEK_SET, 0)
			if err != nil {
				got = -1
			}
			assert.Equal(t, fmt.Sprint(got, err), wanted, "lseek %d", off)
			_, wantErr := unix.Pwrite(int(host.Fd()), []byte("x"), off)
			src := user.KernelBuf([]byte("x"))
			_, err = f.Pwrite(ctx, &src, off)
			assert.Equal(t, err, wantErr, "pwrite at %d", off)
			assert.NilError(t, unix.Ftruncate(int(host.Fd()), 0))
			assert.NilError(t, vfs.Ftruncate(ctx, f, 0))
		}
	}
}

// TestRefusedWriteTakesNoSetID writes where no file has room, as someone whose writes take set-ID bits away.
func TestRefusedWriteTakesNoSetID(t *testing.T) {
	dir, at := serve(t)
	name := filepath.Join(dir, "f")
	assert.NilError(t, os.WriteFile(name, nil, 0o666))
	assert.NilError(t, unix.Chmod(name, 0o6777))
	ctx := vfstest.User(cred.UID(1000), cred.GID(1000))
	f, err := vfs.Open(ctx, at, "f", vfs.OpenHow{Flags: unix.O_RDWR})
	assert.NilError(t, err)
	defer f.DecRef()
	for _, c := range []struct {
		off  int64
		mode os.FileMode
	}{{math.MaxInt64 - 1, 0o777 | os.ModeSetuid | os.ModeSetgid}, {0, 0o777}} {
		src := user.KernelBuf([]byte("x"))
		_, err = f.Pwrite(ctx, &src, c.off)
		assert.Equal(t, err != nil, c.off != 0)
		st, err := os.Stat(name)
		assert.NilError(t, err)
		assert.Equal(t, st.Mode(), c.mode)
	}
}

func TestListingAtTheEndIsAnAccess(t *testing.T) {
	dir, at := serve(t)
	ctx := vfstest.Root()
	ours, err := vfs.Open(ctx, at, ".", vfs.OpenHow{Flags: unix.O_RDONLY | unix.O_DIRECTORY})
	assert.NilError(t, err)
	defer ours.DecRef()
	host, err := os.Open(dir)
	assert.NilError(t, err)
	defer host.Close()
	old := time.Unix(1, 0)
	moved := func(list func()) bool {
		assert.NilError(t, os.Chtimes(dir, old, time.Time{}))
		list()
		var st unix.Stat_t
		assert.NilError(t, unix.Stat(dir, &st))
		return st.Atim.Sec != old.Unix()
	}
	byHost := func() { _, err = host.ReadDir(-1); assert.NilError(t, err) }
	byUs := func() { assert.NilError(t, ours.Iterate(ctx, func(vfs.DirEntry) bool { return true })) }
	for range 2 {
		want := moved(byHost)
		assert.Equal(t, moved(byUs), want)
	}
}

// TestAttributesOfWhatIsNeverOpened has each side see what the other gave to a symbolic link and a FIFO.
func TestAttributesOfWhatIsNeverOpened(t *testing.T) {
	dir, at := serve(t)
	link, fifo := filepath.Join(dir, "link"), filepath.Join(dir, "fifo")
	assert.NilError(t, os.Symlink("nowhere", link))
	assert.NilError(t, unix.Mkfifo(fifo, 0o644))
	if err := unix.Lsetxattr(link, "trusted.theirs", []byte("host"), 0); err != nil {
		t.Skipf("trusted attributes of a link: %v", err)
	}
	assert.NilError(t, unix.Lsetxattr(fifo, "trusted.theirs", []byte("host"), 0))
	ctx := vfstest.Root()
	for _, path := range []string{"link", "fifo"} {
		p, err := vfs.Lookup(ctx, at, path, 0)
		assert.NilError(t, err)
		v, err := vfs.Getxattr(ctx, p, "trusted.theirs")
		if err == unix.ENODATA {
			t.Skip("the host has no getxattrat")
		}
		assert.NilError(t, err)
		assert.Equal(t, string(v), "host")
		for _, name := range []string{"trusted.none", "security.none"} {
			_, err = vfs.Getxattr(ctx, p, name)
			assert.Equal(t, err, unix.ENODATA)
			assert.Equal(t, vfs.Removexattr(ctx, p, name), unix.ENODATA)
		}
		_, err = vfs.Getxattr(ctx, p, "nothing.x")
		assert.Equal(t, err, unix.EOPNOTSUPP)
		assert.NilError(t, vfs.Setxattr(ctx, p, "trusted.ours", []byte("guest"), unix.XATTR_CREATE))
		assert.Equal(t, vfs.Setxattr(ctx, p, "trusted.ours", nil, unix.XATTR_CREATE), unix.EEXIST)
		buf := make([]byte, 100)
		n, err := unix.Lgetxattr(filepath.Join(dir, path), "trusted.ours", buf)
		assert.NilError(t, err)
		assert.Equal(t, string(buf[:n]), "guest")
		assert.NilError(t, vfs.Removexattr(ctx, p, "trusted.theirs"))
		names, err := p.Inode().Listxattr(ctx)
		assert.NilError(t, err)
		assert.Assert(t, slices.Contains(names, "trusted.ours") && !slices.Contains(names, "trusted.theirs"), "%q", names)
	}
}

// TestListsThatTheHostChanges: what was seen of a list, or that there is none, counts until it is changed from outside.
func TestListsThatTheHostChanges(t *testing.T) {
	if os.Getuid() != 0 {
		t.Skip("gives a file to another user")
	}
	dir, at := serveAs(t, Options{})
	name := filepath.Join(dir, "f")
	assert.NilError(t, os.WriteFile(name, nil, 0o604))
	assert.NilError(t, unix.Chown(name, 10, 10))
	assert.NilError(t, unix.Chmod(name, 0o664))
	ctx := vfstest.User(cred.UID(1000), cred.GID(1000))
	may := func() bool {
		p, err := vfs.Lookup(ctx, at, "f", 0)
		assert.NilError(t, err)
		return vfs.Access(ctx, ctx.Creds(), p, vfs.MayWrite) == nil
	}
	set := func(perm uint16) {
		list := acl.List{
			{Tag: acl.UserObj, Perm: 6}, {Tag: acl.User, Perm: perm, ID: 1000}, {Tag: acl.GroupObj, Perm: 4}, {Tag: acl.Mask, Perm: 6},
			{Tag: acl.Other, Perm: 0},
		}
		if err := unix.Setxattr(name, acl.Access.Name(), list.Format(hostIDs{}), 0); err == unix.EOPNOTSUPP {
			t.Skip("the host's file system has no lists")
		}
	}
	for range 50 {
		assert.Assert(t, !may())
		set(6)
		assert.Assert(t, may())
		set(4)
		assert.Assert(t, !may())
		set(7)
		assert.NilError(t, unix.Chmod(name, 0o644)) // the mask
		assert.Assert(t, !may())
		assert.NilError(t, unix.Removexattr(name, acl.Access.Name()))
	}
}

// TestListsAreAskedForOnce: what is settled is known from then on.
func TestListsAreAskedForOnce(t *testing.T) {
	dir, at := serve(t)
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "f"), nil, 0o644))
	p, err := vfs.Lookup(vfstest.Root(), at, "f", 0)
	assert.NilError(t, err)
	i := p.Inode().(*inode)
	assert.NilError(t, vfs.Access(vfstest.Root(), vfstest.Root().Creds(), p, vfs.MayRead))
	assert.Assert(t, i.acls[acl.Access].Load() == nil) // the owner needs none
	ctx := vfstest.User(cred.UID(os.Getuid()+1000), cred.GID(1000))
	assert.NilError(t, vfs.Access(ctx, ctx.Creds(), p, vfs.MayRead))
	assert.Assert(t, i.NoACLFor(ctx.Creds().FSUID))
	assert.NilError(t, vfs.Chmod(vfstest.Root(), p, 0o604))
	assert.Assert(t, i.acls[acl.Access].Load() == nil) // nor is there one that counts where the group may do nothing
	assert.NilError(t, vfs.Access(ctx, ctx.Creds(), p, vfs.MayRead))
	assert.Assert(t, i.acls[acl.Access].Load() == nil)
}

// TestChownToNobodyElse: it changes nothing but ctime.
func TestChownToNobodyElse(t *testing.T) {
	dir, at := serve(t)
	file := filepath.Join(dir, "file")
	assert.NilError(t, os.WriteFile(file, nil, 0o644))
	ctx := vfstest.Root()
	p, err := vfs.Lookup(ctx, at, "file", 0)
	assert.NilError(t, err)
	var before, after unix.Stat_t
	assert.NilError(t, unix.Stat(file, &before))
	for after = before; after.Ctim == before.Ctim; { // the host's clock of files may be coarse
		assert.NilError(t, vfs.Chown(ctx, p, math.MaxUint32, math.MaxUint32))
		assert.NilError(t, unix.Stat(file, &after))
	}
	assert.Equal(t, after.Mode, before.Mode)
	assert.Equal(t, after.Uid, before.Uid)
}
