// SPDX-License-Identifier: Apache-2.0

// Package quotactl tests quotactl from Go: no quota file is there to be found.
package quotactl

import (
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("types_of_quotas", "root", run) }

func run(t *harness.T) {
	text, err := os.ReadFile("/proc/self/mounts")
	t.Must("mounts", err)
	t.Equal("mounts with quotas", strings.Contains(string(text), "usrquota"), false)
	path := append([]byte("/nonesuch"), 0)
	for _, cmd := range []uintptr{0x80000700, 0x80000701, 0x80000702, 0x80000703} {
		_, _, errno := unix.Syscall6(unix.SYS_QUOTACTL, cmd, uintptr(unsafe.Pointer(&path[0])), 0, 0, 0, 0)
		t.ObserveErr(strconv.FormatUint(uint64(cmd), 16), errno)
	}
}
