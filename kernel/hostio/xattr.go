// SPDX-License-Identifier: Apache-2.0

// This file is extended attributes of files that can't be opened: symbolic links, FIFOs, sockets and devices of the host.

package hostio

import (
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"
)

// xattrArgs is struct xattr_args of linux/xattr.h.
type xattrArgs struct {
	value uint64
	size  uint32
	flags uint32
}

// An empty name is the file behind the descriptor itself.
const xattrAt = unix.AT_SYMLINK_NOFOLLOW | unix.AT_EMPTY_PATH

// Getxattrat is getxattrat(2) of a name in a directory, which is not followed. ENOSYS before Linux 6.13, as for all of these.
func Getxattrat(dir int, file, name string, value []byte) (int, error) {
	return xattrCall(unix.SYS_GETXATTRAT, dir, file, name, value, 0)
}

// Setxattrat is setxattrat(2).
func Setxattrat(dir int, file, name string, value []byte, flags uint32) error {
	_, err := xattrCall(unix.SYS_SETXATTRAT, dir, file, name, value, flags)
	return err
}

func xattrCall(nr uintptr, dir int, file, name string, value []byte, flags uint32) (int, error) {
	f, err := unix.BytePtrFromString(file)
	if err != nil {
		return 0, err
	}
	n, err := unix.BytePtrFromString(name)
	if err != nil {
		return 0, err
	}
	args := xattrArgs{size: uint32(len(value)), flags: flags}
	var pin runtime.Pinner
	defer pin.Unpin()
	if len(value) > 0 {
		pin.Pin(&value[0])
		args.value = uint64(uintptr(unsafe.Pointer(&value[0])))
	}
	r, _, e := unix.Syscall6(nr, uintptr(dir), uintptr(unsafe.Pointer(f)), xattrAt,
		uintptr(unsafe.Pointer(n)), uintptr(unsafe.Pointer(&args)), unsafe.Sizeof(args))
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

// Listxattrat is listxattrat(2).
func Listxattrat(dir int, file string, list []byte) (int, error) {
	f, err := unix.BytePtrFromString(file)
	if err != nil {
		return 0, err
	}
	r, _, e := unix.Syscall6(unix.SYS_LISTXATTRAT, uintptr(dir), uintptr(unsafe.Pointer(f)), xattrAt,
		uintptr(unsafe.Pointer(unsafe.SliceData(list))), uintptr(len(list)), 0)
	if e != 0 {
		return 0, e
	}
	return int(r), nil
}

// Removexattrat is removexattrat(2).
func Removexattrat(dir int, file, name string) error {
	f, err := unix.BytePtrFromString(file)
	if err != nil {
		return err
	}
	n, err := unix.BytePtrFromString(name)
	if err != nil {
		return err
	}
	_, _, e := unix.Syscall6(unix.SYS_REMOVEXATTRAT, uintptr(dir), uintptr(unsafe.Pointer(f)), xattrAt,
		uintptr(unsafe.Pointer(n)), 0, 0)
	if e != 0 {
		return e
	}
	return nil
}
