// SPDX-License-Identifier: Apache-2.0

// Package prctl tests prctl from Go: names of many threads as /proc shows them, and renaming through /proc.
package prctl

import (
	"fmt"
	"os"
	"runtime"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("thread_names_in_proc", "", threadNames)
	harness.Case("write_to_comm_renames", "", writeComm)
}

// threadNames names threads, and reads all names while all live.
func threadNames(t *harness.T) {
	const n = 4
	ready, done := make(chan int), make(chan struct{})
	for i := range n {
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			name, err := unix.BytePtrFromString(fmt.Sprintf("name number %d is long", i))
			t.Must("name", err)
			t.Errno("PR_SET_NAME", unix.Prctl(unix.PR_SET_NAME, uintptr(unsafe.Pointer(name)), 0, 0, 0), 0)
			ready <- unix.Gettid()
			<-done
		}()
		tid := <-ready
		b, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/comm", tid))
		t.Must("comm", err)
		t.Observe(fmt.Sprintf("comm %d", i), "%s", b)
		b, err = os.ReadFile(fmt.Sprintf("/proc/self/task/%d/stat", tid))
		t.Must("stat", err)
		_, rest, _ := strings.Cut(string(b), "(")
		inParens, _, _ := strings.Cut(rest, ")")
		t.Observe(fmt.Sprintf("stat %d", i), "%s", inParens)
	}
	close(done)
}

func writeComm(t *harness.T) {
	runtime.LockOSThread()
	path := fmt.Sprintf("/proc/self/task/%d/comm", unix.Gettid())
	for _, text := range []string{"short", "with\n", "a name of more than fifteen bytes", "x"} {
		err := os.WriteFile(path, []byte(text), 0)
		t.ObserveErr("write "+text, err)
		var buf [16]byte
		t.Errno("PR_GET_NAME", unix.Prctl(unix.PR_GET_NAME, uintptr(unsafe.Pointer(&buf[0])), 0, 0, 0), 0)
		t.Observe("name after "+text, "%q", unix.ByteSliceToString(buf[:]))
	}
}
