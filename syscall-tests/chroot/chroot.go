// SPDX-License-Identifier: Apache-2.0

// Package chroot tests chroot from Go: what all threads see of the new root.
package chroot

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("all_threads_see_it", "root", allThreadsSeeIt)
}

func allThreadsSeeIt(t *harness.T) {
	t.Put("jail/", "jail/in", "jail/sub/", "jail/up -> ../../in", "jail/abs -> /in", "out")
	t.Must("chroot", harness.Err(unix.SYS_CHROOT, "jail"))
	t.Must("chdir", unix.Chdir("/"))
	ends := harness.Race(8, func(i int) error {
		var st unix.Stat_t
		return unix.Stat([]string{"/in", "/../in", "/up", "/abs"}[i%4], &st)
	})
	t.Equal("threads", ends, "0 x8")
	t.Diff("root", harness.Tree("/"), []string{"abs -> /in", `in "jail/in"`, "sub/", "up -> ../../in"})
	_, err := os.Stat("/out")
	t.Errno("outside", err, unix.ENOENT)
}
