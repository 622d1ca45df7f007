// SPDX-License-Identifier: Apache-2.0

// Package inotify_init1 tests inotify_init1 from Go: pairs of flag bits.
package inotify_init1

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pairs_of_bits", "", pairs)
	harness.Case("runtime_poller", "", poller)
}

func pairs(t *harness.T) {
	for a := range 32 {
		var list []string
		for b := range 32 {
			fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, uint32(1)<<a|uint32(1)<<b)
			if err == nil {
				list = append(list, fmt.Sprint(b))
				unix.Close(fd)
			} else {
				t.Errno("pair", err, unix.EINVAL)
			}
		}
		t.Observe(fmt.Sprintf("bit %d with", a), "%v", list)
	}
}

// poller waits for events as Go's own runtime does: by an edge-triggered epoll.
func poller(t *harness.T) {
	fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, unix.IN_NONBLOCK|unix.IN_CLOEXEC)
	t.Must("init", err)
	_, err = harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, ".", unix.IN_CREATE)
	t.Must("add", err)
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	t.Must("epoll_ctl", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET}))
	for i := range 20 {
		name := fmt.Sprintf("f%d", i)
		go unix.Mknod(name, unix.S_IFREG|0o600, 0)
		var ev [1]unix.EpollEvent
		n, err := unix.EpollWait(ep, ev[:], 5000)
		for err == unix.EINTR {
			n, err = unix.EpollWait(ep, ev[:], 5000)
		}
		t.Must("epoll_wait", err)
		t.Equal("ready", n, 1)
		buf := make([]byte, 4096)
		n, err = unix.Read(fd, buf)
		t.Must("read", err)
		t.Equal("size", n, 32)
		t.Equal("name", unix.ByteSliceToString(buf[16:n]), name)
	}
}
