// SPDX-License-Identifier: Apache-2.0

// Package poll tests poll from Go: many descriptors, and closing ends while it waits.
package poll

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("table", "", table)
	harness.Case("hang_up_while_waiting", "", hangUp)
}

func wait(fds []unix.PollFd, ms int) (int, error) {
	n, err := unix.Poll(fds, ms)
	return n, err
}

func table(t *harness.T) {
	for _, events := range []int16{0, unix.POLLIN, unix.POLLOUT, unix.POLLIN | unix.POLLOUT | unix.POLLPRI, unix.POLLRDHUP, -1} {
		s, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		t.Must("socketpair", err)
		fds := []unix.PollFd{{Fd: int32(s[0]), Events: events}, {Fd: int32(s[1]), Events: events}, {Fd: -5, Events: events}, {Fd: 998, Events: events}}
		look := func(when string) {
			n, err := wait(fds, 0)
			t.ObserveRet(fmt.Sprintf("%s, events %#x", when, events), n, err)
			for i, f := range fds {
				t.Observe(fmt.Sprintf("%s, events %#x, %d", when, events, i), "%#x", f.Revents)
			}
		}
		look("fresh")
		unix.Write(s[0], []byte("x"))
		look("data")
		unix.Shutdown(s[0], unix.SHUT_WR)
		look("half closed")
		unix.Close(s[0])
		fds[0].Fd = -1
		look("closed")
		unix.Close(s[1])
	}
}

func hangUp(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe(p[:]))
	tid := make(chan int)
	done := make(chan string)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
		fds := []unix.PollFd{{Fd: int32(p[0]), Events: unix.POLLIN}}
		for {
			n, err := wait(fds, 9000)
			if err == unix.EINTR {
				continue
			}
			done <- fmt.Sprintf("%d %s %#x", n, harness.ErrnoName(err), fds[0].Revents)
			return
		}
	}()
	t.Check(harness.WaitBlocked(unix.Getpid(), <-tid), "it does not wait")
	unix.Close(p[1])
	t.Observe("woken", "%s", <-done)
}
