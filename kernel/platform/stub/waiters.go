// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"sync"
	"sync/atomic"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Threads that compute for long. A goroutine that waits in a futex call holds
// a kernel thread; so after a while its slot is handed to a shared waiter,
// which waits for many at once (futex_waitv(2)), and the goroutine parks. On
// hosts before Linux 5.16 it goes on waiting by itself.

// patience is how long a goroutine waits by itself.
var patience = unix.Timespec{Nsec: 5_000_000}

// maxAlone is how many goroutines wait by themselves; what is more goes to the
// shared waiters at once.
const maxAlone = 64

// waitvMax is how many words one futex_waitv takes, less the bell.
const waitvMax = 127

// waiter waits for up to waitvMax slots. Its goroutine ends when it has none.
type waiter struct {
	bell uint32 // futex word: the list has changed

	mu      sync.Mutex
	waiting []parked
}

type parked struct {
	addr  *uint32
	ready chan<- struct{}
}

type waiters struct {
	alone atomic.Int32 // goroutines in waitAlone

	mu   sync.Mutex
	list []*waiter
}

// waitAlone waits until *addr is not StateRun any more, but not for long: true
// says that it was too long, or that too many wait.
func (ws *waiters) waitAlone(addr *uint32) bool {
	defer ws.alone.Add(-1)
	if ws.alone.Add(1) > maxAlone && haveWaitV() {
		return true
	}
	return futexWait(addr, StateRun, &patience) == unix.ETIMEDOUT
}

// wait parks until *addr is not StateRun any more.
func (ws *waiters) wait(addr *uint32, ready chan struct{}) {
	ws.mu.Lock()
	w := ws.withRoom()
	w.mu.Lock()
	w.waiting = append(w.waiting, parked{addr, ready})
	first := len(w.waiting) == 1
	w.mu.Unlock()
	ws.mu.Unlock()
	if first {
		go w.run()
	} else {
		w.ring()
	}
	<-ready
}

// withRoom is a waiter that can take one more; mu is held.
func (ws *waiters) withRoom() *waiter {
	for _, w := range ws.list {
		w.mu.Lock()
		n := len(w.waiting)
		w.mu.Unlock()
		if n < waitvMax {
			return w
		}
	}
	w := &waiter{}
	ws.list = append(ws.list, w)
	return w
}

func (w *waiter) ring() {
	atomic.AddUint32(&w.bell, 1)
	futexWake(&w.bell)
}

// futexWaitV is struct futex_waitv.
type futexWaitV struct {
	val   uint64
	uaddr uint64
	flags uint32
	_     uint32
}

// futexSize32 is FUTEX_32 (FUTEX2_SIZE_U32), shared.
const futexSize32 = 2

func (w *waiter) run() {
	var vec [waitvMax + 1]futexWaitV
	for {
		bell := atomic.LoadUint32(&w.bell)
		vec[0] = futexWaitV{uint64(bell), uint64(uintptr(unsafe.Pointer(&w.bell))), futexSize32, 0}
		n := w.sweep(&vec)
		if n == 1 {
			return
		}
		unix.Syscall6(unix.SYS_FUTEX_WAITV, uintptr(unsafe.Pointer(&vec)), uintptr(n), 0, 0, 0, 0)
	}
}

// sweep lets go who is ready, and fills vec with the rest; it returns how many
// words that makes. With one, the list is empty and the goroutine must end: the
// next to wait starts another.
func (w *waiter) sweep(vec *[waitvMax + 1]futexWaitV) int {
	w.mu.Lock()
	defer w.mu.Unlock()
	n := 0
	for _, p := range w.waiting {
		if atomic.LoadUint32(p.addr) != StateRun {
			p.ready <- struct{}{}
			continue
		}
		w.waiting[n] = p
		n++
		vec[n] = futexWaitV{StateRun, uint64(uintptr(unsafe.Pointer(p.addr))), futexSize32, 0}
	}
	clear(w.waiting[n:])
	w.waiting = w.waiting[:n]
	return n + 1
}

// haveWaitV tells whether the host has futex_waitv.
var haveWaitV = sync.OnceValue(func() bool {
	_, _, e := unix.Syscall6(unix.SYS_FUTEX_WAITV, 0, 0, 0, 0, 0, 0)
	return e != unix.ENOSYS
})
