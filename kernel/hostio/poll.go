// SPDX-License-Identifier: Apache-2.0

// This file asks the host what is ready, without waiting: the Go runtime need not know of such calls.

package hostio

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// Poll is which of events hold for fd now (poll(2)).
func Poll(fd int, events int16) int16 {
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: events}}
	for {
		n, _, e := unix.RawSyscall(unix.SYS_POLL, uintptr(unsafe.Pointer(&fds)), uintptr(len(fds)), 0)
		if e == unix.EINTR {
			continue
		}
		if e != 0 || n == 0 {
			return 0
		}
		return fds[0].Revents
	}
}

// EpollReady is how many of evs are filled with what an epoll has now (epoll_wait(2)).
func EpollReady(epfd int, evs []unix.EpollEvent) (int, error) {
	n, _, e := unix.RawSyscall6(unix.SYS_EPOLL_PWAIT, uintptr(epfd), uintptr(unsafe.Pointer(unsafe.SliceData(evs))), uintptr(len(evs)), 0, 0, 0)
	if e != 0 {
		return 0, e
	}
	return int(n), nil
}
