// SPDX-License-Identifier: Apache-2.0

// Package getgroups tests getgroups from Go: what setgroups put in comes out sorted, and in /proc too.
package getgroups

import (
	"fmt"
	"os"
	"runtime"
	"slices"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("reads_back_what_was_set", "root", readsBack)
}

func readsBack(t *harness.T) {
	runtime.LockOSThread()
	for _, n := range []int{1, 2, 31, 32, 33, 255, 256, 257, 1023, 1025} {
		set := make([]uint32, n)
		for i := range set {
			set[i] = uint32((i*7919 + 13) % 100003)
		}
		_, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(n), uintptr(unsafe.Pointer(&set[0])), 0)
		t.Errno("setgroups", errno, 0)
		got := make([]uint32, n+1)
		r, _, errno := unix.RawSyscall(unix.SYS_GETGROUPS, uintptr(len(got)), uintptr(unsafe.Pointer(&got[0])), 0)
		t.Errno("getgroups", errno, 0)
		t.Equal("count", int(r), n)
		slices.Sort(set)
		t.Check(slices.Equal(set, got[:n]), "%d groups come back as %v, want %v", n, got[:n], set)
		b, err := os.ReadFile("/proc/thread-self/status")
		t.Must("status", err)
		_, rest, _ := strings.Cut(string(b), "\nGroups:")
		line, _, _ := strings.Cut(rest, "\n")
		t.Equal("Groups line", strings.TrimSpace(line), strings.Trim(fmt.Sprint(set), "[]"))
	}
}
