// SPDX-License-Identifier: Apache-2.0

// Package putpmsg tests from Go that putpmsg is no call: of STREAMS, which Linux never had.
package putpmsg

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(182) })
}
