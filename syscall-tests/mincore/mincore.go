// SPDX-License-Identifier: Apache-2.0

// Package mincore tests mincore from Go: pages as they are touched, and errors by table.
package mincore

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
	harness.Case("touched", "", touched)
	harness.Case("errors", "", errors)
}

func mincore(p, n uintptr, vec []byte) error {
	_, _, errno := unix.Syscall(unix.SYS_MINCORE, p, n, uintptr(unsafe.Pointer(&vec[0])))
	if errno != 0 {
		return errno
	}
	return nil
}

func touched(t *harness.T) {
	b := mapped(t, 8, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	vec := make([]byte, 8)
	for i := 0; i < 8; i += 3 {
		b[i*page] = 1
		t.Must("mincore", mincore(uintptr(unsafe.Pointer(&b[0])), 8*page, vec))
		t.Observe(fmt.Sprint("up to ", i), "%v", vec)
	}
}

func errors(t *harness.T) {
	p := uintptr(unsafe.Pointer(&mapped(t, 2, unix.PROT_READ, unix.MAP_PRIVATE)[0]))
	vec := make([]byte, 8)
	t.ObserveErr("crooked", mincore(p+1, page, vec))
	t.ObserveErr("nowhere", mincore(0x10000000000, page, vec))
	t.ObserveErr("none", mincore(p, 0, vec))
	t.ObserveErr("huge", mincore(p, ^uintptr(0), vec))
}
