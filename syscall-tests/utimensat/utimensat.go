// SPDX-License-Identifier: Apache-2.0

// Package utimensat tests utimensat from Go: times come back as they were set.
package utimensat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("times_come_back", "", timesComeBack)
	harness.Case("nanoseconds_come_back", "", nanosecondsComeBack)
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

func nanosecondsComeBack(t *harness.T) {
	t.Put("f", "l -> f")
	want := [2]unix.Timespec{{Sec: 1, Nsec: 123456789}, {Sec: 2, Nsec: 999999999}}
	t.Must("file", harness.Err(unix.SYS_UTIMENSAT, unix.AT_FDCWD, "f", unsafe.Pointer(&want), 0))
	link := [2]unix.Timespec{{Sec: 3, Nsec: 1}, {Sec: 4, Nsec: 2}}
	t.Must("link", harness.Err(unix.SYS_UTIMENSAT, unix.AT_FDCWD, "l", unsafe.Pointer(&link), unix.AT_SYMLINK_NOFOLLOW))
	var st, lst unix.Stat_t
	t.Must("stat", unix.Lstat("f", &st))
	t.Must("lstat", unix.Lstat("l", &lst))
	t.Diff("file", [2]unix.Timespec{st.Atim, st.Mtim}, want)
	t.Diff("link", [2]unix.Timespec{lst.Atim, lst.Mtim}, link)
}

func call(path string, a, m int64) error {
	t := [2]unix.Timespec{{Sec: a}, {Sec: m}}
	return harness.Err(unix.SYS_UTIMENSAT, unix.AT_FDCWD, path, unsafe.Pointer(&t), 0)
}
