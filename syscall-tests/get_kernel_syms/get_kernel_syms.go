// SPDX-License-Identifier: Apache-2.0

// Package get_kernel_syms tests from Go that get_kernel_syms is no call: gone with Linux 2.6.
package get_kernel_syms

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(177) })
}
