// SPDX-License-Identifier: Apache-2.0

// Package copy_file_range tests copy_file_range from Go: a file copied in pieces, and pieces of a file rearranged.
package copy_file_range

import (
	"bytes"
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("pieces", "", pieces)
	harness.Case("rearranged", "", rearranged)
}

func pieces(t *harness.T) {
	want := harness.Pattern(200_001)
	t.Must("write", os.WriteFile("in", want, 0o644))
	for _, size := range []int{1000, 4096, 65536, 1 << 20} {
		in, out := t.FD("in", unix.O_RDONLY), t.FD("out", unix.O_CREAT|unix.O_TRUNC|unix.O_WRONLY)
		for {
			n, err := harness.Sys(unix.SYS_COPY_FILE_RANGE, in, nil, out, nil, size, 0)
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

func rearranged(t *harness.T) {
	want := harness.Pattern(30_000)
	t.Must("write", os.WriteFile("f", want, 0o644))
	fd := t.FD("f", unix.O_RDWR)
	for _, s := range []struct{ from, to, n int64 }{{0, 10_000, 10_000}, {25_000, 1, 5000}, {29_999, 0, 1}, {100, 40_000, 7}, {29_000, 5, 5000}} {
		from, to := s.from, s.to
		n, err := harness.Sys(unix.SYS_COPY_FILE_RANGE, fd, unsafe.Pointer(&from), fd, unsafe.Pointer(&to), s.n, 0)
		t.Must(fmt.Sprint(s), err)
		t.Equal("count", int64(n), s.n)
		want = append(want, make([]byte, max(0, int(s.to+s.n)-len(want)))...)
		copy(want[s.to:], bytes.Clone(want[s.from:s.from+s.n]))
		got, err := os.ReadFile("f")
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "after %v: %d bytes that differ", s, len(got))
	}
}
