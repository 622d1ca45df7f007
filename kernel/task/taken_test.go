// SPDX-License-Identifier: Apache-2.0

package task

import (
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// A signal whose sender takes it back is passed over for the next.
func TestTaken(t *testing.T) {
	var p pendingSignals
	entry := func(value uint64, keep bool) sigEntry {
		info := abi.SigInfo{Signo: 40}
		info.SetValue(value)
		return sigEntry{info: info, taken: func(i *abi.SigInfo) bool {
			i.SetOverrun(int32(value))
			return keep
		}}
	}
	p.add(entry(1, false))
	p.add(entry(2, true))
	var info abi.SigInfo
	assert.Assert(t, !p.take(40, &info))
	assert.Assert(t, p.set.Has(40))
	assert.Assert(t, p.take(40, &info))
	assert.Equal(t, info.Value(), uint64(2))
	assert.Equal(t, info.Overrun(), int32(2))
	assert.Equal(t, p.set, SigSet(0))
}
