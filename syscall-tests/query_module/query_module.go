// SPDX-License-Identifier: Apache-2.0

// Package query_module tests from Go that query_module is no call: gone with Linux 2.6.
package query_module

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(178) })
}
