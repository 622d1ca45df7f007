// SPDX-License-Identifier: Apache-2.0

// Package pkey_alloc tests pkey_alloc from Go: arguments by table, and from a second thread.
package pkey_alloc

import (
	"fmt"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("table", "", table)
	harness.Case("second_thread", "", second)
}

func call(a, b uintptr) (int, error) {
	r, _, errno := unix.Syscall(unix.SYS_PKEY_ALLOC, a, b, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

func table(t *harness.T) {
	for _, c := range [][2]uintptr{{1, 0}, {0, 4}, {0, 8}, {0, 0}, {0, 3}} {
		r, err := call(c[0], c[1])
		t.ObserveRet(fmt.Sprintf("%d, %d", c[0], c[1]), r, err)
	}
}

func second(t *harness.T) {
	var all sync.WaitGroup
	all.Go(func() {
		r, err := call(99, 99)
		t.ObserveRet("99, 99", r, err)
	})
	all.Wait()
}
