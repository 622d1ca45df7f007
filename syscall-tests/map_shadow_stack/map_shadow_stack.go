// SPDX-License-Identifier: Apache-2.0

// Package map_shadow_stack tests map_shadow_stack from Go: whether there is one agrees with /proc/cpuinfo.
package map_shadow_stack

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("agrees_with_cpuinfo", "", agreesWithCPUInfo) }

func agreesWithCPUInfo(t *harness.T) {
	b, err := os.ReadFile("/proc/cpuinfo")
	t.Must("read", err)
	if strings.Contains(string(b), "user_shstk") {
		t.Skip("this machine has shadow stacks")
	}
	_, _, e := unix.Syscall(unix.SYS_MAP_SHADOW_STACK, 0, 4096, 0)
	t.Check(e == unix.ENOSYS || e == unix.EOPNOTSUPP, "map_shadow_stack: %v", e)
}
