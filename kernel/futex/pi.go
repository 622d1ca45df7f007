// SPDX-License-Identifier: Apache-2.0

// This file is the futexes that know their owner: FUTEX_LOCK_PI and its kin.
// The word holds the owner's thread id; whoever must wait sets FUTEX_WAITERS,
// so that the owner's unlock comes to the kernel and hands the word to the
// waiter that came first. The host schedules, so no priority is inherited.

package futex

import (
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
)

// Bits of the word of a PI or robust futex.
const (
	waitersBit = 0x80000000 // FUTEX_WAITERS
	ownerDied  = 0x40000000 // FUTEX_OWNER_DIED
	tidMask    = 0x3fffffff
)

// Alive tells whether a thread with this id exists.
type Alive func(tid int32) bool

// piMu guards piOwners: who owns the PI futexes that someone waits for, and
// how many wait. It changes under the bucket's lock too.
var (
	piMu     sync.Mutex
	piOwners = map[mm.Key]*piState{}
	piCount  atomic.Int32 // len(piOwners), for exits of tasks that know nothing of it
)

type piState struct {
	owner   int32
	space   any // what owner is unique in
	waiters int
}

// joinPI counts a waiter for k, which owner has, as the waiter calls it.
func joinPI(k mm.Key, owner int32, c Caller) {
	piMu.Lock()
	defer piMu.Unlock()
	s := piOwners[k]
	if s == nil {
		s = &piState{owner: owner, space: c.PidSpace()}
		piOwners[k] = s
		piCount.Add(1)
	}
	s.waiters++
}

// leavePI counts a waiter less; if heir is not nil it left as the new owner.
func leavePI(k mm.Key, heir Caller) {
	piMu.Lock()
	defer piMu.Unlock()
	s := piOwners[k]
	if s == nil {
		return
	}
	if heir != nil {
		s.owner, s.space = heir.TID(), heir.PidSpace()
	}
	if s.waiters--; s.waiters == 0 {
		delete(piOwners, k)
		piCount.Add(-1)
	}
}

// knownOwner is who the waiters of k wait for; 0 if there are none.
func knownOwner(k mm.Key) int32 {
	piMu.Lock()
	defer piMu.Unlock()
	if s := piOwners[k]; s != nil {
		return s.owner
	}
	return 0
}

// take tries to get the word for tid (futex_lock_pi_atomic): it is tid's then,
// or another has it and knows by FUTEX_WAITERS that someone waits. The
// bucket's lock is held.
func take(c Caller, word Word, k mm.Key, tid int32, flags uint32, alive Alive) (owner int32, err error) {
	known := knownOwner(k)
	for u := uint32(0); ; {
		now, err := c.Memory().CompareAndSwap32(word.Addr, u, next(u, tid, known, flags))
		if err != nil {
			return 0, err
		}
		holder := int32(u & tidMask)
		switch {
		case now != u: // another value than the one that was judged
			if u = now; int32(u&tidMask) == tid {
				return 0, unix.EDEADLK
			}
			continue
		case known != 0 && (holder == known || holder == 0):
			return known, nil
		case known != 0:
			return 0, unix.EINVAL
		case holder == 0:
			return tid, nil
		case !alive(holder):
			return 0, unix.ESRCH
		}
		return holder, nil
	}
}

// next is what take makes of the word: free or left by a dead owner it gets
// tid, unless others wait for it already; else it says that someone waits.
func next(u uint32, tid, known int32, flags uint32) uint32 {
	if u&tidMask == 0 && known == 0 {
		return u&ownerDied | uint32(tid) | flags
	}
	return u | waitersBit
}

// LockPI is FUTEX_LOCK_PI: EDEADLK, ESRCH, ETIMEDOUT; with try EAGAIN instead of waiting.
func LockPI(c Caller, word Word, deadline time.Time, try bool, alive Alive) error {
	k, err := word.key(c)
	if err != nil {
		return err
	}
	w := &waiter{key: k, task: c, pi: true}
	word.comesHere(c)
	b := bucketOf(k)
	b.mu.Lock()
	owner, err := take(c, word, k, c.TID(), 0, alive)
	switch {
	case err != nil || owner == c.TID():
	case try:
		err = unix.EAGAIN
	default:
		b.add(w)
		joinPI(k, owner, c)
	}
	b.mu.Unlock()
	if err != nil || owner == c.TID() {
		return err
	}
	err = w.sleep(deadline)
	if err == abi.ERESTARTSYS {
		return abi.ERESTARTNOINTR
	}
	if err == nil {
		err = w.settle(c, word)
	}
	return err
}

// settle writes the new owner's id into the word if the old one died and
// could not.
func (w *waiter) settle(c Caller, word Word) error {
	if !w.died {
		return nil
	}
	u, err := word.load(c)
	for err == nil {
		var now uint32
		now, err = c.Memory().CompareAndSwap32(word.Addr, u, uint32(c.TID())|waitersBit|ownerDied)
		if now == u {
			break
		}
		u = now
	}
	return err
}

// UnlockPI is FUTEX_UNLOCK_PI: EPERM for whoever does not own it.
func UnlockPI(c Caller, word Word) error {
	// Linux looks whose it is before it asks for the key.
	u, err := word.load(c)
	if err != nil {
		return err
	}
	if u&tidMask != uint32(c.TID()) {
		return unix.EPERM
	}
	k, err := word.key(c)
	if err != nil {
		return err
	}
	b := bucketOf(k)
	b.mu.Lock()
	w, err := b.handOver(c, word, k)
	b.mu.Unlock()
	if w != nil {
		w.task.Wake()
	}
	return err
}

func (b *bucket) handOver(c Caller, word Word, k mm.Key) (*waiter, error) {
	w := b.first(k)
	if w != nil && !w.pi || w == nil && word.hostWaiter(c) {
		return nil, unix.EINVAL
	}
	heir := uint32(0)
	if w != nil {
		heir = uint32(w.task.TID()) | waitersBit
	}
	for u := uint32(c.TID()); ; {
		now, err := c.Memory().CompareAndSwap32(word.Addr, u, heir)
		switch {
		case err != nil:
			return nil, err
		case now&tidMask != uint32(c.TID()):
			return nil, unix.EPERM
		case now != u:
			u = now
			continue
		case w != nil:
			b.remove(w)
			leavePI(k, w.task)
		}
		return w, nil
	}
}

// first is the waiter of k that came first.
func (b *bucket) first(k mm.Key) *waiter {
	for w := b.head; w != nil; w = w.next {
		if w.key == k {
			return w
		}
	}
	return nil
}

// ExitPI hands on the PI futexes that a dying thread owns and others wait
// for; the heirs write the words themselves.
func ExitPI(c Caller) {
	if piCount.Load() == 0 {
		return
	}
	var keys []mm.Key
	tid := c.TID()
	piMu.Lock()
	for k, s := range piOwners {
		if s.owner == tid && s.space == c.PidSpace() {
			keys = append(keys, k)
		}
	}
	piMu.Unlock()
	for _, k := range keys {
		b := bucketOf(k)
		b.mu.Lock()
		w := b.first(k)
		if knownOwner(k) != tid || w == nil || !w.pi {
			b.mu.Unlock()
			continue
		}
		w.died = true
		b.remove(w)
		leavePI(k, w.task)
		b.mu.Unlock()
		w.task.Wake()
	}
}

// WaitRequeuePI is FUTEX_WAIT_REQUEUE_PI: it waits while the word has the value val, to be
// requeued to the PI futex to by CmpRequeuePI, and returns as its owner.
func WaitRequeuePI(c Caller, word Word, val uint32, to Word, deadline time.Time) error {
	if word.Addr == to.Addr {
		return unix.EINVAL
	}
	k, err := word.key(c)
	if err != nil {
		return err
	}
	k2, err := to.key(c)
	if err != nil {
		return err
	}
	if k == k2 {
		return unix.EINVAL
	}
	w := &waiter{key: k, task: c, target: &k2}
	word.comesHere(c)
	if err := w.queueIf(word, val); err != nil {
		return err
	}
	err = w.sleep(deadline)
	switch {
	case err == nil:
		return w.settle(c, to)
	case err != abi.ERESTARTSYS:
		return err
	case w.pi: // it can't wait on the first word again
		return unix.EAGAIN
	}
	return abi.ERESTARTNOINTR
}

// CmpRequeuePI is FUTEX_CMP_REQUEUE_PI: it makes the first waiter of a word
// the owner of a PI futex, if that is free, and up to nRequeue others wait for it.
func CmpRequeuePI(c Caller, from, to Word, nWake, nRequeue int, cmp uint32, alive Alive) (int, error) {
	if from.Addr == to.Addr || nWake != 1 || nRequeue < 0 {
		return 0, unix.EINVAL
	}
	k1, err := from.key(c)
	if err != nil {
		return 0, err
	}
	k2, err := to.key(c)
	switch {
	case err != nil:
	case to.Private:
		_, err = to.load(c)
	default:
		err = c.MM().FutexWritable(uint64(to.Addr))
	}
	if err != nil {
		return 0, err
	}
	if k1 == k2 {
		return 0, unix.EINVAL
	}
	b1, b2 := bucketOf(k1), bucketOf(k2)
	var woken wakeList
	lockBoth(b1, b2)
	moved := 0
	now, err := from.load(c)
	if err == nil && now != cmp {
		err = unix.EAGAIN
	}
	if err == nil {
		moved, err = requeuePI(c, from, to, b1, b2, k1, k2, nRequeue, &woken, alive)
	}
	unlockBoth(b1, b2)
	if n := woken.wake() + moved; n > 0 {
		return n, nil
	}
	return 0, err
}

func requeuePI(c Caller, from, to Word, b1, b2 *bucket, k1, k2 mm.Key, nRequeue int, woken *wakeList, alive Alive) (moved int, err error) {
	w := b1.first(k1)
	if w == nil {
		if from.hostWaiter(c) {
			return 0, unix.EINVAL
		}
		return 0, nil
	}
	if w.target == nil || *w.target != k2 {
		return 0, unix.EINVAL
	}
	flags := uint32(0)
	if nRequeue > 0 {
		flags = waitersBit
	}
	owner, err := take(c, to, k2, w.task.TID(), flags, alive)
	if err != nil {
		return 0, err
	}
	if owner == w.task.TID() {
		b1.remove(w)
		*woken = append(*woken, w)
	}
	for w := b1.head; w != nil && len(*woken)+moved-1 < nRequeue; {
		next := w.next
		if w.key == k1 {
			if w.target == nil || *w.target != k2 {
				return moved, unix.EINVAL
			}
			w.pi, w.target = true, nil
			b1.move(w, b2, k2)
			joinPI(k2, owner, w.task)
			moved++
		}
		w = next
	}
	return moved, nil
}
