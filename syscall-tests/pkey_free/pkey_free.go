// SPDX-License-Identifier: Apache-2.0

// Package pkey_free tests pkey_free from Go: arguments by table, and from a second thread.
package pkey_free

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
	r, _, errno := unix.Syscall(unix.SYS_PKEY_FREE, a, b, 0)
	if errno != 0 {
		return -1, errno
	}
	return int(r), nil
}

func table(t *harness.T) {
	for _, c := range [][2]uintptr{{16, 0}, {1, 0}, {4294967295, 0}} {
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
