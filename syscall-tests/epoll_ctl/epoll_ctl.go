// SPDX-License-Identifier: Apache-2.0

// Package epoll_ctl tests epoll_ctl from Go: tables of operations, and changes while another thread waits.
package epoll_ctl

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("operations", "", operations)
	harness.Case("changed_while_waiting", "", changed)
}

func operations(t *harness.T) {
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	e, err := unix.Eventfd(1, 0)
	t.Must("eventfd", err)
	ev := &unix.EpollEvent{Events: unix.EPOLLIN}
	t.Tries(
		harness.Try("del", unix.ENOENT, unix.EpollCtl(ep, unix.EPOLL_CTL_DEL, e, nil)),
		harness.Try("mod", unix.ENOENT, unix.EpollCtl(ep, unix.EPOLL_CTL_MOD, e, ev)),
		harness.Try("add", 0, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, e, ev)),
		harness.Try("add again", unix.EEXIST, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, e, ev)),
		harness.Try("itself", unix.EINVAL, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, ep, ev)),
		harness.Try("not an epoll", unix.EINVAL, unix.EpollCtl(e, unix.EPOLL_CTL_ADD, e, ev)),
		harness.Try("file", unix.EPERM, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, t.FD("f", unix.O_CREAT|unix.O_RDWR), ev)),
		harness.Try("bad op", unix.EINVAL, unix.EpollCtl(ep, 9, e, ev)),
		harness.Try("closed", unix.EBADF, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, 998, ev)),
		harness.Try("no event", unix.EFAULT, unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, e, nil)),
		harness.Try("mod", 0, unix.EpollCtl(ep, unix.EPOLL_CTL_MOD, e, ev)),
		harness.Try("del", 0, unix.EpollCtl(ep, unix.EPOLL_CTL_DEL, e, nil)),
	)
}

// The waiter sees a descriptor that is added, and a mask that is changed, while it waits.
func changed(t *harness.T) {
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	e, err := unix.Eventfd(0, 0)
	t.Must("eventfd", err)
	tid := make(chan int)
	seen := make(chan string)
	go func() {
		runtime.LockOSThread()
		for range 2 {
			tid <- unix.Gettid()
			var ev [4]unix.EpollEvent
			n, err := unix.EpollWait(ep, ev[:], 9000)
			for err == unix.EINTR {
				n, err = unix.EpollWait(ep, ev[:], 9000)
			}
			seen <- fmt.Sprintf("%d %s %d %#x", n, harness.ErrnoName(err), ev[0].Fd, ev[0].Events)
		}
	}()
	id := <-tid
	t.Check(harness.WaitBlocked(unix.Getpid(), id), "it does not wait")
	t.Must("add", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, e, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: 1}))
	t.Observe("added", "%s", <-seen)
	t.Must("mod", unix.EpollCtl(ep, unix.EPOLL_CTL_MOD, e, &unix.EpollEvent{Events: unix.EPOLLIN, Fd: 2}))
	id = <-tid
	t.Check(harness.WaitBlocked(unix.Getpid(), id), "it does not wait")
	t.Must("mod", unix.EpollCtl(ep, unix.EPOLL_CTL_MOD, e, &unix.EpollEvent{Events: unix.EPOLLOUT, Fd: 3}))
	t.Observe("changed", "%s", <-seen)
}
