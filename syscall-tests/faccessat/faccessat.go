// SPDX-License-Identifier: Apache-2.0

// Package faccessat tests faccessat from Go: what root may, in a table.
package faccessat

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("as_root", "root", asRoot)
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

func call(path string, mode int) error {
	return harness.Err(unix.SYS_FACCESSAT, unix.AT_FDCWD, path, mode)
}
