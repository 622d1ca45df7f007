// SPDX-License-Identifier: Apache-2.0

// Package lsm_list_modules tests lsm_list_modules from Go: every module once, and the same for every thread.
package lsm_list_modules

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_once", "kernel>=6.8", once)
}

func list() ([]uint64, error) {
	ids, size := make([]uint64, 64), uint32(512)
	n, _, e := unix.Syscall(unix.SYS_LSM_LIST_MODULES, uintptr(unsafe.Pointer(&ids[0])), uintptr(unsafe.Pointer(&size)), 0)
	if e != 0 {
		return nil, e
	}
	return ids[:n], nil
}

func once(t *harness.T) {
	want, err := list()
	t.Must("list", err)
	seen := map[uint64]bool{}
	for _, id := range want {
		t.Check(!seen[id], "module %d stands there twice", id)
		seen[id] = true
	}
	ends := harness.Race(4, func(int) error {
		got, err := list()
		if err == nil && fmt.Sprint(got) != fmt.Sprint(want) {
			return unix.EBADMSG
		}
		return err
	})
	t.Equal("ends", ends, "0 x4")
}
