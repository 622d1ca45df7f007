// SPDX-License-Identifier: Apache-2.0

// Package madvise tests madvise from Go: MADV_DONTNEED by table of mappings, and advice by number.
package madvise

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
	harness.Case("dontneed", "", dontneed)
	harness.Case("numbers", "", numbers)
}

func dontneed(t *harness.T) {
	for name, flags := range map[string]int{"private": unix.MAP_PRIVATE, "shared": unix.MAP_SHARED} {
		b := mapped(t, 2, unix.PROT_READ|unix.PROT_WRITE, flags)
		b[0], b[page] = 1, 2
		t.Must("madvise", unix.Madvise(b[:page], unix.MADV_DONTNEED))
		t.Observe(name, "%d %d", b[0], b[page])
	}
}

func numbers(t *harness.T) {
	b := mapped(t, 2, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	for _, a := range []int{-1, 5, 6, 7, 26, 30, 50, 99, 102, 1 << 20} {
		t.ObserveErr(fmt.Sprint("advice ", a), unix.Madvise(b, a))
	}
}
