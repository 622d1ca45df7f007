// SPDX-License-Identifier: Apache-2.0

// Package pkey_mprotect tests pkey_mprotect from Go: key -1 is mprotect, and other keys by table.
package pkey_mprotect

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
	harness.Case("keys", "", keys)
	harness.Case("without_a_key", "", without)
}

func protect(b []byte, prot, key int) error {
	_, _, errno := unix.Syscall6(unix.SYS_PKEY_MPROTECT, uintptr(unsafe.Pointer(&b[0])), uintptr(len(b)), uintptr(prot), uintptr(key), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func keys(t *harness.T) {
	b := mapped(t, 2, unix.PROT_READ, unix.MAP_PRIVATE)
	for _, k := range []int{-2, -1, 1, 15, 16, 100} {
		t.ObserveErr(fmt.Sprint("key ", k), protect(b, unix.PROT_READ, k))
	}
}

func without(t *harness.T) {
	b := mapped(t, 2, unix.PROT_READ, unix.MAP_PRIVATE)
	t.Must("pkey_mprotect", protect(b, unix.PROT_READ|unix.PROT_WRITE, -1))
	b[page] = 1
	t.ObserveErr("crooked", protect(b[1:], unix.PROT_READ, -1))
}
