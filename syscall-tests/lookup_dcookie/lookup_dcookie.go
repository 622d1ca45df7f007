// SPDX-License-Identifier: Apache-2.0

// Package lookup_dcookie tests from Go that lookup_dcookie is no call: of oprofile, gone with Linux 6.7.
package lookup_dcookie

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(212) })
}
