// SPDX-License-Identifier: Apache-2.0

// Package msync tests msync from Go: a file is read as its mapping was written, and flags by table.
package msync

import (
	"fmt"
	"os"

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
	harness.Case("read_back", "", readBack)
	harness.Case("flags", "", flags)
}

func readBack(t *harness.T) {
	t.Must("write", os.WriteFile("f", make([]byte, 2*page), 0o644))
	f, err := os.OpenFile("f", os.O_RDWR, 0)
	t.Must("open", err)
	b, err := unix.Mmap(int(f.Fd()), 0, 2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	t.Must("mmap", err)
	copy(b[page-3:], "across")
	t.Must("msync", unix.Msync(b, unix.MS_SYNC))
	got, err := os.ReadFile("f")
	t.Must("read", err)
	t.Observe("read", "%q", got[page-4:page+4])
}

func flags(t *harness.T) {
	b := mapped(t, 1, unix.PROT_READ, unix.MAP_SHARED)
	for _, f := range []int{0, 1, 2, 3, 4, 5, 6, 7, 8, -1} {
		t.ObserveErr(fmt.Sprint("flags ", f), unix.Msync(b, f))
	}
}
