// SPDX-License-Identifier: Apache-2.0

// Package sched_get_priority_max tests sched_get_priority_max from Go: the whole table of policies.
package sched_get_priority_max

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("table", "", table)
}

func table(t *harness.T) {
	var got []string
	for policy := -1; policy < 10; policy++ {
		r, _, errno := unix.RawSyscall(unix.SYS_SCHED_GET_PRIORITY_MAX, uintptr(policy), 0, 0)
		if errno != 0 {
			got = append(got, harness.ErrnoName(errno))
		} else {
			got = append(got, fmt.Sprint(r))
		}
	}
	t.Observe("policies from -1", "%v", got)
}
