// SPDX-License-Identifier: Apache-2.0

// Package io_uring_setup tests io_uring_setup from Go: rings of many sizes, and many rings.
package io_uring_setup

import (
	"fmt"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("sizes", "", sizes)
	harness.Case("many_rings", "", many)
}

// sizes makes rings of many sizes, and goes round in each.
func sizes(t *harness.T) {
	for _, n := range []int{1, 2, 3, 7, 16, 100, 1000} {
		u, err := harness.NewUring(n, 0)
		t.Must("setup", err)
		t.Observe(fmt.Sprint(n), "%d %d", u.Params.SQEntries, u.Params.CQEntries)
		for i := range 3 * n {
			u.Put(harness.SQE{Op: harness.URING_NOP, UserData: uint64(i)})
			t.Must("enter", u.Enter(1))
			t.Equal("data", u.Take().UserData, uint64(i))
		}
		u.Close()
	}
}

// many makes and closes rings; each has a read under way that never completes.
func many(t *harness.T) {
	for range 100 {
		u, err := harness.NewUring(4, 0)
		t.Must("setup", err)
		u.Put(harness.SQE{Op: harness.URING_POLL, FD: int32(u.FD), OpFlags: 0x2})
		t.Must("enter", u.Enter(0))
		u.Close()
	}
}
