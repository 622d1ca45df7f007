// SPDX-License-Identifier: Apache-2.0

// Package clock_getres tests clock_getres from Go: every clock has a resolution, and it is a fraction of a second.
package clock_getres

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
	err := unix.ClockGetres(clock, &ts)
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
		t.Must("clock_getres", err)
		for range 100 {
			now, err := read(clock)
			t.Must("clock_getres", err)
			t.Check(now >= last, "clock %d went from %d to %d", clock, last, now)
			last = now
		}
		t.Check(last > 0 && last < 1e9, "clock %d has a resolution of %d ns", clock, last)
	}
}
