// SPDX-License-Identifier: Apache-2.0

// Package creat tests creat from Go: a file made, emptied, and raced for.
package creat

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("empties_what_is_there", "", emptiesWhatIsThere)
	harness.Case("all_win", "", allWin)
}

func emptiesWhatIsThere(t *harness.T) {
	t.Put("old", "link -> old")
	for _, path := range []string{"old", "new", "link"} {
		fd, err := harness.Sys(unix.SYS_CREAT, path, 0o600)
		t.Must(path, err)
		unix.Close(fd)
	}
	t.Diff("tree", harness.Tree("."), []string{"link -> old", `new 0600 ""`, `old ""`})
}

// creat does not mind that the file is there.
func allWin(t *harness.T) {
	ends := harness.Race(8, func(i int) error {
		fd, err := harness.Sys(unix.SYS_CREAT, "f", 0o644)
		if err == nil {
			_, err = unix.Pwrite(fd, []byte{'x'}, int64(i))
			unix.Close(fd)
		}
		return err
	})
	t.Equal("ends", ends, "0 x8")
}
