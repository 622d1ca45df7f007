// SPDX-License-Identifier: Apache-2.0

// Package openat tests openat from Go: its errors in a table, and the race for a new name.
package openat

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("errors", "", errors)
	harness.Case("one_wins", "", oneWins)
	harness.Case("walks_go_on_during_renames", "", walksGoOnDuringRenames)
	harness.Case("relative_to_descriptors", "", relativeToDescriptors)
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "loop -> loop", "dangling -> nowhere", "to_dir -> dir")
	call := func(path string, flags int) error {
		fd, err := harness.Sys(unix.SYS_OPENAT, unix.AT_FDCWD, path, flags, 0o644)
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
		fd, err := harness.Sys(unix.SYS_OPENAT, unix.AT_FDCWD, "new", unix.O_CREAT|unix.O_EXCL|unix.O_WRONLY, 0o644)
		if err == nil {
			unix.Close(fd)
		}
		return err
	})
	t.Equal("ends", ends, "0 x1, EEXIST x7")
}

// A path is found or not found while its directory is moved to and fro; nothing else.
func walksGoOnDuringRenames(t *harness.T) {
	t.Put("a/", "a/b/", "a/b/file")
	stop := make(chan struct{})
	done := make(chan error)
	go func() {
		var err error
		for err == nil {
			select {
			case <-stop:
				done <- nil
				return
			default:
			}
			if err = os.Rename("a/b", "c"); err == nil {
				err = os.Rename("c", "a/b")
			}
		}
		done <- err
	}()
	other := 0
	for range 300 {
		fd, err := harness.Sys(unix.SYS_OPENAT, unix.AT_FDCWD, "a/b/file", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		if err == nil {
			unix.Close(fd)
		} else if err != unix.ENOENT {
			other++
		}
	}
	close(stop)
	t.Must("renames", <-done)
	t.Equal("errors other than ENOENT", other, 0)
}

func relativeToDescriptors(t *harness.T) {
	t.Put("a/", "a/f", "b/", "b/f")
	for _, dir := range []string{"a", "b"} {
		fd, err := harness.Sys(unix.SYS_OPENAT, t.FD(dir, unix.O_PATH), "f", unix.O_RDONLY, 0)
		t.Must("openat", err)
		buf := make([]byte, 10)
		n, err := unix.Read(fd, buf)
		t.Must("read", err)
		t.Equal("content", string(buf[:n]), dir+"/f")
	}
}
