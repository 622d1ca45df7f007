// SPDX-License-Identifier: Apache-2.0

// Package eventfd2 tests eventfd2 from Go: sums over goroutines, and a table of values.
package eventfd2

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("adds_up", "", addsUp)
	harness.Case("values", "", values)
}

func addsUp(t *harness.T) {
	v := 0
	fd, err := harness.Sys(unix.SYS_EVENTFD2, v, unix.EFD_CLOEXEC)
	t.Must("eventfd2", err)
	const writers, each = 4, 100
	for w := range writers {
		go func() {
			for range each {
				unix.Write(fd, binary.LittleEndian.AppendUint64(nil, uint64(w+1)))
			}
		}()
	}
	sum := uint64(0)
	for sum < each*(1+2+3+4) {
		var b [8]byte
		_, err := unix.Read(fd, b[:])
		if err == unix.EINTR {
			continue
		}
		t.Must("read", err)
		sum += binary.LittleEndian.Uint64(b[:])
	}
	t.Equal("sum", sum, uint64(each*(1+2+3+4)))
}

func values(t *harness.T) {
	for _, v := range []int{0, 1, 1<<31 - 1, 1<<32 - 1, 1 << 32, -1} {
		fd, err := harness.Sys(unix.SYS_EVENTFD2, v, unix.EFD_CLOEXEC)
		t.Must("eventfd2", err)
		t.Must("nonblock", unix.SetNonblock(fd, true))
		for _, add := range []uint64{0, 1, 1 << 63, ^uint64(0) - 1, ^uint64(0)} {
			n, err := unix.Write(fd, binary.LittleEndian.AppendUint64(nil, add))
			t.ObserveRet(fmt.Sprintf("%d: add %#x", v, add), n, err)
		}
		var b [8]byte
		n, err := unix.Read(fd, b[:])
		t.ObserveRet(fmt.Sprintf("%d: read", v), n, err)
		t.Observe(fmt.Sprintf("%d: value", v), "%#x", binary.LittleEndian.Uint64(b[:]))
		unix.Close(fd)
	}
}
