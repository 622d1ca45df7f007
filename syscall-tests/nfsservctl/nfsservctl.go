// SPDX-License-Identifier: Apache-2.0

// Package nfsservctl tests from Go that nfsservctl is no call: gone with Linux 3.1.
package nfsservctl

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(180) })
}
