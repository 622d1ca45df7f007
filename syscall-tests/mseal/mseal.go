// SPDX-License-Identifier: Apache-2.0

// Package mseal tests mseal from Go: a table of ranges against a sealed middle, and the runtime's own mappings.
package mseal

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func init() {
	harness.Case("ranges", "kernel>=6.10", ranges)
	harness.Case("read_only_data", "kernel>=6.10", readOnlyData)
}

func call(nr uintptr, p unsafe.Pointer, pages int, arg uintptr) error {
	_, _, e := unix.Syscall(nr, uintptr(p), uintptr(pages*page), arg)
	if e != 0 {
		return e
	}
	return nil
}

// ranges unmaps and protects each range of five pages of which the third is sealed.
func ranges(t *harness.T) {
	for from := range 5 {
		for to := from + 1; to <= 5; to++ {
			b, err := unix.Mmap(-1, 0, 5*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
			t.Must("mmap", err)
			at := func(n int) unsafe.Pointer { return unsafe.Pointer(&b[n*page]) }
			t.Must("mseal", unix.Mseal(b[2*page:3*page], 0))
			first := at(from)
			t.ObserveErr(fmt.Sprintf("mprotect %d-%d", from, to), call(unix.SYS_MPROTECT, first, to-from, unix.PROT_READ))
			t.ObserveErr(fmt.Sprintf("munmap %d-%d", from, to), call(unix.SYS_MUNMAP, first, to-from, 0))
		}
	}
}

// readOnlyData is what sealing is for: data that a program made once and then keeps.
func readOnlyData(t *harness.T) {
	b, err := unix.Mmap(-1, 0, page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	copy(b, "kept")
	t.Must("mprotect", unix.Mprotect(b, unix.PROT_READ))
	t.Must("mseal", unix.Mseal(b, 0))
	t.Errno("mprotect", unix.Mprotect(b, unix.PROT_READ|unix.PROT_WRITE), unix.EPERM)
	t.Errno("madvise", unix.Madvise(b, unix.MADV_DONTNEED), unix.EPERM)
	t.Equal("data", string(b[:4]), "kept")
}
