// SPDX-License-Identifier: Apache-2.0

// Package futex is futex(2). What only waits and wakes is the host's: a word of
// the application's memory is one for the host too, and the thread that asks
// makes the call there (Caller.HostFutex), or has made it without asking
// (platform.Thread.LetFutex). So all waiters of a word are on the host, with
// the exception of those for PI futexes: their words hold thread ids that mean
// something here only. They are on the queues of this package.
//
// The two kinds don't mix on one word: Linux answers EINVAL, and so do we. A
// wake by the host finds no waiter of ours, so as soon as an address space has
// had one (or any had one for a shared word), its calls come to the kernel
// process first (OnHost, Queued). The other way round the host is asked (hostWaiter).
//
// A word of the queues is known by its key (mm.Key): private memory by address
// space and address, shared memory by its object and the offset in it. Keys
// hash to buckets. No wake-up is lost: a waiter compares the word and queues
// itself under its bucket's lock; a waker's application code has changed the
// word before the call, and the call takes the same lock. So the word must be
// read by Memory.CopyIn at that moment: it is never among the arguments that a
// stub captures beforehand (fixtures: its kind is addr).
//
// Lock order: buckets, the one with the lower index first; then piMu. The
// comparison is a round trip to a stub under a bucket's lock: it delays only
// futexes of that bucket, and the stub's death ends it. A waker is called
// without locks.
package futex

import (
	"hash/maphash"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Caller is a task that waits or wakes (package task implements it).
type Caller interface {
	wait.Sleeper
	MM() *mm.MM
	Memory() user.Memory
	// HostFutex makes a call on the host; with wait it may wait, and ends with
	// ERESTARTSYS when there is a signal to see to.
	HostFutex(nr uintptr, args [6]uint64, wait bool) (uint64, error)
	TID() int32    // the thread's own id, as it stands in the word of a PI futex
	PidSpace() any // what that id is unique in
}

// Word is a futex word as a call names it.
type Word struct {
	Addr    user.Addr
	Private bool
}

// key finds what w is known by: EINVAL if it is not aligned, EFAULT.
func (w Word) key(c Caller) (mm.Key, error) {
	if w.Addr%4 != 0 {
		return mm.Key{}, unix.EINVAL
	}
	if w.Addr > user.TaskTop-4 {
		return mm.Key{}, unix.EFAULT
	}
	return c.MM().FutexKey(uint64(w.Addr), w.Private)
}

func (w Word) load(c Caller) (uint32, error) {
	var b [4]byte
	if _, err := c.Memory().CopyIn(w.Addr, b[:]); err != nil {
		return 0, err
	}
	return uint32(b[0]) | uint32(b[1])<<8 | uint32(b[2])<<16 | uint32(b[3])<<24, nil
}

// waiter is one task's place on the queue of one word.
type waiter struct {
	key  mm.Key
	task Caller

	// at is the bucket whose lock guards the links; nil once it is woken.
	// Written under that lock (a requeue holds both).
	at         atomic.Pointer[bucket]
	prev, next *waiter

	// Of PI futexes (pi.go); guarded by the bucket's lock.
	pi     bool    // waits to own the futex
	target *mm.Key // FUTEX_WAIT_REQUEUE_PI: where it shall be requeued to
	died   bool    // was given the futex by its owner's death
}

type bucket struct {
	index int
	mu    sync.Mutex
	head  *waiter // first come
	tail  *waiter
}

const nBuckets = 256

var (
	buckets [nBuckets]bucket
	seed    = maphash.MakeSeed()
)

func init() {
	for i := range buckets {
		buckets[i].index = i
	}
}

func bucketOf(k mm.Key) *bucket {
	return &buckets[maphash.Comparable(seed, k)%nBuckets]
}

func (b *bucket) add(w *waiter) {
	w.at.Store(b)
	w.prev, w.next = b.tail, nil
	if b.tail != nil {
		b.tail.next = w
	} else {
		b.head = w
	}
	b.tail = w
}

// remove takes w off the queue for good: for its task it is woken.
func (b *bucket) remove(w *waiter) {
	b.unlink(w)
	w.at.Store(nil)
}

// move is for a requeue: the task, which looks without a lock, must not see w
// on no queue.
func (b *bucket) move(w *waiter, to *bucket, k mm.Key) {
	b.unlink(w)
	w.key = k
	to.add(w)
}

func (b *bucket) unlink(w *waiter) {
	if w.prev != nil {
		w.prev.next = w.next
	} else {
		b.head = w.next
	}
	if w.next != nil {
		w.next.prev = w.prev
	} else {
		b.tail = w.prev
	}
	w.prev, w.next = nil, nil
}

// unqueue takes w off its queue. It answers false if w was woken already.
func (w *waiter) unqueue() bool {
	for {
		b := w.at.Load()
		if b == nil {
			return false
		}
		b.mu.Lock()
		if w.at.Load() == b {
			b.remove(w)
			if w.pi {
				leavePI(w.key, nil)
			}
			b.mu.Unlock()
			return true
		}
		b.mu.Unlock() // it was requeued meanwhile
	}
}

// queueIf puts w on the queue of word if that has the value val: EAGAIN.
func (w *waiter) queueIf(word Word, val uint32) error {
	b := bucketOf(w.key)
	b.mu.Lock()
	defer b.mu.Unlock()
	now, err := word.load(w.task)
	if err != nil {
		return err
	}
	if now != val {
		return unix.EAGAIN
	}
	b.add(w)
	return nil
}

// sleep waits until w is woken, or the deadline (zero: none) or a signal
// ends it. The error is Sleep's; nil if w was woken after all.
func (w *waiter) sleep(deadline time.Time) error {
	for w.at.Load() != nil {
		if err := w.task.Sleep(deadline); err != nil {
			if w.unqueue() {
				return err
			}
			return nil
		}
	}
	return nil
}

// wakeList is who is to be woken once the locks are released.
type wakeList []*waiter

func (l wakeList) wake() int {
	for _, w := range l {
		w.task.Wake()
	}
	return len(l)
}

// lockBoth locks two buckets in their order; unlockBoth undoes it.
func lockBoth(a, b *bucket) {
	first, second := ordered(a, b)
	first.mu.Lock()
	if first != second {
		second.mu.Lock()
	}
}

func unlockBoth(a, b *bucket) {
	a.mu.Unlock()
	if a != b {
		b.mu.Unlock()
	}
}

func ordered(a, b *bucket) (*bucket, *bucket) {
	if b.index < a.index {
		return b, a
	}
	return a, b
}
