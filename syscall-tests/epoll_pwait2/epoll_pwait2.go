// SPDX-License-Identifier: Apache-2.0

// Package epoll_pwait2 tests epoll_pwait2 from Go: every byte of many pipes is seen, by level and by edge.
package epoll_pwait2

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("many_pipes_by_level", "", byLevel)
	harness.Case("many_pipes_by_edge", "", byEdge)
	harness.Case("none", "", none)
}

func sys(nr uintptr, ep int, ev []unix.EpollEvent, timeout uintptr) (int, error) {
	n, _, errno := unix.Syscall6(nr, uintptr(ep), uintptr(unsafe.Pointer(unsafe.SliceData(ev))), uintptr(len(ev)), timeout, 0, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(n), nil
}

func wait(ep int, ev []unix.EpollEvent, ms int) (int, error) {
	return sys(unix.SYS_EPOLL_PWAIT2, ep, ev, uintptr(unsafe.Pointer(&unix.Timespec{Sec: int64(ms / 1000), Nsec: int64(ms%1000) * 1e6})))
}

func byLevel(t *harness.T) { pipes(t, unix.EPOLLIN) }
func byEdge(t *harness.T)  { pipes(t, unix.EPOLLIN|unix.EPOLLET) }

// Goroutines write into pipes of their own and close them; all of it must be seen.
func pipes(t *harness.T, events uint32) {
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	const count, each = 10, 200
	for range count {
		var p [2]int
		t.Must("pipe", unix.Pipe2(p[:], unix.O_NONBLOCK))
		t.Must("add", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, p[0], &unix.EpollEvent{Events: events, Fd: int32(p[0])}))
		go func() {
			for range each {
				unix.Write(p[1], []byte("xy"))
			}
			unix.Close(p[1])
		}()
	}
	got, ended := 0, 0
	b := make([]byte, 64)
	for ended < count {
		var ev [3]unix.EpollEvent
		n, err := wait(ep, ev[:], 9000)
		if err == unix.EINTR {
			continue
		}
		t.Must("epoll_pwait2", err)
		if n == 0 {
			t.Fatalf("nothing more after %d bytes and %d ends", got, ended)
		}
		for _, e := range ev[:n] {
			for {
				k, err := unix.Read(int(e.Fd), b)
				if err != nil {
					break
				}
				if k == 0 {
					ended++
					unix.Close(int(e.Fd))
					break
				}
				got += k
			}
		}
	}
	t.Equal("bytes", got, count*each*2)
}

func none(t *harness.T) {
	ep, err := unix.EpollCreate1(0)
	t.Must("epoll_create1", err)
	n, err := wait(ep, make([]unix.EpollEvent, 2), 3)
	t.ObserveRet("nothing", n, err)
	_, err = wait(0, make([]unix.EpollEvent, 2), 0)
	t.ObserveErr("not an epoll", err)
	_, err = wait(-1, make([]unix.EpollEvent, 2), 0)
	t.Errno("no descriptor", err, unix.EBADF)
}
