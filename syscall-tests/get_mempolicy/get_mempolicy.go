// SPDX-License-Identifier: Apache-2.0

// Package get_mempolicy tests get_mempolicy from Go: what /proc says of nodes is what the call says.
package get_mempolicy

import (
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("agrees_with_proc", "", agreesWithProc) }

func agreesWithProc(t *harness.T) {
	var nodes [16]uint64
	_, _, e := unix.Syscall6(unix.SYS_GET_MEMPOLICY, 0, uintptr(unsafe.Pointer(&nodes[0])), 1024, 0, unix.MPOL_F_MEMS_ALLOWED, 0)
	t.Observe("errno", "%s", harness.ErrnoName(e))
	b, err := os.ReadFile("/proc/self/status")
	t.Must("read", err)
	list := "none"
	for line := range strings.Lines(string(b)) {
		if l, ok := strings.CutPrefix(line, "Mems_allowed_list:\t"); ok {
			list = strings.TrimSpace(l)
		}
	}
	t.Equal("one node", nodes[0] == 1, list == "0")
}
