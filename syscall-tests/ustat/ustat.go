// SPDX-License-Identifier: Apache-2.0

// Package ustat tests ustat from Go: what it says agrees with statfs.
package ustat

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("devices_that_are_none", "", none)
	harness.Case("agrees_with_statfs", "", agrees)
}

// answer is struct ustat.
type answer struct {
	free        int32
	inodes      uint64
	name, packs [6]byte
}

func none(t *harness.T) {
	for _, dev := range []uint64{0, 1 << 20, 0xffffffff} {
		var u answer
		_, _, e := unix.Syscall(unix.SYS_USTAT, uintptr(dev), uintptr(unsafe.Pointer(&u)), 0)
		t.Errno("ustat", e, unix.EINVAL)
		t.Equal("answer", u, answer{})
	}
}

func agrees(t *harness.T) {
	var st unix.Stat_t
	var fs unix.Statfs_t
	var u answer
	t.Must("stat", unix.Stat("/proc", &st))
	t.Must("statfs", unix.Statfs("/proc", &fs))
	_, _, e := unix.Syscall(unix.SYS_USTAT, uintptr(st.Dev), uintptr(unsafe.Pointer(&u)), 0)
	t.Observe("of proc", "%s", harness.ErrnoName(e))
	if e == 0 {
		t.Equal("free", uint64(u.free), fs.Bfree)
		t.Equal("inodes", u.inodes, fs.Ffree)
	}
}
