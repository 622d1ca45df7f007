// SPDX-License-Identifier: Apache-2.0

// Package ipc is System V IPC (sysvipc(7)): shared memory segments, semaphore
// sets and message queues, with the state of one ipc namespace in a Namespace.
//
// Lock order: one of Namespace.Shm.mu, Sem.mu or Msg.mu, never two; then
// Undo.mu. Each guards all objects of its kind, and none is held while a task
// sleeps or its memory is copied.
package ipc

import (
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Caller is the task that makes a call.
type Caller interface {
	wait.Sleeper
	Creds() *cred.Creds
	ProcessID() int32
	RLimit(resource int) uint64
}

// Namespace is what one ipc namespace has.
type Namespace struct {
	Shm Segments
	Sem Semaphores
	Msg Queues

	Limits Limits
}

// NewNamespace is a namespace without objects, with Linux's default limits,
// which belongs to a user namespace.
func NewNamespace(user *cred.UserNS) *Namespace {
	n := &Namespace{}
	n.Shm.table.init(user)
	n.Sem.table.init(user)
	n.Msg.table.init(user)
	n.Limits.init()
	n.Shm.limits, n.Sem.limits, n.Msg.limits = &n.Limits, &n.Limits, &n.Limits
	return n
}

// Flags and commands of the three families (sys/ipc.h).
const (
	IPC_CREAT  = 0o1000
	IPC_EXCL   = 0o2000
	IPC_NOWAIT = 0o4000

	IPC_PRIVATE = 0

	IPC_RMID = 0
	IPC_SET  = 1
	IPC_STAT = 2
	IPC_INFO = 3
)

const permBits = 0o777

// Perm is who may do what with an object (struct kern_ipc_perm).
type Perm struct {
	Key        int32
	ID         int32
	UID, CUID  cred.UID
	GID, CGID  cred.GID
	Mode       uint32
	Seq        uint16
	user       *cred.UserNS // in which capabilities count
	index      int
	unfindable bool // taken out of the table
}

func (x *table[T]) newPerm(c Caller, key int32, flags uint32) Perm {
	cr := c.Creds()
	return Perm{user: x.user, Key: key, UID: cr.EUID, CUID: cr.EUID, GID: cr.EGID, CGID: cr.EGID, Mode: flags & permBits}
}

// Permissions that a call asks for, in all three places.
const (
	mayRead  = 0o444
	mayWrite = 0o222
)

// check is ipcperms: EACCES.
func (p *Perm) check(c Caller, want uint32) error {
	cr := c.Creds()
	granted := p.Mode
	switch {
	case cr.EUID == p.CUID || cr.EUID == p.UID:
		granted >>= 6
	case cr.InGroup(p.CGID) || cr.InGroup(p.GID):
		granted >>= 3
	}
	want = want>>6 | want>>3 | want
	if want&^granted&7 != 0 && !cr.CapableIn(p.user, unix.CAP_IPC_OWNER) {
		return unix.EACCES
	}
	return nil
}

// owned is the rule for IPC_SET and IPC_RMID: EPERM.
func (p *Perm) owned(c Caller) error {
	cr := c.Creds()
	if cr.EUID != p.CUID && cr.EUID != p.UID && !cr.CapableIn(p.user, unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	return nil
}

// SetPerm is what IPC_SET changes of an object's Perm.
type SetPerm struct {
	UID  cred.UID
	GID  cred.GID
	Mode uint32
}

// set is ipc_update_perm: EINVAL for an id that is none.
func (p *Perm) set(s SetPerm) error {
	if s.UID == cred.NoUID || s.GID == cred.NoGID {
		return unix.EINVAL
	}
	p.UID, p.GID = s.UID, s.GID
	p.Mode = p.Mode&^permBits | s.Mode&permBits
	return nil
}

// member is an object of a table.
type member interface{ perm() *Perm }

// table is the objects of one kind, by id, index and key. An id is an index
// and a sequence number that tells its users apart (ipc/util.c).
type table[T member] struct {
	user  *cred.UserNS
	slots map[int]T
	keys  map[int32]T
	seq   int
	last  int // the index given out last
}

const (
	maxIndex   = 1 << 15 // IPCMNI
	indexShift = 15
	maxSeq     = 1<<31>>indexShift - 1
	minCycle   = 64 // ipc_min_cycle: how long an index rests at least
)

func (x *table[T]) init(user *cred.UserNS) {
	x.user, x.slots, x.keys, x.last = user, map[int]T{}, map[int32]T{}, -1
}

// add gives a new object its id: ENOSPC.
func (x *table[T]) add(o T, limit int) error {
	if len(x.slots) >= min(limit, maxIndex) {
		return unix.ENOSPC
	}
	// Indexes are used in turn, within a window that grows with their number.
	window := min(max(len(x.slots)*3/2, minCycle), maxIndex)
	index := x.last + 1
	for n := 0; ; n++ {
		if index >= window {
			index = 0
		}
		if _, used := x.slots[index]; !used {
			break
		}
		if n > window {
			return unix.ENOSPC
		}
		index++
	}
	if index <= x.last {
		if x.seq++; x.seq >= maxSeq {
			x.seq = 0
		}
	}
	x.last = index
	p := o.perm()
	p.index, p.Seq, p.ID = index, uint16(x.seq), int32(x.seq<<indexShift+index)
	x.slots[index] = o
	if p.Key != IPC_PRIVATE {
		x.keys[p.Key] = o
	}
	return nil
}

// remove takes an object out; who still has it finds it unfindable.
func (x *table[T]) remove(o T) {
	p := o.perm()
	p.unfindable = true
	delete(x.slots, p.index)
	x.forgetKey(o)
}

// forgetKey makes an object one that only its id finds.
func (x *table[T]) forgetKey(o T) {
	p := o.perm()
	if p.Key != IPC_PRIVATE {
		delete(x.keys, p.Key)
		p.Key = IPC_PRIVATE
	}
}

// byID finds an object: EINVAL.
func (x *table[T]) byID(id int32) (o T, err error) {
	o, ok := x.slots[int(id)&(maxIndex-1)]
	if !ok || o.perm().ID != id {
		var none T
		return none, unix.EINVAL
	}
	return o, nil
}

// byIndex finds what has the index of a number (SHM_STAT and its kin): EINVAL.
func (x *table[T]) byIndex(n int32) (o T, err error) {
	o, ok := x.slots[int(n)&(maxIndex-1)]
	if !ok {
		return o, unix.EINVAL
	}
	return o, nil
}

// highest is the highest index in use, as the INFO commands answer it: 0 also
// if there is none.
func (x *table[T]) highest() int {
	most := 0
	for i := range x.slots {
		most = max(most, i)
	}
	return most
}

// list is the objects by index.
func (x *table[T]) list() []T {
	l := make([]T, 0, len(x.slots))
	for _, o := range x.slots {
		l = append(l, o)
	}
	slices.SortFunc(l, func(a, b T) int { return a.perm().index - b.perm().index })
	return l
}

// get is the common part of shmget, semget and msgget (ipcget).
func (x *table[T]) get(c Caller, key int32, flags uint32, fits func(T) error, make func() (T, error)) (int32, error) {
	if key != IPC_PRIVATE {
		o, found := x.keys[key]
		switch {
		case !found && flags&IPC_CREAT == 0:
			return 0, unix.ENOENT
		case found && flags&(IPC_CREAT|IPC_EXCL) == IPC_CREAT|IPC_EXCL:
			return 0, unix.EEXIST
		case found:
			if err := fits(o); err != nil {
				return 0, err
			}
			return o.perm().ID, o.perm().check(c, flags)
		}
	}
	o, err := make()
	if err != nil {
		return 0, err
	}
	return o.perm().ID, nil
}

func now() int64 { return time.Now().Unix() }
