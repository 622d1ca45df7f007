// SPDX-License-Identifier: Apache-2.0

// Package statx tests statx from Go: it agrees with stat, field by field.
package statx

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_stat", "", agreesWithStat)
	harness.Case("errors", "", errors)
}

func agreesWithStat(t *harness.T) {
	t.Put("file", "dir/", "link -> file")
	t.Must("mkfifo", unix.Mkfifo("fifo", 0o640))
	for _, path := range []string{"file", "dir", "link", "fifo", "/", "/dev/null", "/proc/self/status"} {
		var st unix.Stat_t
		var x unix.Statx_t
		t.Must("lstat", unix.Lstat(path, &st))
		t.Must("statx", harness.Err(unix.SYS_STATX, unix.AT_FDCWD, path, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_BASIC_STATS, unsafe.Pointer(&x)))
		type facts struct {
			Mode, UID, GID uint32
			Links, Ino     uint64
			Size, Mtime    int64
			Rdev           uint64
		}
		t.Diff(path, facts{uint32(x.Mode), x.Uid, x.Gid, uint64(x.Nlink), x.Ino, int64(x.Size), x.Mtime.Sec, unix.Mkdev(x.Rdev_major, x.Rdev_minor)},
			facts{st.Mode, st.Uid, st.Gid, st.Nlink, st.Ino, st.Size, st.Mtim.Sec, st.Rdev})
	}
}

func errors(t *harness.T) {
	t.Put("file", "loop -> loop")
	var x unix.Statx_t
	call := func(fd int, path string, flags, mask int) error {
		return harness.Err(unix.SYS_STATX, fd, path, flags, mask, unsafe.Pointer(&x))
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call(unix.AT_FDCWD, "missing", 0, 0)),
		harness.Try("empty", unix.ENOENT, call(unix.AT_FDCWD, "", 0, 0)),
		harness.Try("empty, allowed", 0, call(unix.AT_FDCWD, "", unix.AT_EMPTY_PATH, 0)),
		harness.Try("below a file", unix.ENOTDIR, call(unix.AT_FDCWD, "file/x", 0, 0)),
		harness.Try("loop", unix.ELOOP, call(unix.AT_FDCWD, "loop", 0, 0)),
		harness.Try("bad fd", unix.EBADF, call(-1, "file", 0, 0)),
		harness.Try("reserved mask", unix.EINVAL, call(unix.AT_FDCWD, "file", 0, 0x80000000)),
		harness.Try("both sync flags", unix.EINVAL, call(unix.AT_FDCWD, "file", 0x6000, 0)),
		harness.Try("unknown flag", unix.EINVAL, call(unix.AT_FDCWD, "file", 1<<30, 0)),
	)
}
