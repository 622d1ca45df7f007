// SPDX-License-Identifier: Apache-2.0

// Package io_pgetevents tests io_pgetevents from Go: a mask of each size.
package io_pgetevents

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("mask_sizes", "", sizes)
}

// sizes tries masks of every size, with and without a set.
func sizes(t *harness.T) {
	ctx, err := harness.AioSetup(1)
	t.Must("setup", err)
	var set uint64
	var now unix.Timespec
	var ev harness.AioEvent
	for size := range uint64(20) {
		for _, p := range []unsafe.Pointer{nil, unsafe.Pointer(&set)} {
			arg := struct {
				set  unsafe.Pointer
				size uint64
			}{p, size}
			n, err := harness.Sys(unix.SYS_IO_PGETEVENTS, ctx, 0, 1, unsafe.Pointer(&ev), unsafe.Pointer(&now), unsafe.Pointer(&arg))
			t.ObserveRet(fmt.Sprintf("size %d, set %t", size, p != nil), n, err)
		}
	}
}
