// SPDX-License-Identifier: Apache-2.0

// Package fallocate tests fallocate from Go: contents after growing and punching, against a model.
package fallocate

import (
	"bytes"
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("against_a_model", "fs:fallocate", againstAModel)
}

func againstAModel(t *harness.T) {
	want := harness.Pattern(50_000)
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	_, err := unix.Write(fd, want)
	t.Must("write", err)
	const punch = unix.FALLOC_FL_PUNCH_HOLE | unix.FALLOC_FL_KEEP_SIZE
	for _, s := range []struct{ mode, off, n int }{
		{0, 0, 100}, {0, 49_000, 5000}, {unix.FALLOC_FL_KEEP_SIZE, 60_000, 5000}, {punch, 100, 10}, {punch, 4096, 8192}, {punch, 20_001, 4095}, {punch, 53_000, 100_000},
	} {
		t.Must(fmt.Sprint(s), harness.Err(unix.SYS_FALLOCATE, fd, s.mode, s.off, s.n))
		if s.mode == 0 {
			want = append(want, make([]byte, max(0, s.off+s.n-len(want)))...)
		}
		if s.mode == punch {
			clear(want[min(s.off, len(want)):min(s.off+s.n, len(want))])
		}
		got, err := os.ReadFile("f")
		t.Must("read", err)
		t.Check(bytes.Equal(got, want), "after %v: %d bytes that differ", s, len(got))
	}
}
