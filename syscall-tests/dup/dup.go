// SPDX-License-Identifier: Apache-2.0

// Package dup tests dup from Go: one position for all copies, and no number twice.
package dup

import (
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("numbers_are_apart", "", numbersAreApart)
	harness.Case("position_is_shared", "", positionIsShared)
}

func numbersAreApart(t *harness.T) {
	t.Put("f")
	fd := t.FD("f", unix.O_RDONLY)
	copies := make([]int, 50)
	ends := harness.Race(50, func(i int) (err error) {
		copies[i], err = harness.Sys(unix.SYS_DUP, fd)
		return err
	})
	t.Equal("ends", ends, "0 x50")
	slices.Sort(copies)
	t.Equal("different ones", len(slices.Compact(copies)), 50)
}

func positionIsShared(t *harness.T) {
	t.Must("write", os.WriteFile("f", []byte("0123456789"), 0o644))
	fd := t.FD("f", unix.O_RDONLY)
	copy, err := harness.Sys(unix.SYS_DUP, fd)
	t.Must("dup", err)
	var got string
	for i := range 10 {
		buf := make([]byte, 1)
		unix.Read([]int{fd, copy}[i%2], buf)
		got += string(buf)
	}
	t.Equal("read by turns", got, "0123456789")
}
