// SPDX-License-Identifier: Apache-2.0

// Package sigaltstack tests sigaltstack from Go: a nil pointer in Go is handled on the runtime's alternate stack and becomes a panic.
package sigaltstack

import (
	"fmt"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("faults_become_panics", "", faultsBecomePanics)
	harness.Case("stack_of_this_thread", "", stackOfThisThread)
}

func recovered(f func()) (text string) {
	defer func() { text = fmt.Sprint(recover()) }()
	f()
	return ""
}

func faultsBecomePanics(t *harness.T) {
	var p *int
	var zero int
	t.Observe("nil", "%s", recovered(func() { *p = 1 }))
	t.Observe("division", "%s", recovered(func() { zero = 1 / zero }))
	debug.SetPanicOnFault(true)
	ro, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANON)
	t.Must("mmap", err)
	t.Observe("read-only", "%t", strings.Contains(recovered(func() { ro[5] = 1 }), "invalid memory address"))
}

func stackOfThisThread(t *harness.T) {
	runtime.LockOSThread()
	var ss struct {
		sp    uintptr
		flags int32
		size  uintptr
	}
	_, _, errno := unix.RawSyscall(unix.SYS_SIGALTSTACK, 0, uintptr(unsafe.Pointer(&ss)), 0)
	t.ObserveErr("get", errno)
	t.Observe("flags and size", "%d %d", ss.flags, ss.size)
}
