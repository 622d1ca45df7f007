// SPDX-License-Identifier: Apache-2.0

// Package times tests times from Go: against getrusage, which counts the same in finer steps.
package times

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("lies_between_two_rusages", "", agrees)
}

func ticks(t *harness.T) int64 {
	var r unix.Rusage
	t.Must("getrusage", unix.Getrusage(unix.RUSAGE_SELF, &r))
	return (r.Utime.Nano() + r.Stime.Nano()) / 10_000_000
}

func agrees(t *harness.T) {
	for range 200 {
		before := ticks(t)
		var tms unix.Tms
		_, err := unix.Times(&tms)
		t.Must("times", err)
		after := ticks(t)
		// User and system time are each rounded down.
		now := tms.Utime + tms.Stime
		t.Check(now >= before-1 && now <= after, "times says %d, getrusage %d before and %d after", now, before, after)
	}
}
