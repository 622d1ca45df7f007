// SPDX-License-Identifier: Apache-2.0

package cred

import (
	"math"
	"testing"

	"gotest.tools/v3/assert"
)

func TestAccountsCountInEveryNamespaceAround(t *testing.T) {
	outer := &UserNS{owner: 7, limits: unbounded()}
	inner := &UserNS{parent: outer, level: 1, owner: 8, limits: unbounded()}
	mine, other := Account{inner, 1}, Account{inner, 2}
	charge := func(a Account, want bool) {
		t.Helper()
		assert.Equal(t, a.Charge(InotifyWatches), want)
	}
	assert.Equal(t, inner.Limit(InotifyWatches), math.MaxInt32)
	inner.SetLimit(InotifyWatches, 2)
	charge(mine, true)
	charge(mine, true)
	charge(mine, false)
	charge(other, true) // has an account of its own
	assert.Equal(t, outer.limits.used[8][InotifyWatches], 3)
	outer.SetLimit(InotifyWatches, 3)
	charge(other, false) // not where both are the namespace's maker's
	assert.Assert(t, other.Charge(InotifyInstances))
	other.Uncharge(InotifyInstances, 1)
	mine.Uncharge(InotifyWatches, 2)
	charge(other, true)
	inner.SetLimit(InotifyWatches, 0)
	charge(mine, false)
	other.Uncharge(InotifyWatches, 2)
	assert.Equal(t, len(inner.limits.used)+len(outer.limits.used), 0)
}
