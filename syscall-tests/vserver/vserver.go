// SPDX-License-Identifier: Apache-2.0

// Package vserver tests from Go that vserver is no call: kept for Linux-VServer, never there.
package vserver

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(236) })
}
