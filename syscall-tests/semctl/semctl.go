// SPDX-License-Identifier: Apache-2.0

// Package semctl tests semctl from Go: a large set set and read as a whole and one by one.
package semctl

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("large_set", "", largeSet) }

func largeSet(t *harness.T) {
	const n = 3000
	id, err := harness.Semget(unix.IPC_PRIVATE, n, 0o600)
	t.Must("get", err)
	values := make([]uint16, n)
	for i := range values {
		values[i] = uint16(i * 7 % 32768)
	}
	_, err = harness.SemctlAll(id, harness.SETALL, values)
	t.Must("set all", err)
	got := make([]uint16, n)
	_, err = harness.SemctlAll(id, harness.GETALL, got)
	t.Must("get all", err)
	t.Equal("all", slices.Equal(got, values), true)
	for i := 0; i < n; i += 311 {
		v, err := harness.Semctl(id, i, harness.GETVAL, 0)
		t.Must("get one", err)
		t.Equal("one", v, int(values[i]))
	}
	_, err = harness.Semctl(id, n, harness.GETVAL, 0)
	t.Errno("beyond", err, unix.EINVAL)
	values[n-1] = 40000
	_, err = harness.SemctlAll(id, harness.SETALL, values)
	t.Errno("out of range", err, unix.ERANGE)
	_, err = harness.Semctl(id, 0, unix.IPC_RMID, 0)
	t.Must("remove", err)
}
