// SPDX-License-Identifier: Apache-2.0

// Package fchmod tests fchmod from Go: all bits come back.
package fchmod

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("modes", "root", modes)
	harness.Case("every_descriptor_sees_it", "", everyDescriptorSeesIt)
}

func modes(t *harness.T) {
	t.Put("file", "dir/", "link -> file", "dangling -> nowhere")
	for mode := range 0o10000 {
		if mode%7 != 0 {
			continue
		}
		t.Must("chmod", call("file", mode))
		var st unix.Stat_t
		t.Must("stat", unix.Stat("file", &st))
		if int(st.Mode) != unix.S_IFREG|mode {
			t.Fatalf("mode %#o, want %#o", st.Mode, mode)
		}
	}
	t.Tries(
		harness.Try("missing", unix.ENOENT, call("missing", 0)),
		harness.Try("dangling", unix.ENOENT, call("dangling", 0)),
		harness.Try("below a file", unix.ENOTDIR, call("file/x", 0)),
		harness.Try("link", 0, call("link", 0o4600)),
		harness.Try("directory", 0, call("dir", 0o1777)),
	)
	t.Diff("tree", harness.Tree("."), []string{"dangling -> nowhere", "dir/ 01777", "file 04600", "link -> file"})
}

func everyDescriptorSeesIt(t *harness.T) {
	t.Put("f")
	a, b := t.FD("f", unix.O_RDONLY), t.FD("f", unix.O_RDWR)
	t.Errno("fchmod", harness.Err(unix.SYS_FCHMOD, a, 0o640), 0)
	var st unix.Stat_t
	t.Must("fstat", unix.Fstat(b, &st))
	t.Observe("mode", "%#o", st.Mode)
	t.Tries(
		harness.Try("bad", unix.EBADF, harness.Err(unix.SYS_FCHMOD, -1, 0)),
		harness.Try("O_PATH", unix.EBADF, harness.Err(unix.SYS_FCHMOD, t.FD("f", unix.O_PATH), 0)),
	)
}

func call(path string, mode int) error {
	fd, err := unix.Open(path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return harness.Err(unix.SYS_FCHMOD, fd, mode)
}
