// SPDX-License-Identifier: Apache-2.0

// Package nanosleep tests nanosleep from Go: sleepers wake no earlier than they asked, side by side.
package nanosleep

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("side_by_side", "", sideBySide)
	harness.Case("bad_times", "", badTimes)
}

func sleep(ns int64) error {
	ts := unix.Timespec{Sec: ns / 1e9, Nsec: ns % 1e9}
	for {
		if err := unix.Nanosleep(&ts, nil); err != unix.EINTR {
			return err
		}
	}
}

func sideBySide(t *harness.T) {
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			var before, after unix.Timespec
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &before)
			t.Errno("sleep", sleep(int64(i)*2e6), 0)
			unix.ClockGettime(unix.CLOCK_MONOTONIC, &after)
			t.Check(after.Nano()-before.Nano() >= int64(i)*2e6, "%d ms took %d ns", i*2, after.Nano()-before.Nano())
		})
	}
	wg.Wait()
}

func badTimes(t *harness.T) {
	for _, ts := range []unix.Timespec{{Sec: -1}, {Nsec: -1}, {Nsec: 1e9}, {Sec: -1, Nsec: 1}} {
		t.Errno("nanosleep", unix.Nanosleep(&ts, nil), unix.EINVAL)
	}
}
