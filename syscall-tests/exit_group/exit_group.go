// SPDX-License-Identifier: Apache-2.0

// Package exit_group tests exit_group from Go: exit codes of a program with many threads.
package exit_group

import (
	"runtime"
	"strconv"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("codes", "", codes)
	harness.Child("exit_group.child", func(args []string) int {
		for range 4 {
			go func() {
				runtime.LockOSThread()
				select {}
			}()
		}
		n, _ := strconv.Atoi(args[0])
		return n
	})
}

func codes(t *harness.T) {
	for _, code := range []string{"0", "1", "255", "256", "-1"} {
		t.Observe(code, "%s", harness.Status(harness.Command("exit_group.child", code)))
	}
}
