// SPDX-License-Identifier: Apache-2.0

// Package move_pages tests move_pages from Go: it tells which pages a program has touched.
package move_pages

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("follows_the_writer", "", followsTheWriter) }

const page = 4096

func followsTheWriter(t *harness.T) {
	if _, err := os.Stat("/sys/devices/system/node/node1"); err == nil {
		t.Skip("more than one node")
	}
	b, err := unix.Mmap(-1, 0, 8*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	var addrs [8]uintptr
	for i := range addrs {
		addrs[i] = uintptr(unsafe.Pointer(&b[i*page]))
	}
	for _, i := range []int{3, 0, 7, 4} {
		b[i*page] = 1
		var status [8]int32
		_, _, e := unix.Syscall6(unix.SYS_MOVE_PAGES, 0, 8, uintptr(unsafe.Pointer(&addrs[0])), 0, uintptr(unsafe.Pointer(&status[0])), 0)
		t.Equal("move_pages", e, unix.Errno(0))
		t.Observe(fmt.Sprint("after ", i), "%v", status)
	}
}
