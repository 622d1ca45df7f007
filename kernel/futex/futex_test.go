// SPDX-License-Identifier: Apache-2.0

package futex

import (
	"encoding/binary"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

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

func (m *words) CopyOutFrom(user.Addr, int, bool, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (m *words) CopyInTo(user.Addr, int, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
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
	mm   *mm.MM
	host *host
	pid  int32
}

// host makes the futex calls: it says how many wait for a word.
type host struct {
	mu      sync.Mutex
	waiters map[uint64]uint64
	woken   []user.Addr
}

func (t *thread) HostFutex(nr uintptr, args [6]uint64, wait bool) (uint64, error) {
	h := t.host
	h.mu.Lock()
	defer h.mu.Unlock()
	switch {
	case nr != unix.SYS_FUTEX || wait:
		return 0, unix.ENOSYS
	case args[1] == hostWake:
		h.woken = append(h.woken, user.Addr(args[0]-base))
	case args[1]&^privateFlag != hostRequeue || args[2] != 0 || args[3] != 1 || args[4] != args[0]:
		return 0, unix.ENOSYS
	}
	return min(h.waiters[args[0]-base], 1), nil
}

func (t *thread) MM() *mm.MM    { return t.mm }
func (t *thread) TID() int32    { return t.pid }
func (t *thread) PidSpace() any { return nil }

type process struct {
	words
	host host
	mm   *mm.MM
	pid  int32
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
	return &thread{c, p.mm, &p.host, p.pid}
}

func (p *process) alive(tid int32) bool { return tid > 0 && tid <= p.pid }

func word(a user.Addr) Word { return Word{Addr: base + a, Private: true} }

// queued waits until n tasks are on the queue of the word.
func (p *process) queued(t *testing.T, a user.Addr, n int) {
	t.Helper()
	k, err := p.mm.FutexKey(base+uint64(a), true)
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
