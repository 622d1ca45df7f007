// SPDX-License-Identifier: Apache-2.0

// Package open_tree tests open_tree from Go: as many copies as threads ask for.
package open_tree

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("copies_at_once", "root cap:21", copiesAtOnce)
}

func copiesAtOnce(t *harness.T) {
	t.Must("mkdir", os.MkdirAll("d/in", 0o755))
	ends := harness.Race(8, func(int) error {
		fd, err := unix.OpenTree(unix.AT_FDCWD, "d", unix.OPEN_TREE_CLONE|unix.AT_RECURSIVE|unix.OPEN_TREE_CLOEXEC)
		if err != nil {
			return err
		}
		var st unix.Stat_t
		if err := unix.Fstatat(fd, "in", &st, 0); err != nil {
			return err
		}
		return unix.Close(fd)
	})
	t.Equal("ends", ends, "0 x8")
}
