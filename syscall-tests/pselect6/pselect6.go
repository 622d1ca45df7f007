// SPDX-License-Identifier: Apache-2.0

// Package pselect6 tests pselect6 from Go: sets against what poll says, and a descriptor that was closed.
package pselect6

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_poll", "", agrees)
	harness.Case("closed_descriptor", "", closed)
}

func look(n int, r, wr *unix.FdSet) (int, error) {
	return harness.Again(func() (int, error) { return unix.Pselect(n, r, wr, nil, &unix.Timespec{}, nil) })
}

func agrees(t *harness.T) {
	var r, wr unix.FdSet
	var fds []unix.PollFd
	want := 0
	for i := range 20 {
		e, err := unix.Eventfd(uint(i%2), 0)
		t.Must("eventfd", err)
		r.Set(e)
		wr.Set(e)
		fds = append(fds, unix.PollFd{Fd: int32(e), Events: unix.POLLIN | unix.POLLOUT})
	}
	n, err := look(900, &r, &wr)
	t.Must("pselect6", err)
	_, err = harness.Poll(fds, 0)
	t.Must("poll", err)
	for _, f := range fds {
		in, out := f.Revents&unix.POLLIN != 0, f.Revents&unix.POLLOUT != 0
		t.Equal("readable", r.IsSet(int(f.Fd)), in)
		t.Equal("writable", wr.IsSet(int(f.Fd)), out)
		if in {
			want++
		}
		if out {
			want++
		}
	}
	t.Equal("count", n, want)
}

func closed(t *harness.T) {
	var r unix.FdSet
	r.Set(800)
	_, err := look(801, &r, nil)
	t.Errno("closed", err, unix.EBADF)
	_, err = look(800, &r, nil)
	t.ObserveErr("beyond n", err)
	_, err = look(-1, nil, nil)
	t.Errno("negative", err, unix.EINVAL)
}
