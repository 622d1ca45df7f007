// SPDX-License-Identifier: Apache-2.0

// Package futex_requeue tests futex_requeue from Go: a broadcast that wakes one and moves the others.
package futex_requeue

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func call(nr uintptr, args ...uintptr) (int, error) {
	var a [6]uintptr
	copy(a[:], args)
	r, _, errno := unix.Syscall6(nr, a[0], a[1], a[2], a[3], a[4], a[5])
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

func at[T any](p *T) uintptr { return uintptr(unsafe.Pointer(p)) }

// waiting runs f in a thread of its own and comes back when that sleeps; end is what f says.
func waiting(t *harness.T, f func() (int, error)) (end func() string) {
	tid, done := make(chan int), make(chan string)
	go func() {
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		tid <- unix.Gettid()
		n, err := f()
		done <- fmt.Sprintf("%d %s", n, harness.ErrnoName(err))
	}()
	t.Check(harness.WaitBlocked(os.Getpid(), <-tid), "it does not wait")
	return func() string { return <-done }
}

func init() {
	harness.Case("broadcast", "kernel>=6.7", broadcast)
	harness.Case("errors", "kernel>=6.7", errors)
}

type waiter struct {
	val, addr uint64
	flags, _  uint32
}

func broadcast(t *harness.T) {
	var from, to uint32 = 1, 1
	v := [2]waiter{{val: 1, addr: uint64(at(&from)), flags: 130}, {addr: uint64(at(&to)), flags: 130}}
	var ends []func() string
	for range 3 {
		ends = append(ends, waiting(t, func() (int, error) { return call(unix.SYS_FUTEX, at(&from), 128, 1) }))
	}
	n, err := call(456, at(&v), 0, 1, 1<<31-1)
	t.ObserveRet("requeue", n, err)
	t.Observe("first", "%s", ends[0]())
	for i, end := range ends[1:] {
		n, err := call(unix.SYS_FUTEX, at(&to), 129, 1)
		t.ObserveRet(fmt.Sprint("unlock ", i), n, err)
		t.Observe(fmt.Sprint("then ", i), "%s", end())
	}
}

func errors(t *harness.T) {
	var from, to uint32 = 1, 1
	for i, v := range [][2]waiter{
		{{val: 2, addr: uint64(at(&from)), flags: 130}, {addr: uint64(at(&to)), flags: 130}},
		{{val: 1, addr: uint64(at(&from)), flags: 0}, {addr: uint64(at(&to)), flags: 130}},
		{{val: 1, addr: 0x10000000000, flags: 130}, {addr: uint64(at(&to)), flags: 130}},
	} {
		n, err := call(456, at(&v), 0, 1, 1)
		t.ObserveRet(fmt.Sprint("pair ", i), n, err)
	}
}
