// SPDX-License-Identifier: Apache-2.0

// Package security tests from Go that security is no call: kept for security modules, never there.
package security

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(185) })
}
