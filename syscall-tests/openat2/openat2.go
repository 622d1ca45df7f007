// SPDX-License-Identifier: Apache-2.0

// Package openat2 tests openat2 from Go: its errors in a table, and the race for a new name.
package openat2

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("errors", "", errors)
	harness.Case("one_wins", "", oneWins)
	harness.Case("rename_in_a_jail", "", renameInAJail)
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "loop -> loop", "dangling -> nowhere", "to_dir -> dir")
	call := func(path string, flags int) error {
		fd, err := openHow(path, flags)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", unix.O_RDONLY)),
		harness.Try("empty path", unix.ENOENT, call("", unix.O_RDONLY)),
		harness.Try("dangling link", unix.ENOENT, call("dangling", unix.O_RDONLY)),
		harness.Try("creating through the dangling link", 0, call("dangling", unix.O_CREAT|unix.O_WRONLY)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", unix.O_RDONLY)),
		harness.Try("O_DIRECTORY of a file", unix.ENOTDIR, call("file", unix.O_DIRECTORY)),
		harness.Try("directory for writing", unix.EISDIR, call("dir", unix.O_WRONLY)),
		harness.Try("loop", unix.ELOOP, call("loop", unix.O_RDONLY)),
		harness.Try("O_NOFOLLOW of a link", unix.ELOOP, call("to_dir", unix.O_NOFOLLOW)),
		harness.Try("O_CREAT|O_EXCL of what is there", unix.EEXIST, call("file", unix.O_CREAT|unix.O_EXCL)),
		harness.Try("name of 256", unix.ENAMETOOLONG, call(strings.Repeat("n", 256), unix.O_RDONLY)),
		harness.Try("path of 4096", unix.ENAMETOOLONG, call(strings.Repeat("./", 2048), unix.O_RDONLY)),
		harness.Try("file", 0, call("file", unix.O_RDWR)),
		harness.Try("directory", 0, call("to_dir", unix.O_RDONLY|unix.O_DIRECTORY)),
	)
	t.Diff("tree", harness.Tree("."), []string{"dangling -> nowhere", "dir/", "file", "loop -> loop", `nowhere ""`, "to_dir -> dir"})
}

// Of all who create a name exclusively at once, one gets it.
func oneWins(t *harness.T) {
	ends := harness.Race(8, func(i int) error {
		fd, err := openHow("new", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY)
		if err == nil {
			unix.Close(fd)
		}
		return err
	})
	t.Equal("ends", ends, "0 x1, EEXIST x7")
}

func renameInAJail(t *harness.T) {
	t.Put("out", "jail/", "jail/a/", "jail/a/b/", "jail/in", "jail/escape -> ../out")
	jail := t.FD("jail", unix.O_PATH)
	how := unix.OpenHow{Flags: unix.O_RDONLY, Resolve: unix.RESOLVE_BENEATH}
	call := func(path string) error {
		fd, err := unix.Openat2(jail, path, &how)
		if err == nil {
			unix.Close(fd)
		}
		return err
	}
	t.Tries(
		harness.Try("inside", 0, call("in")),
		harness.Try("up and down", 0, call("a/b/../../in")),
		harness.Try("up and out", unix.EXDEV, call("a/../../out")),
		harness.Try("by a link", unix.EXDEV, call("escape")),
		harness.Try("absolute", unix.EXDEV, call("/")),
	)
	// What the path means is what it means now: the directory has moved out of the jail.
	t.Must("rename", os.Rename("jail/a", "a"))
	inner := t.FD("a/b", unix.O_PATH)
	fd, err := unix.Openat2(inner, "../../out", &how)
	t.Errno("from a moved directory", err, unix.EXDEV)
	if err == nil {
		unix.Close(fd)
	}
}

func openHow(path string, flags int) (int, error) {
	how := unix.OpenHow{Flags: uint64(flags)}
	if flags&unix.O_CREAT != 0 {
		how.Mode = 0o644
	}
	return unix.Openat2(unix.AT_FDCWD, path, &how)
}
