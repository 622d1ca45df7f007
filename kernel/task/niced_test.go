// SPDX-License-Identifier: Apache-2.0

package task

import (
	"math"
	"testing"

	"gotest.tools/v3/assert"
)

// TestWeights: the host's weights of 0 and 19 are 1024 and 15, and of SCHED_IDLE 3.
func TestWeights(t *testing.T) {
	for want, s := range map[float64]Sched{1024: {}, 15: {Nice: 19}, 3: {Policy: schedIdle, Nice: 5}} {
		assert.Equal(t, math.Round(s.weight()), want)
	}
}

func TestMeets(t *testing.T) {
	first, second, both := &Sched{Affinity: []uint64{1}}, &Sched{Affinity: []uint64{2, 0}}, &Sched{Affinity: []uint64{3}}
	assert.Assert(t, !first.meets(second))
	assert.Assert(t, first.meets(both) && both.meets(second))
	assert.Assert(t, (&Sched{}).meets(first) && first.meets(&Sched{}))
	assert.Equal(t, countCPUs(first.mask()), 1)
	assert.Equal(t, countCPUs(both.mask()), 2)
}
