// SPDX-License-Identifier: Apache-2.0

package uring

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// completions takes all that there are: what they are about.
func completions(r *Ring) (data []uint64) {
	for r.count() > 0 {
		head := r.mem.Load(cqHead)
		var b [8]byte
		r.mem.Get(cqes+int(head&(r.cqEntries-1))*16, b[:])
		data = append(data, binary.LittleEndian.Uint64(b[:]))
		r.mem.Store(cqHead, head+1)
	}
	return data
}

func TestTagsTellWhatIsGone(t *testing.T) {
	r := newRing(t, 4)
	buf := func(addr user.Addr, tag uint64) FixedBuffer {
		return FixedBuffer{Bytes: user.Bytes{Addr: addr, Len: 8}, Tag: tag}
	}
	assert.NilError(t, r.SetBuffers([]FixedBuffer{buf(8, 1), buf(16, 0), buf(24, 3)}))
	assert.ErrorIs(t, r.SetBuffers(nil), unix.EBUSY)
	assert.ErrorIs(t, r.SetBuffer(3, buf(8, 9)), unix.EINVAL)
	assert.NilError(t, r.SetBuffer(0, buf(32, 4)))
	assert.DeepEqual(t, completions(r), []uint64{1})
	assert.ErrorIs(t, r.FixedBuffer(0, 8, 1), unix.EFAULT)
	assert.NilError(t, r.FixedBuffer(0, 32, 8))
	assert.NilError(t, r.DropBuffers())
	assert.DeepEqual(t, completions(r), []uint64{3, 4})
	assert.ErrorIs(t, r.DropBuffers(), unix.ENXIO)

	assert.NilError(t, r.SetFiles(nil, nil))
	assert.NilError(t, r.DropFiles())
	assert.Equal(t, len(completions(r)), 0)
}

func TestCloneBuffers(t *testing.T) {
	from, to := newRing(t, 4), newRing(t, 4)
	assert.ErrorIs(t, to.CloneBuffers(from, 0, 0, 0, false), unix.ENXIO)
	var list []FixedBuffer
	for i := range 3 {
		list = append(list, FixedBuffer{Bytes: user.Bytes{Addr: user.Addr(8 * (i + 1)), Len: 8}, Tag: 7})
	}
	assert.NilError(t, from.SetBuffers(list))
	assert.ErrorIs(t, to.CloneBuffers(from, 1, 0, 0, false), unix.EINVAL)
	assert.ErrorIs(t, to.CloneBuffers(from, 0, 0, 4, false), unix.EINVAL)
	assert.ErrorIs(t, to.CloneBuffers(from, 1, 0, 3, false), unix.EOVERFLOW)
	assert.ErrorIs(t, to.CloneBuffers(from, 0, MaxBuffers, 1, false), unix.EINVAL)
	assert.NilError(t, to.CloneBuffers(from, 1, 2, 2, false))
	assert.ErrorIs(t, to.CloneBuffers(from, 0, 0, 0, false), unix.EBUSY)
	for i, addr := range []uint64{0, 0, 16, 24} {
		assert.Equal(t, uint64(to.buffers[i].Addr), addr)
	}
	assert.NilError(t, to.CloneBuffers(from, 0, 1, 1, true))
	assert.Equal(t, to.Buffers(), uint32(4))
	assert.NilError(t, to.FixedBuffer(1, 8, 8))
	assert.NilError(t, to.DropBuffers())
	assert.Equal(t, len(completions(to)), 0) // copies have no tags
}

func TestWaitArgLiesInTheRegion(t *testing.T) {
	r := newRing(t, 4)
	assert.ErrorIs(t, r.SetRegion(Region{Addr: 4096, Size: 4096, Waits: true}), unix.EINVAL)
	r.disabled = true
	assert.NilError(t, r.SetRegion(Region{Addr: 4096, Size: 4096, Waits: true}))
	assert.ErrorIs(t, r.SetRegion(Region{Addr: 4096, Size: 4096}), unix.EBUSY)
	for off, want := range map[uint64]error{0: nil, 64: nil, 4096 - 64: nil, 4096 - 56: unix.EFAULT, 4: unix.EFAULT, 1<<64 - 8: unix.EFAULT} {
		at, err := r.WaitArg(off, 64)
		assert.Equal(t, err, want)
		if err == nil {
			assert.Equal(t, at, 4096+off)
		}
	}
}
