// SPDX-License-Identifier: Apache-2.0

// Package hostio makes host calls that are known not to wait without telling
// the Go scheduler: what it would do for a call that may wait costs as much as
// the call.
package hostio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

const rwfNowait = 0x8

// Pread is pread64(2) of a regular file. What the host has cached is read
// without further ado; else the call waits like any other.
func Pread(fd int, p []byte, off int64) (int, error) {
	if n, ok := preadCached(fd, p, off); ok {
		return n, nil
	}
	for {
		n, err := unix.Pread(fd, p, off)
		if err != unix.EINTR {
			return max(n, 0), err
		}
	}
}

// preadCached reads if it can be done at once, and in full or to the end of
// the file: a short read that could be either is left to Pread.
func preadCached(fd int, p []byte, off int64) (int, bool) {
	if len(p) == 0 {
		return 0, true
	}
	iov := unix.Iovec{Base: &p[0], Len: uint64(len(p))}
	n, _, e := unix.RawSyscall6(unix.SYS_PREADV2, uintptr(fd), uintptr(unsafe.Pointer(&iov)), 1,
		uintptr(off), 0, rwfNowait)
	if e != 0 || int(n) < len(p) && n != 0 {
		return 0, false
	}
	return int(n), true
}
