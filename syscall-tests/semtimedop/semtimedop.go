// SPDX-License-Identifier: Apache-2.0

// Package semtimedop tests semtimedop from Go: a table of operations that would wait, each with no time at all.
package semtimedop

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("no_time", "", noTime) }

func noTime(t *harness.T) {
	id, err := harness.Semget(unix.IPC_PRIVATE, 2, 0o600)
	t.Must("get", err)
	for i, ops := range [][]harness.Sembuf{
		{{Op: -1}}, {{Op: 0}}, {{Op: 1}}, {{Op: 0}}, {{Op: -1}, {Num: 1, Op: -1}}, {{Num: 1, Op: 2}, {Op: -1}}, {{Num: 1, Op: -2}}, {{Num: 1, Op: -1}},
		{{Num: 2}}, {{Op: -1, Flg: harness.IPC_NOWAIT}},
	} {
		err := harness.Semtimedop(id, ops, &unix.Timespec{})
		values := make([]uint16, 2)
		_, verr := harness.SemctlAll(id, harness.GETALL, values)
		t.Must("values", verr)
		t.Observe(fmt.Sprintf("%d. %v", i, ops), "%s %v", harness.ErrnoName(err), values)
	}
	_, err = harness.Semctl(id, 0, unix.IPC_RMID, 0)
	t.Must("remove", err)
}
