// SPDX-License-Identifier: Apache-2.0

// This file is semop(2), and what becomes of its SEM_UNDO at exit.

package ipc

import (
	"maps"
	"slices"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

// SEM_UNDO makes an operation be undone when its process exits.
const SEM_UNDO = 0x1000

// SemOp is struct sembuf.
type SemOp struct {
	Num   uint16
	Op    int16
	Flags int16
}

// semWaiter is a semop that waits. Whoever makes it possible performs it, on
// behalf of the sleeper, and says so. Semaphores.mu guards it.
type semWaiter struct {
	ops      []SemOp
	pid      int32
	undo     *Undo
	blocking *SemOp // what it waits for
	task     wait.Waker
	done     bool
	err      error
}

func (w *semWaiter) finish(err error) {
	w.done, w.err = true, err
	w.task.Wake()
}

// Op is semtimedop(2), with the zero deadline for semop(2): EFBIG, EACCES,
// EAGAIN, EIDRM, EINTR, ERANGE. undo is the caller's.
func (s *Semaphores) Op(c Caller, id int32, ops []SemOp, undo *Undo, deadline time.Time) error {
	if id < 0 {
		return unix.EINVAL
	}
	w := &semWaiter{ops: ops, pid: c.ProcessID(), undo: undo, task: c}
	s.mu.Lock()
	defer s.mu.Unlock()
	o, err := s.table.byID(id)
	if err != nil {
		return err
	}
	if err := o.mayOp(c, ops); err != nil {
		return err
	}
	if err := o.perform(w); err != unix.EAGAIN || w.blocking.Flags&IPC_NOWAIT != 0 {
		if err == nil {
			o.otime = now()
			o.wakeWaiters(alters(ops))
		}
		return err
	}
	o.waiters = append(o.waiters, w)
	for !w.done {
		s.mu.Unlock()
		err := c.Sleep(deadline)
		s.mu.Lock()
		if err != nil && !w.done {
			o.waiters = slices.DeleteFunc(o.waiters, func(x *semWaiter) bool { return x == w })
			if err == unix.ETIMEDOUT {
				return unix.EAGAIN
			}
			return unix.EINTR // never made again: see signal(7)
		}
	}
	return w.err
}

func alters(ops []SemOp) bool {
	return slices.ContainsFunc(ops, func(op SemOp) bool { return op.Op != 0 })
}

func (s *Set) mayOp(c Caller, ops []SemOp) error {
	want := uint32(mayRead)
	for _, op := range ops {
		if int(op.Num) >= len(s.sems) {
			return unix.EFBIG
		}
		if op.Op != 0 {
			want = mayWrite
		}
	}
	return s.check(c, want)
}

// perform does all operations of w or none. EAGAIN, with w.blocking set, if
// they can't be done now; ERANGE.
func (s *Set) perform(w *semWaiter) error {
	err := error(nil)
	done := 0
	for i := range w.ops {
		if err = s.try(w, &w.ops[i]); err != nil {
			break
		}
		s.apply(w, &w.ops[i], 1)
		done++
	}
	if err == nil {
		for _, op := range w.ops {
			s.sems[op.Num].pid = w.pid
		}
		return nil
	}
	for i := done - 1; i >= 0; i-- {
		s.apply(w, &w.ops[i], -1)
	}
	return err
}

func (s *Set) try(w *semWaiter, op *SemOp) error {
	value := s.sems[op.Num].value
	switch {
	case op.Op == 0 && value != 0, value+int(op.Op) < 0:
		w.blocking = op
		return unix.EAGAIN
	case value+int(op.Op) > SEMVMX:
		return unix.ERANGE
	}
	if op.Flags&SEM_UNDO != 0 {
		if adj := w.undo.get(s, int(op.Num)) - int(op.Op); adj < -SEMVMX-1 || adj > SEMVMX {
			return unix.ERANGE
		}
	}
	return nil
}

func (s *Set) apply(w *semWaiter, op *SemOp, sign int) {
	s.sems[op.Num].value += sign * int(op.Op)
	if op.Flags&SEM_UNDO != 0 && op.Op != 0 {
		w.undo.add(s, int(op.Num), -sign*int(op.Op))
		s.undos[w.undo] = true
	}
}

// wakeWaiters performs what has become possible: first what waits for zero,
// then the others in the order of their coming, and again after each that
// changed a value.
func (s *Set) wakeWaiters(changed bool) {
	for changed {
		changed = false
		for _, zeros := range [2]bool{true, false} {
			for i := 0; i < len(s.waiters) && !changed; {
				w := s.waiters[i]
				if alters(w.ops) == zeros {
					i++
					continue
				}
				err := s.perform(w)
				if err == unix.EAGAIN {
					i++
					continue
				}
				s.waiters = slices.Delete(s.waiters, i, i+1)
				if err == nil {
					s.otime = now()
					changed = !zeros
				}
				w.finish(err)
			}
		}
	}
}

// Undo is what SEM_UNDO has promised for a process, or for tasks that share it
// (CLONE_SYSVSEM).
type Undo struct {
	mu  sync.Mutex
	adj map[*Set]map[int]int // by set and number
}

func (u *Undo) get(s *Set, num int) int {
	u.mu.Lock()
	defer u.mu.Unlock()
	return u.adj[s][num]
}

func (u *Undo) add(s *Set, num, n int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.adj == nil {
		u.adj = map[*Set]map[int]int{}
	}
	if u.adj[s] == nil {
		u.adj[s] = map[int]int{}
	}
	u.adj[s][num] += n
}

func (u *Undo) clear(s *Set, num int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.adj[s], num)
}

func (u *Undo) forget(s *Set) {
	u.mu.Lock()
	defer u.mu.Unlock()
	delete(u.adj, s)
}

// sets are those that u has adjustments for.
func (u *Undo) sets() []*Set {
	u.mu.Lock()
	defer u.mu.Unlock()
	return slices.Collect(maps.Keys(u.adj))
}

// take is what u has for a set, which it has no more.
func (u *Undo) take(s *Set) map[int]int {
	u.mu.Lock()
	defer u.mu.Unlock()
	adj := u.adj[s]
	delete(u.adj, s)
	return adj
}

// Exit does what u has promised, in the name of the process pid (exit_sem).
// Nobody uses u any more.
func (u *Undo) Exit(pid int32) {
	for _, s := range u.sets() {
		s.owner.exit(s, u, pid)
	}
}

// exit undoes in one set. A value can't leave its bounds by it.
func (s *Semaphores) exit(o *Set, u *Undo, pid int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(o.undos, u)
	adj := u.take(o)
	if o.unfindable || adj == nil {
		return
	}
	for num, n := range adj {
		if n != 0 {
			sem := &o.sems[num]
			sem.value, sem.pid = min(max(sem.value+n, 0), SEMVMX), pid
		}
	}
	o.otime = now()
	o.wakeWaiters(true)
}
