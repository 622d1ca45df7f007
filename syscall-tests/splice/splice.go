// SPDX-License-Identifier: Apache-2.0

// Package splice tests splice from Go: a file through a pipe into another file.
package splice

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("copies_a_file", "", copies)
	harness.Case("errnos", "", errnos)
}

func copies(t *harness.T) {
	data := harness.Pattern(300000)
	t.Must("write", os.WriteFile("in", data, 0o644))
	in, out := t.FD("in", unix.O_RDONLY), t.FD("out", unix.O_CREAT|unix.O_RDWR)
	var p [2]int
	t.Must("pipe", unix.Pipe(p[:]))
	for {
		n, err := unix.Splice(in, nil, p[1], nil, 50000, unix.SPLICE_F_MOVE)
		t.Must("splice in", err)
		if n == 0 {
			break
		}
		for n > 0 {
			k, err := unix.Splice(p[0], nil, out, nil, int(n), unix.SPLICE_F_MORE)
			t.Must("splice out", err)
			n -= k
		}
	}
	got, err := os.ReadFile("out")
	t.Must("read", err)
	t.Check(bytes.Equal(got, data), "the copy of %d bytes differs", len(got))
}

func errnos(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe2(p[:], unix.O_NONBLOCK))
	f := t.FD("f", unix.O_CREAT|unix.O_RDWR)
	sp := func(in, out, flags int) error {
		_, err := unix.Splice(in, nil, out, nil, 1, flags)
		return err
	}
	t.Tries(
		harness.Try("no pipe", unix.EINVAL, sp(f, f, 0)),
		harness.Try("one pipe", unix.EINVAL, sp(p[0], p[1], 0)),
		harness.Try("closed", unix.EBADF, sp(998, p[1], 0)),
		harness.Try("empty", unix.EAGAIN, sp(p[0], f, unix.SPLICE_F_NONBLOCK)),
		harness.Try("flags", unix.EINVAL, sp(f, p[1], 0x100)),
	)
}
