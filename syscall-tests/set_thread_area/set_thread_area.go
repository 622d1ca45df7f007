// SPDX-License-Identifier: Apache-2.0

// Package set_thread_area tests from Go that set_thread_area is no call: for programs of 32 bits alone.
package set_thread_area

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(205) })
}
