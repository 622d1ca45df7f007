// SPDX-License-Identifier: Apache-2.0

// Package newfstatat tests newfstatat from Go: what is said of files is how they were made.
package newfstatat

import (
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("facts", "", facts)
	harness.Case("errors", "", errors)
}

func facts(t *harness.T) {
	t.StatCase(call, true)
}

func errors(t *harness.T) {
	t.Put("file", "loop -> loop", "dangling -> nowhere")
	var st unix.Stat_t
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", &st)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", &st)),
		harness.Try("file with a slash", unix.ENOTDIR, call("file/", &st)),
		harness.Try("through a loop", unix.ELOOP, call("loop/x", &st)),
		harness.Try("dangling", unix.ENOENT, call("dangling", &st)),
		harness.Try("loop", unix.ELOOP, call("loop", &st)),
		harness.Try("name of 256", unix.ENAMETOOLONG, call(strings.Repeat("n", 256), &st)),
	)
}

func call(path string, st *unix.Stat_t) error {
	return harness.Err(unix.SYS_NEWFSTATAT, unix.AT_FDCWD, path, unsafe.Pointer(st), 0)
}
