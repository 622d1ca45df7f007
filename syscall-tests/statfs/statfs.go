// SPDX-License-Identifier: Apache-2.0

// Package statfs tests statfs from Go: one file system says the same from everywhere in it.
package statfs

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("same_everywhere", "", sameEverywhere)
}

func sameEverywhere(t *harness.T) {
	t.Put("a", "dir/", "dir/b")
	var first unix.Statfs_t
	t.Must("a", call("a", &first))
	for _, path := range []string{".", "dir", "dir/b"} {
		var s unix.Statfs_t
		t.Must(path, call(path, &s))
		t.Diff(path, [5]int64{s.Type, s.Bsize, s.Frsize, s.Namelen, int64(s.Blocks)}, [5]int64{first.Type, first.Bsize, first.Frsize, first.Namelen, int64(first.Blocks)})
		t.Diff(path+": id", s.Fsid, first.Fsid)
	}
	var proc unix.Statfs_t
	t.Must("/proc", call("/proc", &proc))
	t.Equal("type of /proc", proc.Type, int64(unix.PROC_SUPER_MAGIC))
	t.Check(proc.Fsid != first.Fsid || proc.Type != first.Type, "/proc is no file system of its own")
}

func call(path string, s *unix.Statfs_t) error {
	return harness.Err(unix.SYS_STATFS, path, unsafe.Pointer(s))
}
