// SPDX-License-Identifier: Apache-2.0

// Package semget tests semget from Go: ids of sets that are made and removed in turn.
package semget

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("ids_differ", "", idsDiffer) }

func idsDiffer(t *harness.T) {
	seen := map[int]bool{}
	for range 50 {
		id, err := harness.Semget(unix.IPC_PRIVATE, 1, 0o600)
		t.Must("get", err)
		t.Equal("seen before", seen[id], false)
		seen[id] = true
		_, err = harness.Semctl(id, 0, unix.IPC_RMID, 0)
		t.Must("remove", err)
		_, err = harness.Semctl(id, 0, harness.GETVAL, 0)
		t.Errno("use what is gone", err, unix.EINVAL)
	}
}
