// SPDX-License-Identifier: Apache-2.0

// Package migrate_pages tests migrate_pages from Go: memory is the same afterwards.
package migrate_pages

import (
	"bytes"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("bytes_stay", "", bytesStay) }

func bytesStay(t *harness.T) {
	if _, err := os.Stat("/sys/devices/system/node/node1"); err == nil {
		t.Skip("more than one node")
	}
	b := bytes.Repeat([]byte("page"), 8192)
	nodes := uint64(1)
	p := uintptr(unsafe.Pointer(&nodes))
	n, _, e := unix.Syscall6(unix.SYS_MIGRATE_PAGES, 0, 64, p, p, 0, 0)
	t.Observe("answer", "%d %s", n, harness.ErrnoName(e))
	t.Check(bytes.Equal(b, bytes.Repeat([]byte("page"), 8192)), "the bytes are the same")
}
