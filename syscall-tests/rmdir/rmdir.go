// SPDX-License-Identifier: Apache-2.0

// Package rmdir tests rmdir from Go: one of many removes it, and a tree goes from its leaves.
package rmdir

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("one_wins", "", oneWins)
	harness.Case("leaves_first", "", leavesFirst)
	harness.Case("race_with_creation", "", raceWithCreation)
}

func oneWins(t *harness.T) {
	t.Put("d/")
	t.Equal("ends", harness.Race(8, func(int) error { return harness.Err(unix.SYS_RMDIR, "d") }), "0 x1, ENOENT x7")
}

func leavesFirst(t *harness.T) {
	t.Put("a/", "a/b/", "a/b/c/", "file", "link -> a")
	call := func(path string) error { return harness.Err(unix.SYS_RMDIR, path) }
	t.Tries(
		harness.Try("a", unix.ENOTEMPTY, call("a")),
		harness.Try("a/b", unix.ENOTEMPTY, call("a/b")),
		harness.Try("a/b/.", unix.EINVAL, call("a/b/.")),
		harness.Try("a/b/..", unix.ENOTEMPTY, call("a/b/..")),
		harness.Try("link", unix.ENOTDIR, call("link")),
		harness.Try("file", unix.ENOTDIR, call("file")),
		harness.Try("a/b/c", 0, call("a/b/c")),
		harness.Try("a/b/c again", unix.ENOENT, call("a/b/c")),
		harness.Try("through the link", 0, call("link/b/")),
		harness.Try("a", 0, call("a")),
	)
	t.Diff("tree", harness.Tree("."), []string{"file", "link -> a"})
}

func raceWithCreation(t *harness.T) {
	for range 50 {
		t.Put("d/")
		ends := harness.Race(2, func(i int) error {
			if i == 0 {
				return harness.Err(unix.SYS_RMDIR, "d")
			}
			fd, err := unix.Open("d/f", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY|unix.O_CLOEXEC, 0o644)
			if err == nil {
				unix.Close(fd)
			}
			return err
		})
		// Either is first, and the other one sees it.
		if ends != "0 x1, ENOENT x1" && ends != "0 x1, ENOTEMPTY x1" {
			t.Fatalf("ends: %s", ends)
		}
		os.RemoveAll("d")
	}
}
