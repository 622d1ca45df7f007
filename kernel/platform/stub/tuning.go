// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"math"
	"sync/atomic"
	"time"
)

// tuning has the bounds of spinning: how long a side looks for the other's
// answer before it yields, and before it sleeps. Where there is one core, or
// more threads run than there are cores, spinning only keeps the other side
// from running.
type tuning struct {
	cores   int32
	pauses  int          // spinTime, in looks with a pause between
	running atomic.Int32 // threads in application code
}

// spinTime is about what it takes to hand over by a futex: to look for longer takes
// more time than to sleep would have.
const spinTime = 6 * time.Microsecond

// spinYields is how often a side yields at most; LookTicks ends it before, where a yield takes its usual time.
const spinYields = 1000

func (t *tuning) init(cores int) {
	t.cores = int32(cores)
	t.pauses = pausesIn(spinTime)
}

// pausesIn is how many looks with a pause between take d on this processor: a pause takes 10 to 150 cycles.
func pausesIn(d time.Duration) int {
	const rounds = 500
	best := time.Duration(math.MaxInt64)
	for range 3 {
		var word uint32
		start := time.Now()
		spin(&word, 0, rounds)
		best = min(best, time.Since(start))
	}
	return int(min(max(d*rounds/max(best, 1), 20), 2000))
}

// stubSpin is what a slot starts with.
func (t *tuning) stubSpin() (pauses, yields uint32) {
	if t.cores < 2 {
		return 1, 4
	}
	return uint32(t.pauses), spinYields
}

// kernelSpin is how long the kernel side looks, now.
func (t *tuning) kernelSpin() (pauses, yields int) {
	if t.running.Load() > t.cores || t.cores < 2 {
		return 1, 4
	}
	return t.pauses, spinYields
}
