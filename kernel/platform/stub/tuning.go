// SPDX-License-Identifier: Apache-2.0

package stub

import "sync/atomic"

// tuning has the bounds of spinning: how long a side looks for the other's
// answer before it yields, and before it sleeps. Where there is one core, or
// more threads run than there are cores, spinning only keeps the other side
// from running.
type tuning struct {
	cores   int32
	running atomic.Int32 // threads in application code
}

func (t *tuning) init(cores int) { t.cores = int32(cores) }

const (
	spinPauses = 200 // some microseconds
	spinYields = 60  // some tens of microseconds
)

// stubSpin is what a slot starts with.
func (t *tuning) stubSpin() (pauses, yields uint32) {
	if t.cores < 2 {
		return 1, 4
	}
	return spinPauses, spinYields
}

// kernelSpin is how long the kernel side looks, now.
func (t *tuning) kernelSpin() (pauses, yields int) {
	if t.running.Load() > t.cores || t.cores < 2 {
		return 1, 4
	}
	return spinPauses, spinYields
}
