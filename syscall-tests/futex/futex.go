// SPDX-License-Identifier: Apache-2.0

// Package futex tests futex from Go: a mutex of futexes under contention, and waiters woken in order.
package futex

import (
	"fmt"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
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
	harness.Case("mutex", "", mutex)
	harness.Case("first_come_first_woken", "", order)
}

func lock(m *uint32) {
	for !atomic.CompareAndSwapUint32(m, 0, 1) {
		if atomic.LoadUint32(m) == 2 || atomic.CompareAndSwapUint32(m, 1, 2) {
			_, _ = call(unix.SYS_FUTEX, at(m), 128, 2)
		}
		if atomic.CompareAndSwapUint32(m, 0, 2) {
			return
		}
	}
}

func unlock(m *uint32) {
	if atomic.SwapUint32(m, 0) == 2 {
		_, _ = call(unix.SYS_FUTEX, at(m), 129, 1)
	}
}

func mutex(t *harness.T) {
	var m uint32
	n := 0
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for range 500 {
				lock(&m)
				n++
				unlock(&m)
			}
		})
	}
	all.Wait()
	t.Equal("count", n, 2000)
}

func order(t *harness.T) {
	word := uint32(1)
	var ends []func() string
	for range 4 {
		ends = append(ends, waiting(t, func() (int, error) { return call(unix.SYS_FUTEX, at(&word), 128, 1) }))
	}
	for i, end := range ends {
		n, err := call(unix.SYS_FUTEX, at(&word), 129, 1)
		t.ObserveRet(fmt.Sprint("wake ", i), n, err)
		t.Observe(fmt.Sprint("woken ", i), "%s", end())
	}
}
