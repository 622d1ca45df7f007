// SPDX-License-Identifier: Apache-2.0

// Package munmap tests munmap from Go: ranges by table.
package munmap

import (
	"fmt"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func mapped(t *harness.T, pages, prot, flags int) []byte {
	b, err := unix.Mmap(-1, 0, pages*page, prot, flags|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	return b
}

func init() {
	harness.Case("table", "", table)
	harness.Case("faults_become_efault", "", efault)
}

func at(b []byte) uintptr { return uintptr(unsafe.Pointer(&b[0])) }

func table(t *harness.T) {
	b := at(mapped(t, 8, unix.PROT_READ, unix.MAP_PRIVATE))
	for _, r := range []struct{ from, size uintptr }{{0, 0}, {1, page}, {0, 1}, {page, page + 1}, {7 * page, page}, {0, 8 * page}, {0, 1 << 47}, {0, ^uintptr(0)}} {
		_, _, err := unix.Syscall(unix.SYS_MUNMAP, b+r.from, r.size, 0)
		t.ObserveErr(fmt.Sprintf("%#x+%#x", r.from, r.size), err)
	}
}

func efault(t *harness.T) {
	p := at(mapped(t, 2, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE))
	_, _, err := unix.Syscall(unix.SYS_MUNMAP, p+page, page, 0)
	t.Errno("munmap", err, 0)
	_, _, err = unix.Syscall(unix.SYS_UNAME, p+page, 0, 0)
	t.Errno("uname", err, unix.EFAULT)
	_, _, err = unix.Syscall(unix.SYS_UNAME, p+page-10, 0, 0)
	t.Errno("uname across the end", err, unix.EFAULT)
}
