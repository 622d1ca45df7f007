// SPDX-License-Identifier: Apache-2.0

// Package io_uring_register tests io_uring_register from Go: every operation that the probe tells of is tried, and requests
// of all kinds are cancelled at once.
package io_uring_register

import (
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("probe_tells_the_truth", "", probe)
	harness.Case("all_cancelled_at_once", "kernel>=6.6", cancelAtOnce)
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

// cancelAtOnce has reads, polls and timeouts wait, and cancels them with one call, by kind and then all.
func cancelAtOnce(t *harness.T) {
	u, err := harness.NewUring(16, 0)
	t.Must("setup", err)
	defer u.Close()
	var p [2]int
	t.Must("pipe", unix.Pipe(p[:]))
	ts, buf := unix.Timespec{Sec: 1000}, make([]byte, 4)
	for i := range 4 {
		u.Put(harness.SQE{Op: harness.URING_READ, FD: int32(p[0]), Addr: uintptr(unsafe.Pointer(&buf[0])), Len: 1, UserData: uint64(i)})
		u.Put(harness.SQE{Op: harness.URING_POLL, FD: int32(p[0]), OpFlags: unix.POLLIN, UserData: uint64(10 + i)})
		u.Put(harness.SQE{Op: harness.URING_TIMEOUT, Addr: uintptr(unsafe.Pointer(&ts)), Len: 1, UserData: uint64(20 + i)})
	}
	t.Must("enter", u.Enter(0))
	const all, anyOne, ofOp, syncCancel = 1, 4, 32, 24
	cancel := func(name string, flags uint32, op uint8) {
		a := struct {
			addr    uint64
			fd      int32
			flags   uint32
			timeout [2]int64
			op      uint8
			_       [7]uint8
			_       [3]uint64
		}{flags: flags, op: op, timeout: [2]int64{-1, -1}}
		n, err := harness.Sys(unix.SYS_IO_URING_REGISTER, u.FD, syncCancel, unsafe.Pointer(&a), 1)
		t.ObserveRet(name, n, err)
		kinds := map[uint64]int{}
		for range n {
			t.Must("wait", u.Enter(1))
			c := u.Take()
			t.Equal("result", c.Res, -int32(unix.ECANCELED))
			kinds[c.UserData/10]++
		}
		t.Observe(name+": kinds", "%v", kinds)
	}
	cancel("polls", all|ofOp, harness.URING_POLL)
	cancel("the rest", anyOne|all, 0)
	cancel("nothing", anyOne|all, 0)
}
