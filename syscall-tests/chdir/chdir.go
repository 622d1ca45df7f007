// SPDX-License-Identifier: Apache-2.0

// Package chdir tests chdir from Go: all threads go along, a child process too, and its errors.
package chdir

import (
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("all_threads_go_along", "", allThreadsGoAlong)
	harness.Case("errors", "", errors)
}

func allThreadsGoAlong(t *harness.T) {
	t.Put("d/", "d/here")
	t.Must("chdir", harness.Err(unix.SYS_CHDIR, "d"))
	ends := harness.Race(8, func(int) error {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		var st unix.Stat_t
		return unix.Stat("here", &st)
	})
	t.Equal("threads", ends, "0 x8")
	out, err := exec.Command("/bin/ls").Output()
	t.Must("ls", err)
	t.Equal("child", string(out), "here\n")
}

func errors(t *harness.T) {
	t.Put("file", "dir/", "to_dir -> dir", "loop -> loop")
	call := func(path string) error { return harness.Err(unix.SYS_CHDIR, path) }
	t.Tries(
		harness.Try("file", unix.ENOTDIR, call("file")),
		harness.Try("missing", unix.ENOENT, call("missing")),
		harness.Try("empty", unix.ENOENT, call("")),
		harness.Try("loop", unix.ELOOP, call("loop")),
		harness.Try("name of 256", unix.ENAMETOOLONG, call(strings.Repeat("n", 256))),
		harness.Try("link", 0, call("to_dir")),
		harness.Try("dotdot", 0, call("..")),
		harness.Try("there already", 0, call("dir/../dir/..")),
	)
}
