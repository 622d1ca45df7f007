// SPDX-License-Identifier: Apache-2.0

package futex

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
)

func TestLockPI(t *testing.T) {
	p := newProcess()
	a, b, c := p.thread(), p.thread(), p.thread()
	lock := func(x *thread) error { return LockPI(x, word(4), time.Time{}, false, p.alive) }
	assert.NilError(t, lock(a))
	assert.Equal(t, p.get(4), uint32(a.pid))
	assert.ErrorIs(t, lock(a), unix.EDEADLK)
	assert.ErrorIs(t, LockPI(b, word(4), time.Time{}, true, p.alive), unix.EAGAIN)
	assert.ErrorIs(t, UnlockPI(b, word(4)), unix.EPERM)
	assert.ErrorIs(t, LockPI(b, word(4), time.Now().Add(-1), false, p.alive), unix.ETIMEDOUT)
	assert.Equal(t, knownOwner(mustKey(t, a)), int32(0))

	first := start(func() error { return lock(b) })
	p.queued(t, 4, 1)
	second := start(func() error { return lock(c) })
	p.queued(t, 4, 2)
	assert.Equal(t, p.get(4), uint32(a.pid)|waitersBit)
	assert.Assert(t, Queued(a, word(4)) && !Queued(a, word(8)))
	assert.Assert(t, !OnHost(p.mm) && OnHost(newProcess().mm))
	assert.NilError(t, UnlockPI(a, word(4)))
	assert.NilError(t, <-first)
	assert.Equal(t, p.get(4), uint32(b.pid)|waitersBit)
	c.Interrupt()
	assert.ErrorIs(t, <-second, abi.ERESTARTNOINTR)
	assert.NilError(t, UnlockPI(b, word(4)))
	assert.Equal(t, p.get(4), uint32(0))

	p.set(4, 1000)
	assert.ErrorIs(t, lock(a), unix.ESRCH)
	p.set(4, ownerDied)
	assert.NilError(t, lock(a))
	assert.Equal(t, p.get(4), uint32(a.pid)|ownerDied)
}

func mustKey(t *testing.T, c *thread) mm.Key {
	k, err := word(4).key(c)
	assert.NilError(t, err)
	return k
}

func TestDeadOwnerLeavesToTheFirstWaiter(t *testing.T) {
	p := newProcess()
	a, b := p.thread(), p.thread()
	assert.NilError(t, LockPI(a, word(4), time.Time{}, false, p.alive))
	done := start(func() error { return LockPI(b, word(4), time.Time{}, false, p.alive) })
	p.queued(t, 4, 1)
	ExitPI(a)
	assert.NilError(t, <-done)
	assert.Equal(t, p.get(4), uint32(b.pid)|waitersBit|ownerDied)
	assert.Equal(t, int(piCount.Load()), 0)
}

func TestPIExcludes(t *testing.T) {
	p := newProcess()
	inside, total := 0, 0
	var wg sync.WaitGroup
	for _, c := range []*thread{p.thread(), p.thread(), p.thread(), p.thread()} {
		wg.Go(func() {
			for range 500 {
				if err := LockPI(c, word(4), time.Time{}, false, p.alive); err != nil {
					panic(err)
				}
				inside++ // the race detector looks on
				total += inside
				inside--
				if err := UnlockPI(c, word(4)); err != nil {
					panic(err)
				}
			}
		})
	}
	wg.Wait()
	assert.Equal(t, total, 2000)
}

func TestRequeuePI(t *testing.T) {
	p := newProcess()
	var ts []*thread
	var done []chan error
	for i := range 3 {
		c := p.thread()
		ts = append(ts, c)
		done = append(done, start(func() error {
			return WaitRequeuePI(c, word(8), 0, word(4), time.Time{})
		}))
		p.queued(t, 8, i+1)
	}
	r := p.thread()
	_, err := CmpRequeuePI(r, word(8), word(4), 2, 9, 0, p.alive)
	assert.ErrorIs(t, err, unix.EINVAL)
	_, err = CmpRequeuePI(r, word(8), word(4), 1, 9, 1, p.alive)
	assert.ErrorIs(t, err, unix.EAGAIN)
	_, err = CmpRequeuePI(r, word(8), word(12), 1, 9, 0, p.alive)
	assert.ErrorIs(t, err, unix.EINVAL)
	assert.Assert(t, Queued(r, word(8)))
	n, err := CmpRequeuePI(r, word(8), word(4), 1, 9, 0, p.alive)
	assert.NilError(t, err)
	assert.Equal(t, n, 3)
	for i := range ts {
		assert.NilError(t, <-done[i])
		assert.Equal(t, p.get(4)&tidMask, uint32(ts[i].pid))
		assert.NilError(t, UnlockPI(ts[i], word(4)))
	}
	assert.ErrorIs(t, WaitRequeuePI(r, word(8), 0, word(8), time.Time{}), unix.EINVAL)
	assert.ErrorIs(t, WaitRequeuePI(r, word(8), 0, word(4), time.Now().Add(-1)), unix.ETIMEDOUT)
}

func TestRobustList(t *testing.T) {
	p := newProcess()
	dying, other := p.thread(), p.thread()
	put := func(at int, v uint64) { binary.LittleEndian.PutUint64(p.b[at:], v) }
	// The head is at 64; entries at 128 and 256 with their words 8 behind; 512 is pending.
	put(64, base+128)
	put(72, 8)
	put(80, base+512)
	put(128, base+256)
	put(256, base+64)
	p.set(136, uint32(dying.pid)|waitersBit)
	p.set(264, uint32(other.pid))
	p.set(520, 0)
	ExitRobust(dying, base+64)
	assert.Equal(t, p.get(136), uint32(ownerDied|waitersBit))
	assert.Equal(t, p.get(264), uint32(other.pid))
	assert.DeepEqual(t, p.host.woken, []user.Addr{136, 520})
	put(256, base+256) // a ring that never comes back to the head ends nonetheless
	ExitRobust(dying, base+64)
}

// The words of PI futexes and others don't mix: the host tells who waits there.
func TestHostWaiters(t *testing.T) {
	p := newProcess()
	a := p.thread()
	p.host.waiters = map[uint64]uint64{4: 3}
	assert.NilError(t, LockPI(a, word(4), time.Time{}, false, p.alive))
	assert.ErrorIs(t, UnlockPI(a, word(4)), unix.EINVAL)
	_, err := CmpRequeuePI(a, word(4), word(8), 1, 9, p.get(4), p.alive)
	assert.ErrorIs(t, err, unix.EINVAL)
	p.host.waiters = nil
	assert.NilError(t, UnlockPI(a, word(4)))
	n, err := CmpRequeuePI(a, word(4), word(8), 1, 9, p.get(4), p.alive)
	assert.NilError(t, err)
	assert.Equal(t, n, 0)
}
