// SPDX-License-Identifier: Apache-2.0

// Package mremap tests mremap from Go: growing by steps keeps the bytes, and flags by table.
package mremap

import (
	"fmt"

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
	harness.Case("grows_with_its_bytes", "", grows)
	harness.Case("flags", "", flags)
}

func grows(t *harness.T) {
	b := mapped(t, 1, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	for n := 1; n <= 64; n *= 2 {
		for i := range n {
			if b[i*page] == 0 {
				b[i*page] = byte(n)
			}
		}
		var err error
		b, err = unix.Mremap(b, 2*n*page, unix.MREMAP_MAYMOVE)
		t.Must("mremap", err)
		t.Check(b[0] == 1 && b[n*page] == 0, "bytes at %d pages: %d %d", n, b[0], b[n*page])
	}
	b, err := unix.Mremap(b, page, 0)
	t.Must("shrink", err)
	t.Observe("left", "%d %d", len(b), b[0])
}

func flags(t *harness.T) {
	for f := range 8 {
		b := mapped(t, 2, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
		if f&unix.MREMAP_FIXED == 0 {
			_, err := unix.Mremap(b, 2*page, f)
			t.ObserveErr(fmt.Sprintf("flags %d", f), err)
		}
	}
}
