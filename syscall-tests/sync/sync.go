// SPDX-License-Identifier: Apache-2.0

// Package sync tests sync from Go: while others write, and what is in the file afterwards.
package sync

import (
	"bytes"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("during_writes", "", duringWrites)
}

func duringWrites(t *harness.T) {
	want := harness.Pattern(10_000)
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	ends := harness.Race(4, func(i int) error {
		if i > 0 {
			return harness.Err(unix.SYS_SYNC)
		}
		_, err := unix.Pwrite(fd, want, 0)
		return err
	})
	t.Equal("ends", ends, "0 x4")
	t.Errno("again", harness.Err(unix.SYS_SYNC), 0)
	got, err := os.ReadFile("f")
	t.Must("read", err)
	t.Check(bytes.Equal(got, want), "%d bytes that differ", len(got))
}
