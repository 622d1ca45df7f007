// SPDX-License-Identifier: Apache-2.0

package dev

import (
	"os"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/devpts"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

func open(t *testing.T, name string, flags uint32) (*vfs.File, error) {
	t.Helper()
	ctx := vfstest.Root()
	pts := devpts.New(devpts.Options{GID: 5})
	Register(pts, nil)
	fs, err := New(ctx, false)
	assert.NilError(t, err)
	in, err := fs.Root().Lookup(ctx, name)
	assert.NilError(t, err)
	ops, err := in.Open(ctx, flags)
	if err != nil {
		return nil, err
	}
	return vfs.NewAnonFileInode(name, ops, in, flags), nil
}

// TestDevicesAnswerAsTheHosts makes the same calls on ours and the host's.
func TestDevicesAnswerAsTheHosts(t *testing.T) {
	for _, name := range []string{"null", "zero", "full", "random", "urandom"} {
		t.Run(name, func(t *testing.T) {
			ours, err := open(t, name, unix.O_RDWR)
			assert.NilError(t, err)
			host, err := os.OpenFile("/dev/"+name, os.O_RDWR, 0)
			if err != nil {
				t.Skip("needs the host's device: ", err)
			}
			defer host.Close()
			fd := int(host.Fd())
			ctx := vfstest.Root()
			for _, size := range []int{0, 1, 5000, 100000} {
				a, b := make([]byte, size), make([]byte, size)
				buf := user.KernelBuf(a)
				got, gotErr := ours.Read(ctx, &buf)
				want, wantErr := unix.Read(fd, b)
				assert.Equal(t, got, want, "read %d", size)
				assert.Equal(t, gotErr, wantErr)
				buf = user.KernelBuf(a)
				got, gotErr = ours.Write(ctx, &buf)
				want, wantErr = unix.Write(fd, b)
				assert.Equal(t, got, max(want, 0), "write %d", size)
				assert.Equal(t, gotErr, wantErr)
				pos, gotErr := ours.Seek(ctx, int64(size), unix.SEEK_SET)
				hostPos, wantErr := unix.Seek(fd, int64(size), unix.SEEK_SET)
				assert.Equal(t, pos, hostPos, "lseek %d", size)
				assert.Equal(t, gotErr, wantErr)
			}
			a, err := ours.Inode.Attr(ctx)
			assert.NilError(t, err)
			var st unix.Stat_t
			assert.NilError(t, unix.Fstat(fd, &st))
			assert.Equal(t, a.Rdev, st.Rdev)
			assert.Equal(t, a.Mode, st.Mode)
		})
	}
}

func TestNoControllingTerminal(t *testing.T) {
	_, err := open(t, "tty", unix.O_RDWR)
	assert.Equal(t, err, unix.ENXIO)
}

func TestPtmxMakesASlave(t *testing.T) {
	ctx := vfstest.Root()
	pts := devpts.New(devpts.Options{GID: 5})
	ops, err := pts.OpenPtmx(ctx, nil, 0, unix.O_RDWR)
	assert.NilError(t, err)
	in, err := pts.Root().Lookup(ctx, "0")
	assert.NilError(t, err)
	a, err := in.Attr(ctx)
	assert.NilError(t, err)
	assert.Equal(t, a.Rdev, unix.Mkdev(136, 0))
	assert.Equal(t, a.Mode, uint32(unix.S_IFCHR|0o620))
	_, err = in.Open(ctx, unix.O_RDWR)
	assert.Equal(t, err, unix.EIO, "locked")
	vfs.NewAnonFile("", ops, unix.O_RDWR).DecRef()
	_, err = pts.Root().Lookup(ctx, "0")
	assert.Equal(t, err, unix.ENOENT)
}
