// SPDX-License-Identifier: Apache-2.0

package aio

import (
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// newContext is a context that is mapped nowhere.
func newContext(t *testing.T, events, batch uint32) *Context {
	t.Helper()
	r, err := newRing(events)
	assert.NilError(t, err)
	return &Context{set: new(Contexts), nr: r.nr, free: r.nr - 1, batch: batch, ring: r, users: 1}
}

// memory is an application's that takes what is copied out.
type memory struct {
	user.Memory
	got []byte
}

func (m *memory) CopyOut(_ user.Addr, p []byte) (int, error) {
	m.got = append(m.got, p...)
	return len(p), nil
}

func TestTheRingGoesRound(t *testing.T) {
	x := newContext(t, 2, 15)
	next := uint64(0)
	for round := range 500 {
		for i := range 3 {
			assert.NilError(t, x.Begin(), "round %d", round)
			x.Complete(&Request{Data: uint64(3*round + i)}, int64(i))
		}
		var m memory
		n, err := x.Read(&m, 0, 10)
		assert.NilError(t, err)
		assert.Equal(t, n, int64(3))
		for ; len(m.got) > 0; m.got = m.got[EventSize:] {
			assert.Equal(t, binary.LittleEndian.Uint64(m.got), next)
			next++
		}
	}
	assert.Assert(t, x.Empty())
}

// However wild the application's head is, no more places are given back than requests were completed.
func TestAWildHeadGivesNoRoomAway(t *testing.T) {
	for _, head := range []uint32{0, 1, 126, 127, 128, 1 << 31, ^uint32(0)} {
		x := newContext(t, 2, 15)
		n := uint32(0)
		for ; n < 10*x.nr; n++ {
			if x.Begin() != nil {
				break
			}
			x.Complete(new(Request), 0)
			x.ring.shared.Store(ringHead, head)
		}
		assert.Assert(t, x.free+x.local+x.completed == x.nr-1, "head %d: %d + %d + %d", head, x.free, x.local, x.completed)
	}
}

func TestAPollEndsOnce(t *testing.T) {
	for range 200 {
		x := newContext(t, 2, 15)
		f := anon.NewEventfd(0, unix.EFD_NONBLOCK)
		assert.NilError(t, x.Begin())
		assert.NilError(t, x.StartPoll(vfstest.Root(), Request{Obj: 5}, f, wait.In, false))
		written := make(chan error)
		go func() {
			b := user.KernelBuf([]byte{1, 0, 0, 0, 0, 0, 0, 0})
			_, err := f.Write(vfstest.Root(), &b)
			written <- err
		}()
		err := x.CancelPoll(5)
		assert.Assert(t, err == unix.EINPROGRESS || err == unix.EINVAL, "%v", err)
		assert.NilError(t, <-written)
		assert.NilError(t, wait.Until(vfstest.Root(), x.Queue(), wait.All, time.Time{}, func() bool { return !x.Empty() }))
		var m memory
		n, _ := x.Read(&m, 0, 9)
		assert.Equal(t, n, int64(1))
		x.kill()
		x.close()
		f.DecRef()
		assert.Equal(t, x.running, 0)
	}
}
