// SPDX-License-Identifier: Apache-2.0

// Package lseek tests lseek from Go: a table of positions, and the map of a sparse file.
package lseek

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("positions", "", positions)
	harness.Case("walks_a_sparse_file", "", walksASparseFile)
}

func positions(t *harness.T) {
	t.Must("write", os.WriteFile("f", make([]byte, 100), 0o644))
	fd := t.FD("f", unix.O_RDONLY)
	var got []string
	for _, s := range []struct{ off, whence int }{{10, 0}, {5, 1}, {-15, 1}, {-1, 1}, {0, 2}, {50, 2}, {-100, 2}, {-101, 2}, {99, 3}, {100, 3}, {0, 4}, {100, 4}, {0, 9}} {
		pos, err := harness.Sys(unix.SYS_LSEEK, fd, s.off, s.whence)
		got = append(got, fmt.Sprintf("%d,%d: %d %s", s.off, s.whence, pos, harness.ErrnoName(err)))
	}
	t.Diff("positions", got, []string{
		"10,0: 10 0", "5,1: 15 0", "-15,1: 0 0", "-1,1: -1 EINVAL", "0,2: 100 0", "50,2: 150 0", "-100,2: 0 0", "-101,2: -1 EINVAL",
		"99,3: 99 0", "100,3: -1 ENXIO", "0,4: 100 0", "100,4: -1 ENXIO", "0,9: -1 EINVAL",
	})
}

func walksASparseFile(t *harness.T) {
	const mib = 1 << 20
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	t.Must("truncate", unix.Ftruncate(fd, 10*mib))
	for _, at := range []int64{1 * mib, 4 * mib, 8 * mib} {
		_, err := unix.Pwrite(fd, []byte("data"), at)
		t.Must("write", err)
	}
	// However large the pieces are in which a file system keeps data: what was written is data.
	var data []string
	for pos := 0; ; {
		from, err := harness.Sys(unix.SYS_LSEEK, fd, pos, unix.SEEK_DATA)
		if err == unix.ENXIO {
			break
		}
		t.Must("data", err)
		to, err := harness.Sys(unix.SYS_LSEEK, fd, from, unix.SEEK_HOLE)
		t.Must("hole", err)
		for _, at := range []int{1 * mib, 4 * mib, 8 * mib} {
			if from <= at && at+4 <= to {
				data = append(data, fmt.Sprint(at/mib))
			}
		}
		t.Check(to > from && to <= 10*mib, "data from %d to %d", from, to)
		pos = to
	}
	t.Diff("data", data, []string{"1", "4", "8"})
}
