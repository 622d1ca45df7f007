// SPDX-License-Identifier: Apache-2.0

// Package tuxcall tests from Go that tuxcall is no call: kept for the TUX web server, never there.
package tuxcall

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(184) })
}
