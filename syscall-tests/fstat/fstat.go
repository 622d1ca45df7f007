// SPDX-License-Identifier: Apache-2.0

// Package fstat tests fstat from Go: what is said of files is how they were made, and the size while it grows.
package fstat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("facts", "", facts)
	harness.Case("size_grows", "", sizeGrows)
}

func facts(t *harness.T) {
	t.StatCase(func(path string, st *unix.Stat_t) error {
		fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
		if err != nil {
			return err
		}
		defer unix.Close(fd)
		return harness.Err(unix.SYS_FSTAT, fd, unsafe.Pointer(st))
	}, false)
}

func sizeGrows(t *harness.T) {
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	var sizes []int64
	for _, n := range []int{0, 1, 10, 4096, 100000} {
		_, err := unix.Write(fd, make([]byte, n))
		t.Must("write", err)
		var st unix.Stat_t
		t.Must("fstat", harness.Err(unix.SYS_FSTAT, fd, unsafe.Pointer(&st)))
		sizes = append(sizes, st.Size)
	}
	t.Diff("sizes", sizes, []int64{0, 1, 11, 4107, 104107})
}
