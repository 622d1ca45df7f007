// SPDX-License-Identifier: Apache-2.0

// Package mbind tests mbind from Go: policies page by page, in random order.
package mbind

import (
	"fmt"
	"math/rand/v2"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("page_by_page", "", pageByPage) }

const page = 4096

func pageByPage(t *harness.T) {
	if _, err := os.Stat("/sys/devices/system/node/node1"); err == nil {
		t.Skip("more than one node")
	}
	b, err := unix.Mmap(-1, 0, 16*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	r := rand.New(rand.NewPCG(1, 2))
	nodes := uint64(1)
	var want [16]int32
	for range 100 {
		from, mode := r.IntN(16), []int32{unix.MPOL_BIND, unix.MPOL_INTERLEAVE, unix.MPOL_PREFERRED}[r.IntN(3)]
		n := 1 + r.IntN(16-from)
		_, _, e := unix.Syscall6(unix.SYS_MBIND, uintptr(unsafe.Pointer(&b[from*page])), uintptr(n*page), uintptr(mode),
			uintptr(unsafe.Pointer(&nodes)), 64, 0)
		t.Equal("mbind", e, unix.Errno(0))
		for i := from; i < from+n; i++ {
			want[i] = mode
		}
		for i := range want {
			got := int32(-1)
			_, _, e := unix.Syscall6(unix.SYS_GET_MEMPOLICY, uintptr(unsafe.Pointer(&got)), 0, 0,
				uintptr(unsafe.Pointer(&b[i*page])), unix.MPOL_F_ADDR, 0)
			t.Check(e == 0 && got == want[i], "%s: %d, want %d", fmt.Sprint("page ", i), got, want[i])
		}
	}
}
