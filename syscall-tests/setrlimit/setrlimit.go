// SPDX-License-Identifier: Apache-2.0

// Package setrlimit tests setrlimit from Go: a limit on descriptors as a program meets it.
package setrlimit

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("descriptors_run_out", "", descriptors)
}

func descriptors(t *harness.T) {
	var old unix.Rlimit
	t.Must("getrlimit", unix.Getrlimit(unix.RLIMIT_NOFILE, &old))
	t.Must("setrlimit", unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: 64, Max: old.Max}))
	var fds []int
	for {
		fd, err := unix.Dup(0)
		if err != nil {
			t.ObserveErr("at the limit", err)
			break
		}
		fds = append(fds, fd)
	}
	t.Equal("the last one", fds[len(fds)-1], 63)
	for _, call := range []struct {
		name string
		f    func() error
	}{
		{"open", func() error { _, err := unix.Open("/", unix.O_RDONLY, 0); return err }},
		{"socket", func() error { _, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0); return err }},
		{"pipe", func() error { var p [2]int; return unix.Pipe(p[:]) }},
		{"epoll_create1", func() error { _, err := unix.EpollCreate1(0); return err }},
		{"eventfd", func() error { _, err := unix.Eventfd(0, 0); return err }},
		{"memfd_create", func() error { _, err := unix.MemfdCreate("m", 0); return err }},
		{"dup3", func() error { return unix.Dup3(0, 64, 0) }},
	} {
		t.ObserveErr(call.name, call.f())
	}
	unix.Close(fds[0])
	fd, err := unix.Dup(0)
	t.Must("dup after a close", err)
	t.Equal("the freed one", fd, fds[0])
}
