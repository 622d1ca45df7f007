// SPDX-License-Identifier: Apache-2.0

// Package remap_file_pages tests remap_file_pages from Go: a file turned round page by page.
package remap_file_pages

import (
	"bytes"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("reversed", "", reversed)
	harness.Case("private_is_refused", "", private)
}

const page = 4096

func remap(b []byte, i, to int) error {
	_, _, errno := unix.Syscall6(unix.SYS_REMAP_FILE_PAGES, uintptr(unsafe.Pointer(&b[i*page])), page, 0, uintptr(to), 0, 0)
	if errno != 0 {
		return errno
	}
	return nil
}

func file(t *harness.T, flags int) []byte {
	var content []byte
	for i := range 4 {
		content = append(content, bytes.Repeat([]byte{byte('a' + i)}, page)...)
	}
	t.Must("write", os.WriteFile("f", content, 0o644))
	f, err := os.OpenFile("f", os.O_RDWR, 0)
	t.Must("open", err)
	b, err := unix.Mmap(int(f.Fd()), 0, 4*page, unix.PROT_READ|unix.PROT_WRITE, flags)
	t.Must("mmap", err)
	return b
}

func reversed(t *harness.T) {
	b := file(t, unix.MAP_SHARED)
	t.Must("first", remap(b, 0, 3))
	t.Must("second", remap(b, 1, 2))
	t.Observe("bytes", "%c%c%c%c", b[0], b[page], b[2*page], b[3*page])
}

func private(t *harness.T) {
	t.Errno("private", remap(file(t, unix.MAP_PRIVATE), 0, 3), unix.EINVAL)
}
