// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"fmt"
	"os"
	"testing"

	"gotest.tools/v3/assert"
)

// TestSettle: what was killed is gone once Settle returns.
func TestSettle(t *testing.T) {
	p, err := New(Options{})
	assert.NilError(t, err)
	defer p.Close()
	for range 20 {
		as, _, err := p.NewAddressSpace()
		assert.NilError(t, err)
		sp := as.(*space)
		pid := sp.pid
		as.Kill()
		p.Settle()
		p.mu.Lock()
		_, there := p.spaces[pid]
		p.mu.Unlock()
		assert.Assert(t, !there)
		maps, _ := os.ReadFile(fmt.Sprintf("/proc/%d/maps", pid)) // empty when it is not reaped yet
		assert.Equal(t, string(maps), "")
	}
}
