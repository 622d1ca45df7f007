// SPDX-License-Identifier: Apache-2.0

// Package sendfile tests sendfile from Go: a file copied in pieces, and sent through a pipe and a socket.
package sendfile

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("through_pipes_and_sockets", "", throughPipesAndSockets)
}

func pieces(t *harness.T) {
	want := harness.Pattern(200_001)
	t.Must("write", os.WriteFile("in", want, 0o644))
	for _, size := range []int{1000, 4096, 65536, 1 << 20} {
		in, out := t.FD("in", unix.O_RDONLY), t.FD("out", unix.O_CREAT|unix.O_TRUNC|unix.O_WRONLY)
		for {
			n, err := harness.Sys(unix.SYS_SENDFILE, out, in, nil, size)
			t.Must("copy", err)
			if n == 0 {
				break
			}
		}
		unix.Close(in)
		unix.Close(out)
		got, err := os.ReadFile("out")
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "in pieces of %d: %d bytes that differ", size, len(got))
	}
}

func throughPipesAndSockets(t *harness.T) {
	want := harness.Pattern(200_001)
	t.Must("write", os.WriteFile("in", want, 0o644))
	for _, kind := range []string{"pipe", "socket"} {
		var p [2]int
		var err error
		if kind == "pipe" {
			err = unix.Pipe2(p[:], unix.O_CLOEXEC)
		} else {
			p, err = unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		}
		t.Must(kind, err)
		go func() {
			in, _ := unix.Open("in", unix.O_RDONLY|unix.O_CLOEXEC, 0)
			for {
				if n, err := harness.Sys(unix.SYS_SENDFILE, p[1], in, nil, 1<<20); n == 0 || err != nil {
					break
				}
			}
			unix.Close(p[1])
		}()
		got, err := io.ReadAll(os.NewFile(uintptr(p[0]), kind))
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "%s: %d bytes that differ", kind, len(got))
	}
}
