// SPDX-License-Identifier: Apache-2.0

// Package sysctl tests from Go that _sysctl is no call any more (since Linux 5.5).
package sysctl

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(156) })
}
