// SPDX-License-Identifier: Apache-2.0

// Package listmount tests listmount from Go: listed in pieces, all mounts come once.
package listmount

import (
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const sysListmount = 458

func init() {
	harness.Case("in_pieces", "root cap:21 kernel>=6.11", inPieces)
}

func list(root, last uint64, into []uint64) (int, error) {
	request := [3]uint64{24, root, last}
	n, _, errno := unix.Syscall6(sysListmount, uintptr(unsafe.Pointer(&request)), uintptr(unsafe.Pointer(&into[0])), uintptr(len(into)), 0, 0, 0)
	if errno != 0 {
		return 0, errno
	}
	return int(n), nil
}

func inPieces(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Put("a/", "b/", "c/")
	for _, dir := range []string{"a", "b", "c"} {
		t.Must("mount", unix.Mount("x", dir, "tmpfs", 0, ""))
	}
	seen := map[uint64]bool{}
	last := uint64(0)
	for piece := make([]uint64, 3); ; {
		n, err := list(^uint64(0), last, piece)
		t.Must("listmount", err)
		if n == 0 {
			break
		}
		for _, id := range piece[:n] {
			t.Equal("listed once", seen[id], false)
			seen[id] = true
		}
		last = piece[n-1]
	}
	text, err := os.ReadFile("/proc/thread-self/mountinfo")
	t.Must("mountinfo", err)
	t.Equal("as many as in mountinfo", len(seen), strings.Count(string(text), "\n"))
}
