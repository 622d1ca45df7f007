// SPDX-License-Identifier: Apache-2.0

// Package perf_event_open tests perf_event_open from Go: the clock of a thread runs while it works.
package perf_event_open

import (
	"encoding/binary"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("clock_of_a_thread", "root cap:21", clock)
}

func clock(t *harness.T) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	attr := unix.PerfEventAttr{Type: unix.PERF_TYPE_SOFTWARE, Config: unix.PERF_COUNT_SW_TASK_CLOCK, Size: uint32(unsafe.Sizeof(unix.PerfEventAttr{}))}
	fd, err := unix.PerfEventOpen(&attr, 0, -1, -1, unix.PERF_FLAG_FD_CLOEXEC)
	t.Must("open", err)
	defer unix.Close(fd)
	read := func() uint64 {
		var b [8]byte
		n, err := unix.Read(fd, b[:])
		t.Must("read", err)
		t.Equal("bytes", n, 8)
		return binary.NativeEndian.Uint64(b[:])
	}
	before := read()
	sum := 0
	for i := range 1 << 20 {
		sum ^= i
	}
	after := read()
	runtime.KeepAlive(sum)
	t.Check(after > before, "the clock stands still: %d, then %d", before, after)
}
