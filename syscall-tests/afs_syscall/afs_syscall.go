// SPDX-License-Identifier: Apache-2.0

// Package afs_syscall tests from Go that afs_syscall is no call: kept for AFS, never there.
package afs_syscall

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(183) })
}
