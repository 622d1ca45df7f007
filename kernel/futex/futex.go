// SPDX-License-Identifier: Apache-2.0

// Package futex has the wait queues behind futex(2). A word is known by its
// key (mm.Key): private memory by address space and address, shared memory by
// its object and the offset in it. Keys hash to buckets.
//
// No wake-up is lost. A waiter compares the word and queues itself under its
// bucket's lock; a waker's application code has changed the word before the
// call, and the call takes the same lock. If the waker has the lock first, the
// waiter reads the changed word (the read is made by a stub thread, or by the
// host, while the lock is held: it can't be older than the lock) and answers
// EAGAIN; if the waiter has it first, it is on the queue and is woken. So the
// word must be read by Memory.CopyIn at that moment: it is never among the
// arguments that a stub captures beforehand (fixtures: its kind is addr).
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

// MatchAny is the bit set that every waiter and waker without one of its own
// has (FUTEX_BITSET_MATCH_ANY).
const MatchAny = ^uint32(0)

// Caller is a task that waits or wakes (package task implements it).
type Caller interface {
	wait.Sleeper
	MM() *mm.MM
	Memory() user.Memory
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
	bits uint32
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

// Wait is FUTEX_WAIT_BITSET: it waits while the word has the value val.
// EAGAIN if it has not, ETIMEDOUT, abi.ERESTARTSYS.
func Wait(c Caller, word Word, val, bits uint32, deadline time.Time) error {
	if bits == 0 {
		return unix.EINVAL
	}
	k, err := word.key(c)
	if err != nil {
		return err
	}
	w := &waiter{key: k, bits: bits, task: c}
	if err := w.queueIf(word, val); err != nil {
		return err
	}
	return w.sleep(deadline)
}

// Waits is one word of a WaitMultiple.
type Waits struct {
	Word
	Val uint32
}

// WaitMultiple is futex_waitv(2): the index of a word that was woken.
func WaitMultiple(c Caller, words []Waits, deadline time.Time) (int, error) {
	ws := make([]waiter, len(words))
	for i := range words {
		k, err := words[i].key(c)
		if err != nil {
			return 0, err
		}
		ws[i] = waiter{key: k, bits: MatchAny, task: c}
	}
	for i := range ws {
		if err := ws[i].queueIf(words[i].Word, words[i].Val); err != nil {
			if woken := unqueueAll(ws[:i]); woken >= 0 {
				return woken, nil
			}
			return 0, err
		}
	}
	for {
		err := anyWoken(ws)
		if err == nil {
			err = c.Sleep(deadline)
		}
		if err == nil {
			continue
		}
		if woken := unqueueAll(ws); woken >= 0 {
			return woken, nil
		}
		return 0, err
	}
}

// errWoken ends WaitMultiple's loop; it is never seen outside.
const errWoken = unix.Errno(0xfff)

func anyWoken(ws []waiter) error {
	for i := range ws {
		if ws[i].at.Load() == nil {
			return errWoken
		}
	}
	return nil
}

// unqueueAll is the last one of ws that had been woken, or -1.
func unqueueAll(ws []waiter) int {
	woken := -1
	for i := range ws {
		if !ws[i].unqueue() {
			woken = i
		}
	}
	return woken
}

// Wake is FUTEX_WAKE_BITSET: it wakes up to n waiters and says how many. As on
// Linux n of 0 or less counts as 1.
func Wake(c Caller, word Word, n int, bits uint32) (int, error) {
	if bits == 0 {
		return 0, unix.EINVAL
	}
	k, err := word.key(c)
	if err != nil {
		return 0, err
	}
	b := bucketOf(k)
	var woken wakeList
	b.mu.Lock()
	err = b.wake(k, n, bits, &woken)
	b.mu.Unlock()
	return woken.wake(), err
}

// wakeList is who is to be woken once the locks are released.
type wakeList []*waiter

func (l wakeList) wake() int {
	for _, w := range l {
		w.task.Wake()
	}
	return len(l)
}

// wake takes up to n waiters of k off the queue: EINVAL if one of them waits
// for a PI futex, which only its owner hands on.
func (b *bucket) wake(k mm.Key, n int, bits uint32, woken *wakeList) error {
	for w := b.head; w != nil; {
		next := w.next
		if w.key == k {
			if w.pi || w.target != nil {
				return unix.EINVAL
			}
			if w.bits&bits != 0 {
				b.remove(w)
				*woken = append(*woken, w)
				if len(*woken) >= n {
					return nil
				}
			}
		}
		w = next
	}
	return nil
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

// Check finds what is wrong with a Wake of nobody.
func Check(c Caller, word Word, bits uint32) error {
	if bits == 0 {
		return unix.EINVAL
	}
	_, err := word.key(c)
	return err
}
