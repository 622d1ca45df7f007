// SPDX-License-Identifier: Apache-2.0

// Package set_mempolicy_home_node tests set_mempolicy_home_node from Go: nodes by number.
package set_mempolicy_home_node

import (
	"fmt"
	"os"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("numbers", "kernel>=5.17", numbers) }

func numbers(t *harness.T) {
	if _, err := os.Stat("/sys/devices/system/node/node1"); err == nil {
		t.Skip("more than one node")
	}
	b, err := unix.Mmap(-1, 0, 4096, unix.PROT_READ, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	nodes, at := uint64(1), uintptr(unsafe.Pointer(&b[0]))
	_, _, e := unix.Syscall6(unix.SYS_MBIND, at, 4096, unix.MPOL_BIND, uintptr(unsafe.Pointer(&nodes)), 64, 0)
	t.Equal("mbind", e, unix.Errno(0))
	for _, n := range []uintptr{0, 1, 2, 63, 64, 1023, 1024, 1 << 31, 1 << 32, ^uintptr(0)} {
		_, _, e := unix.Syscall6(unix.SYS_SET_MEMPOLICY_HOME_NODE, at, 4096, n, 0, 0, 0)
		t.Observe(fmt.Sprint("node ", n), "%s", harness.ErrnoName(e))
	}
}
