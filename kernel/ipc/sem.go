// SPDX-License-Identifier: Apache-2.0

// This file is semaphore sets: semget(2) and semctl(2).

package ipc

import (
	"sync"

	"golang.org/x/sys/unix"
)

// Commands of semctl.
const (
	GETPID       = 11
	GETVAL       = 12
	GETALL       = 13
	GETNCNT      = 14
	GETZCNT      = 15
	SETVAL       = 16
	SETALL       = 17
	SEM_STAT     = 18
	SEM_INFO     = 19
	SEM_STAT_ANY = 20
)

// Limits of semaphores (kernel.sem).
const (
	SEMMSL = 32000 // in a set
	SEMMNS = 1024000000
	SEMOPM = 500 // operations of one semop
	SEMMNI = 32000
	SEMVMX = 32767 // the highest value
	SEMUSZ = 20    // said to be the size of an undo
)

// Semaphores are the semaphore sets of a namespace.
type Semaphores struct {
	mu    sync.Mutex
	table table[*Set]
	used  int // semaphores in all sets

	limits *Limits
}

// Set is one semaphore set. Semaphores.mu guards it.
type Set struct {
	Perm
	owner        *Semaphores
	sems         []semaphore
	otime, ctime int64
	waiters      []*semWaiter   // in the order of their coming
	undos        map[*Undo]bool // that have adjustments for it
}

func (s *Set) perm() *Perm { return &s.Perm }

type semaphore struct {
	value int
	pid   int32 // of who changed it last
}

// Get is semget(2).
func (s *Semaphores) Get(c Caller, key, nsems int32, flags uint32) (int32, error) {
	if nsems < 0 || uint64(nsems) > s.limits.SemMsl.Load() {
		return 0, unix.EINVAL
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	fits := func(o *Set) error {
		if int(nsems) > len(o.sems) {
			return unix.EINVAL
		}
		return nil
	}
	return s.table.get(c, key, flags, fits, func() (*Set, error) {
		switch {
		case nsems == 0:
			return nil, unix.EINVAL
		case uint64(s.used+int(nsems)) > s.limits.SemMns.Load():
			return nil, unix.ENOSPC
		}
		o := &Set{owner: s, Perm: s.table.newPerm(c, key, flags), sems: make([]semaphore, nsems), ctime: now(), undos: map[*Undo]bool{}}
		if err := s.table.add(o, int(s.limits.SemMni.Load())); err != nil {
			return nil, err
		}
		s.used += int(nsems)
		return o, nil
	})
}

// SetStat is struct semid64_ds.
type SetStat struct {
	Perm         Perm
	OTime, CTime int64
	N            int
}

func (s *Set) stat() SetStat { return SetStat{s.Perm, s.otime, s.ctime, len(s.sems)} }

// Stat is IPC_STAT, SEM_STAT and SEM_STAT_ANY; the last two look by index,
// and answer the id.
func (s *Semaphores) Stat(c Caller, id int32, cmd int) (SetStat, int32, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	find := s.table.byID
	if cmd != IPC_STAT {
		find = s.table.byIndex
	}
	o, err := find(id)
	if err != nil {
		return SetStat{}, 0, err
	}
	if cmd != SEM_STAT_ANY {
		if err := o.check(c, mayRead); err != nil {
			return SetStat{}, 0, err
		}
	}
	if cmd == IPC_STAT {
		return o.stat(), 0, nil
	}
	return o.stat(), o.ID, nil
}

// Info is what IPC_INFO and SEM_INFO tell of what is in use: sets,
// semaphores, and the highest index.
func (s *Semaphores) Info() (sets, sems, highest int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.table.slots), s.used, s.table.highest()
}

// List is all sets, by index (/proc/sysvipc/sem).
func (s *Semaphores) List() []SetStat {
	s.mu.Lock()
	defer s.mu.Unlock()
	var l []SetStat
	for _, o := range s.table.list() {
		l = append(l, o.stat())
	}
	return l
}

// find is byID with the permission to read or write. mu is held.
func (s *Semaphores) find(c Caller, id int32, want uint32) (*Set, error) {
	o, err := s.table.byID(id)
	if err != nil {
		return nil, err
	}
	return o, o.check(c, want)
}

// Value is GETVAL, GETPID, GETNCNT and GETZCNT.
func (s *Semaphores) Value(c Caller, id, num int32, cmd int) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(c, id, mayRead)
	if err != nil {
		return 0, err
	}
	if num < 0 || int(num) >= len(o.sems) {
		return 0, unix.EINVAL
	}
	switch cmd {
	case GETVAL:
		return o.sems[num].value, nil
	case GETPID:
		return int(o.sems[num].pid), nil
	}
	return o.countWaiters(uint16(num), cmd == GETZCNT), nil
}

// countWaiters counts those that the semaphore keeps waiting, for zero or for
// a rise.
func (s *Set) countWaiters(num uint16, zero bool) int {
	n := 0
	for _, w := range s.waiters {
		if w.blocking.Num == num && (w.blocking.Op == 0) == zero {
			n++
		}
	}
	return n
}

// All is GETALL.
func (s *Semaphores) All(c Caller, id int32) ([]uint16, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(c, id, mayRead)
	if err != nil {
		return nil, err
	}
	v := make([]uint16, len(o.sems))
	for i := range v {
		v[i] = uint16(o.sems[i].value)
	}
	return v, nil
}

// SetOne is SETVAL.
func (s *Semaphores) SetOne(c Caller, id, num, value int32) error {
	if value < 0 || value > SEMVMX {
		return unix.ERANGE
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if num < 0 || int(num) >= len(o.sems) {
		return unix.EINVAL
	}
	if err := o.check(c, mayWrite); err != nil {
		return err
	}
	for u := range o.undos {
		u.clear(o, int(num))
	}
	o.sems[num] = semaphore{int(value), c.ProcessID()}
	o.ctime = now()
	o.wakeWaiters(true)
	return nil
}

// Count is how many values SETALL takes of the set: the caller fetches them
// before it calls SetAll.
func (s *Semaphores) Count(c Caller, id int32) (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.find(c, id, mayWrite)
	if err != nil {
		return 0, err
	}
	return len(o.sems), nil
}

// SetAll is SETALL: EIDRM if the set was removed since Count.
func (s *Semaphores) SetAll(c Caller, id int32, values []uint16) error {
	for _, v := range values {
		if v > SEMVMX {
			return unix.ERANGE
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil || len(o.sems) != len(values) {
		return unix.EIDRM
	}
	for i, v := range values {
		o.sems[i] = semaphore{int(v), c.ProcessID()}
		for u := range o.undos {
			u.clear(o, i)
		}
	}
	o.ctime = now()
	o.wakeWaiters(true)
	return nil
}

// Set is IPC_SET.
func (s *Semaphores) Set(c Caller, id int32, p SetPerm) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	if err := o.set(p); err != nil {
		return err
	}
	o.ctime = now()
	return nil
}

// Remove is IPC_RMID: who waits gets EIDRM.
func (s *Semaphores) Remove(c Caller, id int32) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.owned(c); err != nil {
		return err
	}
	s.table.remove(o)
	s.used -= len(o.sems)
	for u := range o.undos {
		u.forget(o)
	}
	for _, w := range o.waiters {
		w.finish(unix.EIDRM)
	}
	o.waiters = nil
	return nil
}
