// SPDX-License-Identifier: Apache-2.0

package uring

import (
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

func newRing(t *testing.T, entries uint32) *Ring {
	t.Helper()
	r, f, err := New(nil, &Params{SQEntries: entries}, &Ops{{}})
	assert.NilError(t, err)
	t.Cleanup(f.DecRef)
	return r
}

func TestSizes(t *testing.T) {
	for _, c := range []struct {
		in   Params
		want Params
		err  error
	}{
		{Params{SQEntries: 0}, Params{}, unix.EINVAL},
		{Params{SQEntries: 5}, Params{8, 16, 0}, nil},
		{Params{SQEntries: maxSQ + 1}, Params{}, unix.EINVAL},
		{Params{SQEntries: maxSQ + 1, Flags: SetupClamp}, Params{maxSQ, maxCQ, SetupClamp}, nil},
		{Params{SQEntries: 8, CQEntries: 4, Flags: SetupCQSize}, Params{}, unix.EINVAL},
		{Params{SQEntries: 8, CQEntries: 9, Flags: SetupCQSize}, Params{8, 16, SetupCQSize}, nil},
	} {
		p := c.in
		err := p.check()
		assert.Equal(t, err, c.err)
		if err == nil {
			assert.Equal(t, p, c.want)
		}
	}
}

// Completions that find no room come in order when there is some, whatever the application writes as its head.
func TestNoCompletionIsLost(t *testing.T) {
	r := newRing(t, 2) // room for four
	for i := range uint64(20) {
		r.post(cqe{userData: i}, false)
	}
	assert.Assert(t, r.mem.Load(sqFlags)&sqNeedsFlush != 0)
	for next := uint64(0); next < 20; next += 4 {
		assert.Equal(t, r.count(), uint32(4))
		var b [8]byte
		r.mem.Get(cqes+int(next&3)*16, b[:])
		assert.Equal(t, uint64(b[0]), next)
		r.mem.Store(cqHead, uint32(next)+4)
	}
	assert.Equal(t, r.count(), uint32(0))
	assert.Assert(t, r.mem.Load(sqFlags)&sqNeedsFlush == 0)
	r.mem.Store(cqHead, 1<<31)
	r.post(cqe{userData: 99}, false)
	assert.Assert(t, r.count() <= r.cqEntries)
	assert.Assert(t, r.Poll(nil)&wait.Readable != 0)
}

func TestWhatIsMappedWhere(t *testing.T) {
	r := newRing(t, 64)
	for _, c := range []struct {
		off, want uint64
		err       error
	}{{0, 0, nil}, {0x8000000, 0, nil}, {0x10000000, uint64(r.rings), nil}, {0x1000, 0, nil}, {0x20000000, 0, unix.ENOMEM}} {
		at, err := r.MapAt(c.off)
		assert.Equal(t, err, c.err)
		assert.Equal(t, at, c.want)
	}
}

// A tail that makes no sense gives no more requests than there are places.
func TestAWildTail(t *testing.T) {
	r := newRing(t, 4)
	r.mem.Store(sqTail, 1<<31)
	assert.Equal(t, r.pendingSQ(), uint32(4))
	r.mem.Store(r.array, 4) // an index beyond the entries
	_, ok := r.nextSQE()
	assert.Assert(t, !ok)
	assert.Equal(t, r.mem.Load(sqDropped), uint32(1))
}

func TestRestrictions(t *testing.T) {
	r := newRing(t, 4)
	assert.Equal(t, r.Restrict(nil), error(unix.EBADFD))
	r.disabled = true
	assert.NilError(t, r.Restrict([]Restriction{{What: 1, Arg: 0}, {What: 3, Arg: FixedFile}}))
	assert.NilError(t, r.Enable(nil))
	assert.Assert(t, !r.restrictions.allow(&SQE{Op: 0}))
	assert.Assert(t, r.restrictions.allow(&SQE{Op: 0, Flags: FixedFile}))
	assert.Assert(t, !r.restrictions.allow(&SQE{Op: 0, Flags: FixedFile | link}))
	assert.Assert(t, !r.restrictions.allow(&SQE{Op: 1, Flags: FixedFile}))
	assert.Assert(t, !r.MayRegister(3))
}
