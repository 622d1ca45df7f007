// SPDX-License-Identifier: Apache-2.0

// Package getrandom tests getrandom from Go: flags by table, and whether the bytes look random at all.
package getrandom

import (
	"fmt"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("flags", "", flags)
	harness.Case("bytes_are_spread", "", spread)
}

func flags(t *harness.T) {
	for _, f := range []int{0, unix.GRND_NONBLOCK, unix.GRND_RANDOM, unix.GRND_INSECURE, unix.GRND_INSECURE | unix.GRND_NONBLOCK,
		unix.GRND_RANDOM | unix.GRND_NONBLOCK, unix.GRND_RANDOM | unix.GRND_INSECURE, 8, 0x10, -1} {
		for _, size := range []int{1, 32, 1000} {
			n, err := unix.Getrandom(make([]byte, size), f)
			t.ObserveRet(fmt.Sprintf("%d bytes, flags %#x", size, f), n, err)
		}
	}
}

// Of 256 KiB each byte value is expected 1024 times, give or take 32; eight times that is never seen.
func spread(t *harness.T) {
	buf := make([]byte, 256<<10)
	n, err := unix.Getrandom(buf, 0)
	t.Must("getrandom", err)
	t.Equal("size", n, len(buf))
	var count [256]int
	for _, b := range buf {
		count[b]++
	}
	for b, c := range count {
		t.Check(math.Abs(float64(c-1024)) < 256, "byte %#x occurs %d times of 262144", b, c)
	}
}
