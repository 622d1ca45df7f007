// SPDX-License-Identifier: Apache-2.0

// Package lsm_get_self_attr tests lsm_get_self_attr from Go: attributes that are none, from several threads.
package lsm_get_self_attr

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("attributes_that_are_none", "kernel>=6.8", none)
}

func none(t *harness.T) {
	var ctx [64]byte
	size := uint32(len(ctx))
	for _, attr := range []uintptr{0, 99, 107, 1 << 31} {
		_, _, e := unix.Syscall6(459, attr, uintptr(unsafe.Pointer(&ctx)), uintptr(unsafe.Pointer(&size)), 0, 0, 0)
		t.ObserveErr(map[uintptr]string{0: "none", 99: "below the first", 107: "above the last", 1 << 31: "negative"}[attr], e)
	}
}
