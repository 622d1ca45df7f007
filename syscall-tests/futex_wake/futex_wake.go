// SPDX-License-Identifier: Apache-2.0

// Package futex_wake tests futex_wake from Go: how many it wakes, and errors by table.
package futex_wake

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
	harness.Case("two_of_three", "kernel>=6.7", two)
	harness.Case("errors", "kernel>=6.7", errors)
}

func two(t *harness.T) {
	word := uint32(1)
	var ends []func() string
	for range 3 {
		ends = append(ends, waiting(t, func() (int, error) { return call(unix.SYS_FUTEX, at(&word), 128, 1) }))
	}
	n, err := call(454, at(&word), 1, 2, 130)
	t.ObserveRet("two", n, err)
	n, err = call(454, at(&word), 1, 2, 130)
	t.ObserveRet("the rest", n, err)
	for i, end := range ends {
		t.Observe(fmt.Sprint("woken ", i), "%s", end())
	}
}

func errors(t *harness.T) {
	word := uint32(1)
	for _, flags := range []uintptr{0, 1, 3, 2, 130, 64, 256} {
		n, err := call(454, at(&word), 1, 1, flags)
		t.ObserveRet(fmt.Sprint("flags ", flags), n, err)
	}
}
