// SPDX-License-Identifier: Apache-2.0

// Package getresuid tests getresuid from Go, against what /proc shows of the same thread.
package getresuid

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_proc", "root", agreesWithProc)
}

func agreesWithProc(t *harness.T) {
	runtime.LockOSThread()
	for _, ids := range [][3]int{{-1, -1, -1}, {-1, -1, 300}, {100, 0, 0}, {0, 0, 65535}, {65536, 0, 1}, {1 << 30, 0, 1<<31 - 1}} {
		what := fmt.Sprint(ids)
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESUID, uintptr(ids[0]), uintptr(ids[1]), uintptr(ids[2]))
		t.Errno("setresuid "+what, errno, 0)
		r, e, s := unix.Getresuid()
		b, err := os.ReadFile("/proc/thread-self/status")
		t.Must("status", err)
		_, rest, _ := strings.Cut(string(b), "\nUid:")
		line, _, _ := strings.Cut(rest, "\n")
		f := strings.Fields(line)
		t.Equal("ids "+what, fmt.Sprint(r, e, s), strings.Join(f[:3], " "))
		t.Observe("status "+what, "%s", strings.Join(f, " "))
	}
}
