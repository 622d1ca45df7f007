// SPDX-License-Identifier: Apache-2.0

// Package futex_waitv tests futex_waitv from Go: many words, and the one that is woken.
package futex_waitv

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
	harness.Case("the_last_of_many", "", last)
	harness.Case("errors", "", errors)
}

type waiter struct {
	_, addr  uint64 // the value is 0 throughout
	flags, _ uint32
}

func last(t *harness.T) {
	words := make([]uint32, 128)
	v := make([]waiter, 128)
	for i := range v {
		v[i] = waiter{addr: uint64(at(&words[i])), flags: 130}
	}
	end := waiting(t, func() (int, error) { return call(449, at(&v[0]), 128) })
	n, err := call(unix.SYS_FUTEX, at(&words[127]), 129, 1)
	t.ObserveRet("wake", n, err)
	t.Observe("woken", "%s", end())
}

func errors(t *harness.T) {
	word := uint32(1)
	v := waiter{addr: uint64(at(&word)), flags: 130}
	for _, n := range []uintptr{0, 1, 129, 1 << 31} {
		r, err := call(449, at(&v), n)
		t.ObserveRet(fmt.Sprint(n), r, err)
	}
}
