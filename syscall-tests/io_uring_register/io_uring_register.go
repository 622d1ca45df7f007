// SPDX-License-Identifier: Apache-2.0

// Package io_uring_register tests io_uring_register from Go: every operation that the probe tells of is tried.
package io_uring_register

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("probe_tells_the_truth", "", probe)
}

// probe asks which operations there are, and submits one of each without a file: what is there never answers EINVAL as what is
// not there does for every field, and what is not there always does.
func probe(t *harness.T) {
	u, err := harness.NewUring(4, 0)
	t.Must("setup", err)
	defer u.Close()
	var p struct {
		last, n uint8
		_       [14]byte
		ops     [256]struct {
			op, _ uint8
			flags uint16
			_     uint32
		}
	}
	t.Must("probe", harness.Err(unix.SYS_IO_URING_REGISTER, u.FD, 8, unsafe.Pointer(&p), 256))
	t.Equal("length", p.n, p.last+1)
	for op := int(p.n); op < 256; op++ {
		u.Put(harness.SQE{Op: uint8(op)})
		t.Must("enter", u.Enter(1))
		t.Equal("beyond the last", u.Take().Res, -int32(unix.EINVAL))
	}
	for op := range int(p.n) {
		if p.ops[op].flags&1 == 0 {
			u.Put(harness.SQE{Op: uint8(op)})
			t.Must("enter", u.Enter(1))
			t.Equal("not there", u.Take().Res, -int32(unix.EINVAL))
		}
	}
}
