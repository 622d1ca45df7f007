// SPDX-License-Identifier: Apache-2.0

// This file is the ioctl(2) commands of regular files and directories (fs/ioctl.c).

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	fiBmap   = 1          // FIBMAP
	fiFreeze = 0xc0045877 // FIFREEZE
	fiThaw   = 0xc0045878 // FITHAW
	fiTrim   = 0xc0185879 // FITRIM

	fiClone      = 0x40049409 // FICLONE
	fiCloneRange = 0x4020940d
	fiDedupe     = 0xc0189436 // FIDEDUPERANGE

	fsGetFlags   = 0x80086601 // FS_IOC_GETFLAGS
	fsSetFlags   = 0x40086602
	fsGetVersion = 0x80087601
	fsSetVersion = 0x40087602
	fsGetXattr   = 0x801c581f // FS_IOC_FSGETXATTR
	fsSetXattr   = 0x401c5820
	fsFiemap     = 0xc020660b // FS_IOC_FIEMAP
	fsGetLabel   = 0x81009431 // FS_IOC_GETFSLABEL
	fsGetUUID    = 0x80111500 // FS_IOC_GETFSUUID

	fsGetSysfsPath = 0x80811501 // FS_IOC_GETFSSYSFSPATH, which no file system here has

	fsReserve     = 0x40305828 // FS_IOC_RESVSP
	fsReserve64   = 0x4030582a
	fsUnreserve   = 0x40305829 // FS_IOC_UNRESVSP
	fsUnreserve64 = 0x4030582b
	fsZeroRange   = 0x40305839 // FS_IOC_ZERO_RANGE
)

// ioctlOfFile is the commands that do_vfs_ioctl knows for files of any kind. ENOTTY: it doesn't know this one.
func ioctlOfFile(t *task.Task, f *vfs.File, cmd uint32, arg uint64) error {
	addr := user.Addr(arg)
	switch cmd {
	case fiFreeze, fiThaw:
		return ioctlFreeze(t, f, cmd)
	case fsFiemap:
		return ioctlFiemap(t, f, addr)
	case fiClone:
		return ioctlClone(t, f, vfs.FD(int32(arg)))
	case fiCloneRange:
		var r struct {
			FD               int64
			Off, Len, DstOff uint64
		}
		if err := get(t, addr, &r); err != nil {
			return err
		}
		return ioctlClone(t, f, vfs.FD(int32(r.FD)))
	case fiDedupe:
		return ioctlDedupe(t, f, addr)
	case fsGetFlags, fsSetFlags, fsGetXattr, fsSetXattr:
		return ioctlFileAttr(t, f, cmd, addr)
	case fsGetUUID:
		id, ok := f.Path.Mount.Super().UUID()
		if !ok {
			return unix.ENOTTY
		}
		_, err := t.Memory().CopyOut(addr, append([]byte{byte(len(id))}, id[:]...))
		return err
	}
	if f.Inode.Mode()&unix.S_IFMT == unix.S_IFREG {
		if err := ioctlOfRegular(t, f, cmd, addr); err != unix.ENOTTY {
			return err
		}
	}
	return ioctlOfExt4(t, f, cmd, addr)
}

// ioctlFreeze: nothing here can be frozen.
func ioctlFreeze(t *task.Task, f *vfs.File, cmd uint32) error {
	switch {
	case !t.Creds().CapableIn(f.Path.Mount.Super().Owner(), unix.CAP_SYS_ADMIN):
		return unix.EPERM
	case cmd == fiFreeze:
		return unix.EOPNOTSUPP
	}
	return unix.EINVAL
}

// ioctlClone: no two files share blocks.
func ioctlClone(t *task.Task, out *vfs.File, from vfs.FD) error {
	in, err := t.Files().Get(from)
	if err != nil {
		return err
	}
	defer in.DecRef()
	kindIn, kindOut := in.Inode.Mode()&unix.S_IFMT, out.Inode.Mode()&unix.S_IFMT
	switch {
	case in.Inode.FS() != out.Inode.FS():
		return unix.EXDEV
	case kindIn == unix.S_IFDIR || kindOut == unix.S_IFDIR:
		return unix.EISDIR
	case kindIn != unix.S_IFREG || kindOut != unix.S_IFREG:
		return unix.EINVAL
	case !in.Readable() || !out.Writable() || out.Flags()&unix.O_APPEND != 0:
		return unix.EBADF
	}
	return unix.EOPNOTSUPP
}

// ioctlDedupe is FIDEDUPERANGE, as far as it gets where blocks can't be shared.
func ioctlDedupe(t *task.Task, f *vfs.File, addr user.Addr) error {
	var head struct {
		Off, Len  uint64
		Count     uint16
		Reserved1 uint16
		Reserved2 uint32
	}
	const headSize, infoSize = 24, 32
	var count uint16
	if err := get(t, addr+16, &count); err != nil {
		return err
	}
	size := headSize + int(count)*infoSize
	if size > abi.PageSize {
		return unix.ENOMEM
	}
	all := make([]byte, size)
	if _, err := t.Memory().CopyIn(addr, all); err != nil {
		return err
	}
	if err := get(t, addr, &head); err != nil {
		return err
	}
	kind := f.Inode.Mode() & unix.S_IFMT
	switch {
	case !f.Readable(), head.Reserved1 != 0, head.Reserved2 != 0:
		return unix.EINVAL
	case kind == unix.S_IFDIR:
		return unix.EISDIR
	case kind != unix.S_IFREG:
		return unix.EINVAL
	}
	return unix.EOPNOTSUPP
}

// ioctlOfRegular is file_ioctl.
func ioctlOfRegular(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	switch cmd {
	case fiBmap:
		return ioctlBmap(t, addr)
	case fsReserve, fsReserve64:
		return ioctlAllocate(t, f, 0, addr)
	case fsUnreserve, fsUnreserve64:
		return ioctlAllocate(t, f, unix.FALLOC_FL_PUNCH_HOLE, addr)
	case fsZeroRange:
		return ioctlAllocate(t, f, unix.FALLOC_FL_ZERO_RANGE, addr)
	}
	return unix.ENOTTY
}

// ioctlBmap: no file has blocks of a device.
func ioctlBmap(t *task.Task, addr user.Addr) error {
	if !t.Creds().Capable(unix.CAP_SYS_RAWIO) {
		return unix.EPERM
	}
	var block int32
	if err := get(t, addr, &block); err != nil {
		return err
	}
	return unix.EINVAL
}

// ioctlAllocate is ioctl_preallocate.
func ioctlAllocate(t *task.Task, f *vfs.File, mode uint32, addr user.Addr) error {
	var r struct {
		Type, Whence int16
		_            int32
		Start, Len   int64
		_            [24]byte
	}
	if err := get(t, addr, &r); err != nil {
		return err
	}
	switch r.Whence {
	case unix.SEEK_SET:
	case unix.SEEK_CUR:
		r.Start += f.Pos()
	case unix.SEEK_END:
		a, err := f.Inode.Attr(t)
		if err != nil {
			return err
		}
		r.Start += a.Size
	default:
		return unix.EINVAL
	}
	return fallocateFile(t, f, mode|unix.FALLOC_FL_KEEP_SIZE, r.Start, r.Len)
}

// ioctlOfExt4 is what a file system of the host, or one that lies on it, knows besides (ext4_ioctl).
func ioctlOfExt4(t *task.Task, f *vfs.File, cmd uint32, addr user.Addr) error {
	if kind := f.Inode.Mode() & unix.S_IFMT; kind != unix.S_IFREG && kind != unix.S_IFDIR || !vfs.OnDisk(f.Inode.FS()) {
		return unix.ENOTTY
	}
	switch cmd {
	case fsGetVersion:
		g, ok := f.Inode.(vfs.Generated)
		if !ok {
			return unix.ENOTTY
		}
		n, err := g.Generation(t)
		if err != nil {
			return err
		}
		return put32(t, addr, n)
	case fsSetVersion:
		var n uint32
		return vfs.SetGeneration(t, f.Path, func() (uint32, error) { return n, get(t, addr, &n) })
	case fsGetLabel:
		_, err := t.Memory().CopyOut(addr, make([]byte, 256))
		return err
	case fiTrim:
		if !t.Creds().Capable(unix.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		return unix.EOPNOTSUPP
	}
	return unix.ENOTTY
}
