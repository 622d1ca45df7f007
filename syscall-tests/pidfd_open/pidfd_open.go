// SPDX-License-Identifier: Apache-2.0

// Package pidfd_open tests pidfd_open from Go: a pidfd is in epoll: readable when the process ends.
package pidfd_open

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("in_epoll", "", inEpoll)
}

func inEpoll(t *harness.T) {
	p := t.Sleeper(nil)
	fd, err := unix.PidfdOpen(p.Process.Pid, unix.PIDFD_NONBLOCK)
	t.Must("pidfd_open", err)
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll", err)
	t.Must("add", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLHUP}))
	events := make([]unix.EpollEvent, 2)
	n, err := unix.EpollWait(ep, events, 0)
	t.ObserveRet("alive", n, err)
	t.Must("kill", p.Process.Kill())
	n, err = unix.EpollWait(ep, events, 5000)
	t.ObserveRet("ended", n, err)
	t.Observe("events", "%#x", events[0].Events)
	t.Observe("status", "%s", harness.Status(p))
	n, err = unix.EpollWait(ep, events, 0)
	t.ObserveRet("reaped", n, err)
	t.Observe("events then", "%#x", events[0].Events)
}
