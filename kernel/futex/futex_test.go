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
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs/vfstest"
)

// base is where the memory of the test's process is. The tests count from it.
const base = 0x10000

// words is that memory: a page of words, the first of which is not mapped.
type words struct {
	mu sync.Mutex
	b  [4096]byte
}

func (m *words) CopyIn(a user.Addr, p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a -= base; a == 0 || a > 4096 || int(a)+len(p) > len(m.b) {
		return 0, unix.EFAULT
	}
	return copy(p, m.b[a:]), nil
}

func (m *words) CopyOut(a user.Addr, p []byte) (int, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return copy(m.b[a-base:], p), nil
}

func (m *words) CopyOutLast(a user.Addr, p []byte, _ bool) (int, error) { return m.CopyOut(a, p) }

func (m *words) CompareAndSwap32(a user.Addr, old, new uint32) (uint32, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if a -= base; a == 0 || a > 4092 {
		return 0, unix.EFAULT
	}
	now := binary.LittleEndian.Uint32(m.b[a:])
	if now == old {
		binary.LittleEndian.PutUint32(m.b[a:], new)
	}
	return now, nil
}

func (m *words) set(a user.Addr, v uint32) {
	m.mu.Lock()
	defer m.mu.Unlock()
	binary.LittleEndian.PutUint32(m.b[a:], v)
}

func (m *words) get(a user.Addr) uint32 {
	m.mu.Lock()
	defer m.mu.Unlock()
	return binary.LittleEndian.Uint32(m.b[a:])
}

// thread is a task of the test's process.
type thread struct {
	*vfstest.Ctx
	mm  *mm.MM
	pid int32
}

func (t *thread) MM() *mm.MM    { return t.mm }
func (t *thread) TID() int32    { return t.pid }
func (t *thread) PidSpace() any { return nil }

type process struct {
	words
	mm  *mm.MM
	pid int32
}

func newProcess() *process {
	p := &process{mm: mm.New(nil, platform.Layout{Min: base, Max: mm.TaskSize})}
	_, err := p.mm.Map(mapper{p.thread()}, base, 4096, 3, unix.MAP_PRIVATE|unix.MAP_ANONYMOUS|unix.MAP_FIXED, nil, 0)
	if err != nil {
		panic(err)
	}
	return p
}

// mapper is the caller of the one Map: its host does whatever it is asked.
type mapper struct{ *thread }

type yes struct{ platform.Thread }

func (yes) Do(...*platform.Op) error   { return nil }
func (mapper) Thread() platform.Thread { return yes{} }

func (p *process) thread() *thread {
	p.pid++
	c := vfstest.Root()
	c.Mem = &p.words
	return &thread{c, p.mm, p.pid}
}

func (p *process) alive(tid int32) bool { return tid > 0 && tid <= p.pid }

func word(a user.Addr) Word { return Word{Addr: base + a, Private: true} }

// queued waits until n tasks are on the queue of the word.
func (p *process) queued(t *testing.T, a user.Addr, n int) {
	t.Helper()
	p.queuedOn(t, word(a), n)
}

// shared is the word for a call without FUTEX_PRIVATE_FLAG, as the kernel makes
// them itself when a task dies.
func shared(a user.Addr) Word { return Word{Addr: base + a} }

func (p *process) queuedOn(t *testing.T, w Word, n int) {
	t.Helper()
	k, err := p.mm.FutexKey(uint64(w.Addr), w.Private)
	assert.NilError(t, err)
	b := bucketOf(k)
	for start := time.Now(); ; time.Sleep(time.Millisecond) {
		b.mu.Lock()
		got := 0
		for w := b.head; w != nil; w = w.next {
			if w.key == k {
				got++
			}
		}
		b.mu.Unlock()
		if got == n {
			return
		}
		assert.Assert(t, time.Since(start) < 30*time.Second, "%d queued, want %d", got, n)
	}
}

// start runs f in a goroutine and returns what it answers.
func start[T any](f func() T) chan T {
	ch := make(chan T, 1)
	go func() { ch <- f() }()
	return ch
}

func TestWaitAndWake(t *testing.T) {
	p := newProcess()
	a := p.thread()
	assert.ErrorIs(t, Wait(a, word(4), 1, MatchAny, time.Time{}), unix.EAGAIN)
	assert.ErrorIs(t, Wait(a, word(4), 0, 0, time.Time{}), unix.EINVAL)
	assert.ErrorIs(t, Wait(a, word(5), 0, MatchAny, time.Time{}), unix.EINVAL)
	assert.ErrorIs(t, Wait(a, word(0), 0, MatchAny, time.Time{}), unix.EFAULT)
	assert.ErrorIs(t, Wait(a, word(1<<48), 0, MatchAny, time.Time{}), unix.EFAULT)
	assert.ErrorIs(t, Wait(a, word(4), 0, MatchAny, time.Now().Add(-time.Second)), unix.ETIMEDOUT)

	done := start(func() error { return Wait(a, word(4), 0, 6, time.Time{}) })
	p.queued(t, 4, 1)
	b := p.thread()
	for _, tt := range []struct {
		at   user.Addr
		bits uint32
		want int
	}{{8, MatchAny, 0}, {4, 1, 0}, {4, 2, 1}, {4, 2, 0}} {
		n, err := Wake(b, word(tt.at), 10, tt.bits)
		assert.NilError(t, err)
		assert.Equal(t, n, tt.want)
	}
	assert.NilError(t, <-done)
	p.queued(t, 4, 0)

	done = start(func() error { return Wait(a, word(4), 0, MatchAny, time.Time{}) })
	p.queued(t, 4, 1)
	a.Interrupt()
	assert.ErrorIs(t, <-done, abi.ERESTARTSYS)
	p.queued(t, 4, 0)
}

func TestWakeInOrder(t *testing.T) {
	p := newProcess()
	var done []chan error
	for i := range 4 {
		c := p.thread()
		done = append(done, start(func() error { return Wait(c, word(4), 0, MatchAny, time.Time{}) }))
		p.queued(t, 4, i+1)
	}
	w := p.thread()
	for _, tt := range []struct{ ask, want int }{{1, 1}, {0, 1}, {-1, 1}, {5, 1}} {
		n, err := Wake(w, word(4), tt.ask, MatchAny)
		assert.NilError(t, err)
		assert.Equal(t, n, tt.want)
		assert.NilError(t, <-done[0]) // first come, first woken
		done = done[1:]
	}
}

func TestRequeue(t *testing.T) {
	p := newProcess()
	var done []chan error
	for i := range 5 {
		c := p.thread()
		done = append(done, start(func() error { return Wait(c, word(4), 0, MatchAny, time.Time{}) }))
		p.queued(t, 4, i+1)
	}
	r := p.thread()
	bad := uint32(7)
	_, err := Requeue(r, word(4), word(8), 1, 2, &bad)
	assert.ErrorIs(t, err, unix.EAGAIN)
	_, err = Requeue(r, word(4), word(8), -1, 2, nil)
	assert.ErrorIs(t, err, unix.EINVAL)
	good := uint32(0)
	n, err := Requeue(r, word(4), word(8), 1, 2, &good)
	assert.NilError(t, err)
	assert.Equal(t, n, 3)
	assert.NilError(t, <-done[0])
	p.queued(t, 4, 2)
	p.queued(t, 8, 2)
	n, err = Requeue(r, word(4), word(4), 0, 9, nil)
	assert.NilError(t, err)
	assert.Equal(t, n, 2)
	for _, at := range []user.Addr{4, 8} {
		n, err := Wake(r, word(at), 9, MatchAny)
		assert.NilError(t, err)
		assert.Equal(t, n, 2)
	}
	for _, d := range done[1:] {
		assert.NilError(t, <-d)
	}
}

func TestWakeOp(t *testing.T) {
	p := newProcess()
	encode := func(op, arg, cmp, cmpArg uint32) uint32 { return op<<28 | cmp<<24 | arg&0xfff<<12 | cmpArg&0xfff }
	for _, tt := range []struct {
		name        string
		before, op  uint32
		after, want uint32
		err         error
	}{
		{"set, equal", 3, encode(0, 9, 0, 3), 9, 1, nil},
		{"set, not equal", 3, encode(0, 9, 1, 3), 9, 0, nil},
		{"add negative, less", 0, encode(1, 0xfff, 2, 1), ^uint32(0), 1, nil},
		{"or shifted, at most", 1, encode(2|8, 4, 3, 1), 17, 1, nil},
		{"and not, more", 7, encode(3, 5, 4, 6), 2, 1, nil},
		{"xor, at least", 7, encode(4, 5, 5, 8), 2, 0, nil},
		{"signed", ^uint32(0), encode(0, 0, 2, 0), 0, 1, nil},
		{"no such operation", 1, encode(5, 1, 0, 1), 1, 0, unix.ENOSYS},
		{"no such comparison", 1, encode(0, 2, 6, 1), 2, 0, unix.ENOSYS},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c, waker := p.thread(), p.thread()
			p.set(8, tt.before)
			done := start(func() error { return Wait(c, word(8), tt.before, MatchAny, time.Time{}) })
			p.queued(t, 8, 1)
			n, err := WakeOp(waker, word(4), word(8), 1, 1, tt.op)
			if tt.err != nil {
				assert.ErrorIs(t, err, tt.err)
			} else {
				assert.NilError(t, err)
			}
			assert.Equal(t, n, int(tt.want))
			assert.Equal(t, p.get(8), tt.after)
			_, _ = Wake(waker, word(8), 1, MatchAny)
			assert.NilError(t, <-done)
		})
	}
}

func TestWaitMultiple(t *testing.T) {
	p := newProcess()
	c, w := p.thread(), p.thread()
	list := []Waits{{word(4), 0}, {word(8), 0}, {word(12), 0}}
	bad := append(list, Waits{word(16), 1})
	_, err := WaitMultiple(c, bad, time.Time{})
	assert.ErrorIs(t, err, unix.EAGAIN)
	for _, a := range []user.Addr{4, 8, 12} {
		p.queued(t, a, 0)
	}
	_, err = WaitMultiple(c, list, time.Now().Add(-1))
	assert.ErrorIs(t, err, unix.ETIMEDOUT)
	type answer struct {
		i   int
		err error
	}
	done := start(func() answer { i, err := WaitMultiple(c, list, time.Time{}); return answer{i, err} })
	p.queued(t, 12, 1)
	_, err = Wake(w, word(8), 1, MatchAny)
	assert.NilError(t, err)
	assert.Equal(t, <-done, answer{1, nil})
	p.queued(t, 12, 0)
}

// TestNoWakeUpIsLost has two threads hand a token to and fro by the word: if
// a wake-up is lost they stand still.
func TestNoWakeUpIsLost(t *testing.T) {
	p := newProcess()
	const rounds = 20000
	var wg sync.WaitGroup
	for me := range uint32(2) {
		c := p.thread()
		wg.Go(func() {
			for range rounds {
				for p.get(4) != me {
					err := Wait(c, word(4), 1-me, MatchAny, time.Time{})
					if err != nil && err != unix.EAGAIN {
						panic(err)
					}
				}
				p.set(4, 1-me)
				if _, err := Wake(c, word(4), 1, MatchAny); err != nil {
					panic(err)
				}
			}
		})
	}
	wg.Wait()
}
