// SPDX-License-Identifier: Apache-2.0

// Package futimesat tests futimesat from Go: times come back as they were set.
package futimesat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("times_come_back", "", timesComeBack)
}

func timesComeBack(t *harness.T) {
	t.Put("file", "dir/")
	type times struct{ Atime, Mtime int64 }
	for _, path := range []string{"file", "dir"} {
		var got []times
		want := []times{{1, 2}, {1_000_000_000, 5}, {0, 0}, {-5, -6}, {2_000_000_000, 1}}
		for _, w := range want {
			t.Must(path, call(path, w.Atime, w.Mtime))
			var st unix.Stat_t
			t.Must("stat", unix.Stat(path, &st))
			got = append(got, times{st.Atim.Sec, st.Mtim.Sec})
		}
		t.Diff(path, got, want)
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", 1, 2)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", 1, 2)),
		harness.Try("empty", unix.ENOENT, call("", 1, 2)),
	)
}

func call(path string, a, m int64) error {
	t := [2]unix.Timeval{{Sec: a}, {Sec: m}}
	return harness.Err(unix.SYS_FUTIMESAT, unix.AT_FDCWD, path, unsafe.Pointer(&t))
}
