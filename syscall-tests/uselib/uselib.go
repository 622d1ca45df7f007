// SPDX-License-Identifier: Apache-2.0

// Package uselib tests from Go that uselib is no call: shared libraries of a.out, which x86_64 is built without.
package uselib

import "github.com/ditto-kernel/ditto/syscall-tests/harness"

func init() {
	harness.Case("absent_in_threads", "", func(t *harness.T) { t.Absent(134) })
}
