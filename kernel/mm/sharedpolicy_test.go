// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"math/rand/v2"
	"testing"

	"gotest.tools/v3/assert"
)

// TestPoliciesAreKeptByPart compares random changes with an array that has one entry a byte.
func TestPoliciesAreKeptByPart(t *testing.T) {
	const size = 64
	policies := []*Policy{nil, {Mode: 1}, {Mode: 2}}
	for seed := range uint64(50) {
		rng := rand.New(rand.NewPCG(seed, 7))
		var s Policies
		var want [size]*Policy
		for range 40 {
			start := rng.IntN(size)
			end := start + 1 + rng.IntN(size-start)
			p := policies[rng.IntN(len(policies))]
			s.set(uint64(start), uint64(end), p)
			for i := start; i < end; i++ {
				want[i] = p
			}
			for i := range want {
				assert.Equal(t, s.at(uint64(i)), want[i], "seed %d, byte %d", seed, i)
			}
		}
	}
}
