// SPDX-License-Identifier: Apache-2.0

package futex

import (
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Commands of futex(2) that the kernel makes itself, on shared words.
const (
	hostWake    = 1
	hostRequeue = 3
	privateFlag = 128
)

// Wake wakes one waiter of a word, as the kernel does when a thread dies.
func Wake(c Caller, addr user.Addr) {
	_, _ = c.HostFutex(unix.SYS_FUTEX, [6]uint64{uint64(addr), hostWake, 1}, false)
}

// hostWaiter tells whether somebody waits for the word on the host: a requeue
// to where it is counts it, and changes nothing.
func (w Word) hostWaiter(c Caller) bool {
	op := uint64(hostRequeue)
	if w.Private {
		op |= privateFlag
	}
	n, err := c.HostFutex(unix.SYS_FUTEX, [6]uint64{uint64(w.Addr), op, 0, 1, uint64(w.Addr)}, false)
	return err == nil && n > 0
}

// sharedPI: a thread has waited for a shared PI futex.
var sharedPI atomic.Bool

// OnHost tells whether threads of an address space may wake on the host
// without asking: no word of theirs has had waiters on the queues here.
func OnHost(m *mm.MM) bool { return !sharedPI.Load() && (m == nil || !m.PIFutexes.Load()) }

// comesHere is for a thread that is about to queue itself for the word. Who
// wakes by another address space finds out at its next event.
func (w Word) comesHere(c Caller) {
	flag := &sharedPI
	if w.Private {
		flag = &c.MM().PIFutexes
	}
	if flag.Swap(true) {
		return
	}
	if as, ok := c.MM().AddressSpace().(interface{ ForbidFutex() }); ok {
		as.ForbidFutex()
	}
}

// Queued tells whether somebody is on the queue of the word: a wake that is
// not for PI futexes answers EINVAL then.
func Queued(c Caller, w Word) bool {
	if OnHost(c.MM()) {
		return false
	}
	k, err := w.key(c)
	if err != nil {
		return false
	}
	b := bucketOf(k)
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.first(k) != nil
}
