// SPDX-License-Identifier: Apache-2.0

// Package write tests write from Go: a large file in pieces of every length, and several callers at once.
package write

import (
	"bytes"
	"io"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("appends_stay_whole", "", appendsStayWhole)
	harness.Case("through_a_pipe", "", throughAPipe)
}

func pieces(t *harness.T) {
	t.WritePieces(call)
}

func appendsStayWhole(t *harness.T) {
	t.AppendRace(func(fd int, p []byte) (int, error) { return call(fd, p, 0) })
}

func throughAPipe(t *harness.T) {
	var p [2]int
	t.Must("pipe", unix.Pipe2(p[:], unix.O_CLOEXEC))
	want := harness.Pattern(1_000_000)
	go func() {
		for left := want; len(left) > 0; {
			n, err := harness.Sys(unix.SYS_WRITE, p[1], left, len(left))
			if err != nil {
				break
			}
			left = left[n:]
		}
		unix.Close(p[1])
	}()
	got, err := io.ReadAll(os.NewFile(uintptr(p[0]), "pipe"))
	t.Must("read", err)
	t.Check(bytes.Equal(got, want), "%d bytes that differ", len(got))
}

func call(fd int, p []byte, off int64) (int, error) {
	return harness.Sys(unix.SYS_WRITE, fd, p, len(p))
}
