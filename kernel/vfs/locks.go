// SPDX-License-Identifier: Apache-2.0

// This file has advisory locks: those of fcntl(2), which belong to a process
// or to an open file description and cover a range, and those of flock(2),
// which belong to an open file description and cover the file.

package vfs

import (
	"cmp"
	"math"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Lock is a range of a file that its owner has locked (struct file_lock).
type Lock struct {
	Owner any   // *FDTable of a process, or *File
	Type  int16 // F_RDLCK, F_WRLCK; F_UNLCK to give up
	Start int64
	End   int64 // the last byte; math.MaxInt64: to the end of the file
	PID   int32 // of a process; -1 of an open file description
}

func (l *Lock) overlaps(m *Lock) bool { return l.Start <= m.End && m.Start <= l.End }

func (l *Lock) conflicts(m *Lock) bool {
	return l.Owner != m.Owner && (l.Type == unix.F_WRLCK || m.Type == unix.F_WRLCK)
}

// inodeLocks are the locks on one file.
type inodeLocks struct {
	queue wait.Queue // told when a lock is given up

	mu     sync.Mutex
	ranges []Lock         // of one owner they don't overlap
	whole  map[*File]bool // flock(2): true is exclusive
	users  int            // those who look at it now, under lockTable.mu
}

// lockTable finds the locks of a file that has some.
type lockTable struct {
	mu    sync.Mutex
	files map[Inode]*inodeLocks
	count atomic.Int32 // of files; so that who closes a file need not lock
}

var locks = lockTable{files: map[Inode]*inodeLocks{}}

func (t *lockTable) get(i Inode) *inodeLocks {
	t.mu.Lock()
	defer t.mu.Unlock()
	l := t.files[i]
	if l == nil {
		l = &inodeLocks{whole: map[*File]bool{}}
		t.files[i] = l
		t.count.Add(1)
	}
	l.users++
	return l
}

func (t *lockTable) put(i Inode, l *inodeLocks) {
	t.mu.Lock()
	defer t.mu.Unlock()
	l.users--
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.users == 0 && len(l.ranges) == 0 && len(l.whole) == 0 {
		delete(t.files, i)
		t.count.Add(-1)
	}
}

// GetLock is F_GETLK: a lock that stands in the way of want, if any. One that is to be given up
// (F_UNLCK) stands for those of its owner.
func GetLock(f *File, want *Lock) (Lock, bool) {
	l := locks.get(f.Inode)
	defer locks.put(f.Inode, l)
	l.mu.Lock()
	defer l.mu.Unlock()
	for i := range l.ranges {
		m := &l.ranges[i]
		if m.overlaps(want) && (m.conflicts(want) && want.Type != unix.F_UNLCK || want.Type == unix.F_UNLCK && m.Owner == want.Owner) {
			return *m, true
		}
	}
	return Lock{}, false
}

// blocker is a lock that stands in the way of want, or nil.
func (l *inodeLocks) blocker(want *Lock) *Lock {
	for i := range l.ranges {
		if m := &l.ranges[i]; m.overlaps(want) && m.conflicts(want) {
			return m
		}
	}
	return nil
}

// SetLock is F_SETLK: EAGAIN if another's lock stands in the way. With block
// it is F_SETLKW, and waits: EDEADLK, or abi.ERESTARTSYS.
func SetLock(ctx Ctx, f *File, want Lock, block bool) error {
	l := locks.get(f.Inode)
	defer locks.put(f.Inode, l)
	if want.Type == unix.F_UNLCK || !block {
		if !l.try(&want) {
			return unix.EAGAIN
		}
		return nil
	}
	defer deadlocks.remove(want.Owner)
	var dead bool
	err := wait.Until(ctx, &l.queue, wait.All, time.Time{}, func() bool {
		if l.try(&want) {
			return true
		}
		dead = deadlocks.wait(want.Owner, l, &want)
		return dead
	})
	if dead {
		return unix.EDEADLK
	}
	return err
}

// try takes the lock, or gives it up, unless another's stands in the way.
func (l *inodeLocks) try(want *Lock) bool {
	l.mu.Lock()
	if want.Type != unix.F_UNLCK && l.blocker(want) != nil {
		l.mu.Unlock()
		return false
	}
	freed := l.set(want)
	l.mu.Unlock()
	if freed {
		l.queue.Notify(wait.All)
	}
	return true
}

// set replaces what the owner has in the range by want. freed: something is
// given up, or is now weaker. The locks of an owner stand together, by range,
// and the owners in the order they came, since F_GETLK shows which is first.
func (l *inodeLocks) set(want *Lock) (freed bool) {
	var own, others []Lock
	at := -1 // where the owner's stand among the others'
	for _, m := range l.ranges {
		if m.Owner == want.Owner {
			if at < 0 {
				at = len(others)
			}
			own = append(own, m)
		} else {
			others = append(others, m)
		}
	}
	if at < 0 {
		at = len(others)
	}
	own, freed = replace(own, want)
	l.ranges = slices.Insert(others, at, own...)
	return freed
}

// replace is set for the locks of the one owner.
func replace(own []Lock, want *Lock) (kept []Lock, freed bool) {
	merged := *want
	for _, m := range own {
		switch {
		case m.Type == merged.Type && m.touches(&merged):
			merged.Start, merged.End = min(m.Start, merged.Start), max(m.End, merged.End)
			continue
		case !m.overlaps(want):
			kept = append(kept, m)
			continue
		}
		freed = freed || want.Type != unix.F_WRLCK
		left, right := m, m
		if left.End = want.Start - 1; m.Start < want.Start {
			kept = append(kept, left)
		}
		if m.End > want.End {
			right.Start = want.End + 1
			kept = append(kept, right)
		}
	}
	if want.Type != unix.F_UNLCK {
		kept = append(kept, merged)
	}
	slices.SortFunc(kept, func(a, b Lock) int { return cmp.Compare(a.Start, b.Start) })
	return kept, freed
}

// touches tells whether the two overlap or are neighbours.
func (l *Lock) touches(m *Lock) bool {
	return l.overlaps(m) || m.End != math.MaxInt64 && l.Start == m.End+1 || l.End != math.MaxInt64 && m.Start == l.End+1
}

// deadlocks knows which owner waits for what, to refuse a wait that would go
// round in a circle (EDEADLK). Locks of open file descriptions take no part,
// as on Linux. Who stands in the way is asked at that moment: a lock may have
// been given up, and taken by who waited for it, who has not run since.
var deadlocks = waitGraph{waits: map[any]request{}}

// Lock order: waitGraph.mu, inodeLocks.mu.
type waitGraph struct {
	mu    sync.Mutex
	waits map[any]request // by process
}

// request is a lock that somebody waits for.
type request struct {
	on   *inodeLocks
	want *Lock
}

// holder is the owner of a lock that stands in the way; nil: there is none.
func (r request) holder() any {
	r.on.mu.Lock()
	defer r.on.mu.Unlock()
	if m := r.on.blocker(r.want); m != nil {
		return m.Owner
	}
	return nil
}

// wait notes what owner waits for, and tells whether who has it waits for
// owner.
func (g *waitGraph) wait(owner any, l *inodeLocks, want *Lock) (circle bool) {
	if _, ok := owner.(*FDTable); !ok {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	mine := request{l, want}
	at := mine.holder()
	if at == nil {
		delete(g.waits, owner)
		return false
	}
	for n := 0; at != nil && n < 10; n++ {
		if at == owner {
			return true
		}
		next, waits := g.waits[at]
		if !waits {
			break
		}
		at = next.holder()
	}
	g.waits[owner] = mine
	return false
}

func (g *waitGraph) remove(owner any) {
	g.mu.Lock()
	delete(g.waits, owner)
	g.mu.Unlock()
}

// unlockAll gives up what the owner has on the file: close(2) by a process,
// or the end of an open file description.
func unlockAll(f *File, owner any) {
	if locks.count.Load() == 0 || f.Inode == nil {
		return
	}
	locks.mu.Lock()
	l := locks.files[f.Inode]
	if l != nil {
		l.users++
	}
	locks.mu.Unlock()
	if l == nil {
		return
	}
	defer locks.put(f.Inode, l)
	l.mu.Lock()
	n := len(l.ranges) + len(l.whole)
	l.ranges = slices.DeleteFunc(l.ranges, func(m Lock) bool { return m.Owner == owner })
	if owner == any(f) {
		delete(l.whole, f)
	}
	freed := len(l.ranges)+len(l.whole) < n
	l.mu.Unlock()
	if freed {
		l.queue.Notify(wait.All)
	}
}

// Flock is flock(2): op is LOCK_SH, LOCK_EX or LOCK_UN, block whether to wait.
func Flock(ctx Ctx, f *File, op int, block bool) error {
	l := locks.get(f.Inode)
	defer locks.put(f.Inode, l)
	if op == unix.LOCK_UN || !block {
		if !l.tryFlock(f, op) {
			return unix.EWOULDBLOCK
		}
		return nil
	}
	err := wait.Until(ctx, &l.queue, wait.All, time.Time{}, func() bool { return l.tryFlock(f, op) })
	if err == unix.ETIMEDOUT {
		err = abi.ERESTARTSYS // no deadline was given
	}
	return err
}

// tryFlock converts the file's lock. A conversion that must wait loses the
// lock that there was, as on Linux.
func (l *inodeLocks) tryFlock(f *File, op int) bool {
	l.mu.Lock()
	had, has := l.whole[f]
	delete(l.whole, f)
	ok := true
	for _, exclusive := range l.whole {
		if op != unix.LOCK_UN && (exclusive || op == unix.LOCK_EX) {
			ok = false
		}
	}
	if ok && op != unix.LOCK_UN {
		l.whole[f] = op == unix.LOCK_EX
	}
	now, still := l.whole[f]
	l.mu.Unlock()
	if has && (!still || had && !now) {
		l.queue.Notify(wait.All)
	}
	return ok
}
