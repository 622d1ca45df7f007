// SPDX-License-Identifier: Apache-2.0

package task

import (
	"math/rand/v2"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

func TestNeitherPartOfATimeShrinks(t *testing.T) {
	var s timeSplit
	user, system := s.divide(50, 20)
	assert.Equal(t, user, time.Duration(30))
	assert.Equal(t, system, time.Duration(20))
	user, system = s.divide(52, 25) // the other clock went on by more than there is
	assert.Equal(t, user, time.Duration(30))
	assert.Equal(t, system, time.Duration(22))
	user, system = s.divide(60, 21)
	assert.Equal(t, user, time.Duration(38))
	assert.Equal(t, system, time.Duration(22))
	user, system = s.divide(40, 40) // an older look
	assert.Equal(t, user, time.Duration(38))
	assert.Equal(t, system, time.Duration(22))

	r := rand.New(rand.NewPCG(1, 2))
	var total time.Duration
	for range 1000 {
		total += time.Duration(r.IntN(10))
		u, sys := s.divide(total, total*time.Duration(r.IntN(100))/100)
		assert.Assert(t, u >= user && sys >= system, "%v and %v after %v and %v", u, sys, user, system)
		assert.Equal(t, u+sys, max(total, user+system))
		user, system = u, sys
	}
}
