// SPDX-License-Identifier: Apache-2.0

// Package renameat tests renameat from Go: never a moment without the name, one mover wins, and its errors.
package renameat

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("replaces_in_one_step", "", replacesInOneStep)
	harness.Case("one_wins", "", oneWins)
	harness.Case("errors", "", errors)
	harness.Case("between_descriptors", "", betweenDescriptors)
}

// A name that is renamed over is always there: the old file or the new one.
func replacesInOneStep(t *harness.T) {
	t.Put("old", "new")
	done := make(chan string)
	go func() {
		missing := 0
		for range 500 {
			b, err := os.ReadFile("new")
			if err != nil || len(b) == 0 {
				missing++
			}
		}
		done <- fmt.Sprintf("%d reads without a file", missing)
	}()
	for i := 0; ; i++ {
		select {
		case got := <-done:
			t.Equal("reader", got, "0 reads without a file")
			return
		default:
		}
		t.Must("write", os.WriteFile("old", []byte("version"), 0o644))
		t.Must("rename", call("old", "new"))
	}
}

func oneWins(t *harness.T) {
	t.Put("f")
	t.Equal("ends", harness.Race(8, func(i int) error { return call("f", fmt.Sprint("g", i)) }), "0 x1, ENOENT x7")
}

func errors(t *harness.T) {
	t.Put("file", "empty/", "full/", "full/x", "to_full -> full", "other")
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", "new")),
		harness.Try("to nowhere", unix.ENOENT, call("file", "missing/new")),
		harness.Try("file over directory", unix.EISDIR, call("file", "empty")),
		harness.Try("directory over file", unix.ENOTDIR, call("empty", "file")),
		harness.Try("over a full directory", unix.ENOTEMPTY, call("empty", "full")),
		harness.Try("into itself", unix.EINVAL, call("full", "full/new")),
		harness.Try("file to a name with a slash", unix.ENOTDIR, call("file", "new/")),
		harness.Try("dot", unix.EBUSY, call(".", "new")),
		harness.Try("dotdot", unix.EBUSY, call("file", "..")),
		harness.Try("below a file", unix.ENOTDIR, call("file", "other/new")),
		harness.Try("full over empty", 0, call("full", "empty")),
		harness.Try("over a dangling link", 0, call("file", "to_full")),
	)
	t.Diff("tree", harness.Tree("."), []string{`empty/`, `empty/x "full/x"`, `other`, `to_full "file"`})
}

func betweenDescriptors(t *harness.T) {
	t.Put("a/", "a/f", "b/")
	a, b := t.FD("a", unix.O_PATH), t.FD("b", unix.O_PATH)
	mv := func(from int, name string, to int, new string) error {
		return harness.Err(unix.SYS_RENAMEAT, from, name, to, new)
	}
	t.Tries(
		harness.Try("there", 0, mv(a, "f", b, "g")),
		harness.Try("again", unix.ENOENT, mv(a, "f", b, "g")),
		harness.Try("back", 0, mv(b, "g", a, "h")),
		harness.Try("bad from", unix.EBADF, mv(-1, "h", b, "g")),
		harness.Try("bad to", unix.EBADF, mv(a, "h", -1, "g")),
		harness.Try("file as fd", unix.ENOTDIR, mv(t.FD("a/h", unix.O_RDONLY), "h", b, "g")),
	)
	t.Diff("tree", harness.Tree("."), []string{"a/", `a/h "a/f"`, "b/"})
}

func call(from, to string) error {
	return harness.Err(unix.SYS_RENAMEAT, unix.AT_FDCWD, from, unix.AT_FDCWD, to)
}
