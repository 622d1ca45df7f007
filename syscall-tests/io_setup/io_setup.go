// SPDX-License-Identifier: Apache-2.0

// Package io_setup tests io_setup from Go: what the ring says for many sizes.
package io_setup

import (
	"fmt"
	"unsafe"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("rings", "", rings)
}

// rings observes the header of the ring that a context has.
func rings(t *harness.T) {
	for _, nr := range []int{1, 2, 7, 8, 31, 62, 63, 64, 126, 127, 128, 500, 2048, 5000} {
		ctx, err := harness.AioSetup(nr)
		t.Must("setup", err)
		ring := (*[8]uint32)(unsafe.Add(nil, ctx))
		t.Observe(fmt.Sprintf("for %d", nr), "%d", ring[1:])
		t.Equal("room", int(ring[1]) > 2*nr, true)
	}
}
