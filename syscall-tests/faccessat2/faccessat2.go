// SPDX-License-Identifier: Apache-2.0

// Package faccessat2 tests faccessat2 from Go: what root may, in a table.
package faccessat2

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("as_root", "root", asRoot)
	harness.Case("flags", "", flags)
}

func asRoot(t *harness.T) {
	t.Put("plain", "program", "hidden", "dir/")
	t.Must("chmod", unix.Chmod("program", 0o755))
	t.Must("chmod", unix.Chmod("hidden", 0))
	t.Tries(
		harness.Try("exists", 0, call("plain", unix.F_OK)),
		harness.Try("missing", unix.ENOENT, call("missing", unix.F_OK)),
		harness.Try("below a file", unix.ENOTDIR, call("plain/x", unix.F_OK)),
		harness.Try("unknown mode", unix.EINVAL, call("plain", 8)),
		harness.Try("read and write", 0, call("plain", unix.R_OK|unix.W_OK)),
		// Root may execute what anybody may execute, and no more.
		harness.Try("execute a file", unix.EACCES, call("plain", unix.X_OK)),
		harness.Try("execute a program", 0, call("program", unix.X_OK)),
		harness.Try("search a directory", 0, call("dir", unix.X_OK)),
		harness.Try("hidden exists", 0, call("hidden", unix.F_OK)),
		harness.Try("hidden, read by root", 0, call("hidden", unix.R_OK|unix.W_OK)),
	)
}

func flags(t *harness.T) {
	t.Put("dangling -> nowhere", "file")
	call := func(fd int, path string, flags int) error {
		return harness.Err(unix.SYS_FACCESSAT2, fd, path, unix.F_OK, flags)
	}
	t.Tries(
		harness.Try("dangling", unix.ENOENT, call(unix.AT_FDCWD, "dangling", 0)),
		harness.Try("itself", 0, call(unix.AT_FDCWD, "dangling", unix.AT_SYMLINK_NOFOLLOW)),
		harness.Try("effective", 0, call(unix.AT_FDCWD, "file", unix.AT_EACCESS)),
		harness.Try("descriptor", 0, call(t.FD("file", unix.O_PATH), "", unix.AT_EMPTY_PATH)),
		harness.Try("descriptor without the flag", unix.ENOENT, call(t.FD("file", unix.O_PATH), "", 0)),
		harness.Try("unknown", unix.EINVAL, call(unix.AT_FDCWD, "file", 0x10000)),
	)
}

func call(path string, mode int) error {
	return harness.Err(unix.SYS_FACCESSAT2, unix.AT_FDCWD, path, mode, 0)
}
