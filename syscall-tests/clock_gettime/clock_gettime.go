// SPDX-License-Identifier: Apache-2.0

// Package clock_gettime tests clock_gettime from Go: every clock, and none goes back.
package clock_gettime

import (
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("clocks", "", clocks)
	harness.Case("sane", "", sane)
}

func read(clock int32) (int64, error) {
	var ts unix.Timespec
	err := unix.ClockGettime(clock, &ts)
	return ts.Nano(), err
}

func clocks(t *harness.T) {
	for clock := int32(-4); clock < 20; clock++ {
		_, err := read(clock)
		t.ObserveErr(fmt.Sprintf("clock %d", clock), err)
	}
}

func sane(t *harness.T) {
	for _, clock := range []int32{unix.CLOCK_MONOTONIC, unix.CLOCK_BOOTTIME, unix.CLOCK_MONOTONIC_RAW, unix.CLOCK_PROCESS_CPUTIME_ID} {
		last, err := read(clock)
		t.Must("clock_gettime", err)
		for range 100 {
			now, err := read(clock)
			t.Must("clock_gettime", err)
			t.Check(now >= last, "clock %d went from %d to %d", clock, last, now)
			last = now
		}
	}
}
