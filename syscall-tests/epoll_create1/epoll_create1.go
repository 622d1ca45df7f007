// SPDX-License-Identifier: Apache-2.0

// Package epoll_create1 tests epoll_create1 from Go: many of them, and what is left when they close.
package epoll_create1

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("many", "", many)
	harness.Case("flags", "", flags)
}

func many(t *harness.T) {
	var fds []int
	e, err := unix.Eventfd(1, 0)
	t.Must("eventfd", err)
	for range 50 {
		ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
		t.Must("epoll_create1", err)
		t.Must("add", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, e, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 7}))
		fds = append(fds, ep)
	}
	for i, ep := range fds {
		var ev [2]unix.EpollEvent
		n, err := unix.EpollWait(ep, ev[:], 0)
		t.Must("wait", err)
		t.Equal("events", n, 1)
		if i%2 == 0 {
			unix.Close(ep)
		}
	}
	n, err := harness.Poll([]unix.PollFd{{Fd: int32(fds[1]), Events: unix.POLLIN}}, 0)
	t.ObserveRet("one that is left", n, err)
}

func flags(t *harness.T) {
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	t.Must("epoll_create1", err)
	for _, cmd := range []int{unix.F_GETFD, unix.F_GETFL} {
		v, err := unix.FcntlInt(uintptr(ep), cmd, 0)
		t.ObserveRet(fmt.Sprintf("fcntl %d", cmd), v, err)
	}
	_, err = unix.Read(ep, make([]byte, 8))
	t.ObserveErr("read", err)
}
