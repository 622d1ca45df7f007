// SPDX-License-Identifier: Apache-2.0

// Package set_mempolicy tests set_mempolicy from Go: a policy that a program passes on to the next one.
package set_mempolicy

import (
	"fmt"
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Child("set_mempolicy.show", func([]string) int {
		fmt.Print(show())
		return 0
	})
	harness.Case("kept_over_exec", "", keptOverExec)
}

// show is the thread's policy.
func show() string {
	mode, nodes := int32(-1), uint64(0)
	_, _, e := unix.Syscall6(unix.SYS_GET_MEMPOLICY, uintptr(unsafe.Pointer(&mode)), uintptr(unsafe.Pointer(&nodes)), 64, 0, 0, 0)
	return fmt.Sprintf("%#x of %#x, %s", mode, nodes, harness.ErrnoName(e))
}

func keptOverExec(t *harness.T) {
	runtime.LockOSThread()
	if _, err := os.Stat("/sys/devices/system/node/node1"); err == nil {
		t.Skip("more than one node")
	}
	nodes := uint64(1)
	_, _, e := unix.Syscall(unix.SYS_SET_MEMPOLICY, unix.MPOL_INTERLEAVE, uintptr(unsafe.Pointer(&nodes)), 64)
	t.Observe("set", "%s", harness.ErrnoName(e))
	out, err := harness.Command("set_mempolicy.show").Output()
	t.Must("run", err)
	t.Observe("the next program's", "%s", out)
	t.Observe("own", "%s", show())
}
