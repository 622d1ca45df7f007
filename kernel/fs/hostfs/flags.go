// SPDX-License-Identifier: Apache-2.0

// This file is the flags of files that chattr(1) sets, which are the host's.

package hostfs

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	fsGetVersion = 0x80087601 // FS_IOC_GETVERSION
	fsSetVersion = 0x40087602
)

// onFile is withFile for who would hear ENOTTY of a file without flags.
func (i *inode) onFile(f func(fd int) error) error {
	err := i.withFile(f)
	if err == unix.EOPNOTSUPP || err == unix.EBADF {
		err = unix.ENOTTY
	}
	return err
}

// FileFlags implements vfs.Flagged.
func (i *inode) FileFlags(vfs.Ctx) (flags uint32, err error) {
	err = i.onFile(func(fd int) (err error) {
		flags, err = unix.IoctlGetUint32(fd, unix.FS_IOC_GETFLAGS)
		return err
	})
	return flags, err
}

// SetFileFlags implements vfs.Flagged.
func (i *inode) SetFileFlags(_ vfs.Ctx, fa *vfs.FileAttr) error {
	if fa.Extended() {
		return unix.EOPNOTSUPP
	}
	defer i.stale()
	return i.withFile(func(fd int) error { return unix.IoctlSetPointerInt(fd, unix.FS_IOC_SETFLAGS, int(int32(fa.Flags))) })
}

// KeptFlags implements vfs.Flagged: the host sees to all of them.
func (i *inode) KeptFlags() uint32 { return 0 }

// Generation implements vfs.Generated.
func (i *inode) Generation(vfs.Ctx) (n uint32, err error) {
	err = i.onFile(func(fd int) (err error) {
		n, err = unix.IoctlGetUint32(fd, fsGetVersion)
		return err
	})
	return n, err
}

// SetGeneration implements vfs.Generated.
func (i *inode) SetGeneration(_ vfs.Ctx, to uint32) error {
	defer i.stale()
	return i.onFile(func(fd int) error { return unix.IoctlSetPointerInt(fd, fsSetVersion, int(int32(to))) })
}
