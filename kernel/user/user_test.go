// SPDX-License-Identifier: Apache-2.0

package user

import (
	"testing"

	"gotest.tools/v3/assert"
)

func TestKernelBufTakesAndGives(t *testing.T) {
	p := make([]byte, 4)
	b := KernelBuf(p)
	n, err := b.CopyOut([]byte("abcdef"))
	assert.NilError(t, err)
	assert.Equal(t, n, 4)
	assert.Equal(t, string(p), "abcd")
	assert.Equal(t, b.Len(), 0)
	b = KernelBuf([]byte("xyz"))
	n, err = b.CopyIn(p[:2])
	assert.NilError(t, err)
	assert.Equal(t, n, 2)
	assert.Equal(t, string(p[:2]), "xy")
	assert.Equal(t, b.Len(), 1)
}
