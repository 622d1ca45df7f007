// SPDX-License-Identifier: Apache-2.0

package hostio

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func TestSharedMemoryIsSeenByWhoMapsIt(t *testing.T) {
	s, err := NewShared("test", 8192)
	assert.NilError(t, err)
	other, err := unix.Mmap(s.FD(), 0, 8192, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	assert.NilError(t, err)
	defer func() { assert.NilError(t, unix.Munmap(other)) }()
	s.Store(4, 0x01020304)
	assert.Equal(t, other[4], byte(4))
	other[4096] = 7
	assert.Equal(t, s.Load(4096), uint32(7))
	s.Or(4096, 8)
	s.And(4096, ^uint32(1))
	var b [4]byte
	s.Get(4096, b[:])
	assert.Equal(t, b, [4]byte{14})
	s.Put(8188, []byte{1, 2, 3, 4})
	assert.Equal(t, other[8191], byte(4))
	s.Close()
	assert.Equal(t, other[8191], byte(4)) // what is mapped stays
}
