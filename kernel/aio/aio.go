// SPDX-License-Identifier: Apache-2.0

// Package aio has the contexts of Linux's own asynchronous I/O (io_setup(2)): rings of events in memory of the
// application's, where libaio reads them without a system call.
//
// Requests are done while they are submitted, as Linux does with files that are not open for direct I/O; it allows a
// submission to wait, and so it may here. Only a request to poll is under way afterwards: it sits on the wait queue of
// its file, and a goroutine looks at those that were woken.
//
// A context belongs to an address space (mm.Extra), and goes with it: by exec, or with the last thread.
//
// Lock order: MM.mu, Contexts.mu, Context.mu; then the locks of files and wait queues. A file is polled,
// and memory is copied, without any of them.
package aio

import (
	"encoding/binary"
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// MaxNr is fs.aio-max-nr: how many requests all contexts may be made for.
const MaxNr = 65536

// number is fs.aio-nr.
var number atomic.Int64

// Nr is fs.aio-nr: how many requests the contexts that there are were made for.
func Nr() int64 { return number.Load() }

// Contexts are those of one address space (struct kioctx_table).
type Contexts struct {
	mu    sync.Mutex
	table []*Context // by ring.id; nil: free
}

type contextsKey struct{}

// Of is the contexts of an address space.
func Of(m *mm.MM) *Contexts {
	return m.Extra(contextsKey{}, func() any { return new(Contexts) }).(*Contexts)
}

// Release ends all contexts, with their address space.
func (s *Contexts) Release() {
	s.mu.Lock()
	all := s.table
	s.table = nil
	s.mu.Unlock()
	for _, c := range all {
		if c != nil {
			c.kill()
			c.close()
		}
	}
}

// Event is struct io_event.
type Event struct {
	Data, Obj uint64
	Res, Res2 int64
}

// EventSize is the size of struct io_event.
const EventSize = 32

// Context is one context (struct kioctx).
type Context struct {
	set   *Contexts
	max   int64 // what io_setup(2) was asked for
	nr    uint32
	batch uint32
	queue wait.Queue // of those that wait for events, and for the end of all requests

	mu        sync.Mutex
	dead      bool
	users     int // calls that use the ring; it is closed behind the last one, and the last request
	ring      *ring
	userID    uint64 // where the ring is mapped: the application's name of the context
	id        uint32
	tail      uint32
	completed uint32 // events whose places were not given back yet
	free      uint32 // places for requests that are nobody's
	local     uint32 // and those that one processor has set aside (struct kioctx_cpu)
	running   int    // requests that were submitted and are not completed
	active    []*Poll
}

// Caller is the task that makes a context.
type Caller interface {
	mm.Caller
	MM() *mm.MM
}

// Setup makes a context for nr requests and returns its name: EINVAL, EAGAIN, ENOMEM.
func Setup(c Caller, nr uint32, cpus int) (uint64, *Context, error) {
	events := max(nr, uint32(cpus)*4) * 2 // half may be done and half under way
	switch {
	case events > 0x10000000/EventSize:
		return 0, nil, unix.EINVAL
	case events == 0 || nr > MaxNr:
		return 0, nil, unix.EAGAIN
	}
	r, err := newRing(events + 2)
	if err != nil {
		return 0, nil, unix.ENOMEM
	}
	x := &Context{set: Of(c.MM()), max: int64(nr), nr: r.nr, free: r.nr - 1, ring: r, users: 1}
	x.batch = max(1, x.free/(uint32(cpus)*4))
	if number.Add(x.max) > MaxNr {
		number.Add(-x.max)
		r.close()
		return 0, nil, unix.EAGAIN
	}
	at, err := r.mapInto(c, x)
	if err != nil {
		x.kill()
		x.close()
		return 0, nil, err
	}
	x.userID = at
	x.set.add(x)
	return at, x, nil
}

func (s *Contexts) add(x *Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.table, nil)
	if i < 0 {
		i = len(s.table)
		s.table = append(s.table, nil)
	}
	s.table[i] = x
	x.id = uint32(i)
	x.ring.shared.Store(ringID, x.id)
}

// Lookup is the context of a name, for one call, which ends with Put; nil if there is none. The ring's own first word
// says where to look, as the application has it.
func Lookup(m *mm.MM, mem user.Memory, name uint64) *Context {
	var b [4]byte
	if _, err := mem.CopyIn(user.Addr(name), b[:]); err != nil {
		return nil
	}
	s, _ := m.Extra(contextsKey{}, nil).(*Contexts)
	if s == nil {
		return nil
	}
	id := binary.LittleEndian.Uint32(b[:])
	s.mu.Lock()
	defer s.mu.Unlock()
	if uint64(id) >= uint64(len(s.table)) || s.table[id] == nil {
		return nil
	}
	x := s.table[id]
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.dead || x.userID != name {
		return nil
	}
	x.users++
	return x
}

// Put ends what Lookup began.
func (x *Context) Put() { x.close() }

// close drops a user; the last one of a dead context gives the ring back.
func (x *Context) close() {
	x.mu.Lock()
	defer x.mu.Unlock()
	x.users--
	x.settle()
}

// settle closes the ring if nobody uses it any more.
func (x *Context) settle() {
	if x.users == 0 && x.running == 0 {
		x.ring.close()
	}
}

// kill takes a context out of the account and cancels what can be cancelled. It tells whether it was alive, and where
// the ring is mapped.
func (x *Context) kill() (at uint64, ok bool) {
	x.mu.Lock()
	if x.dead {
		x.mu.Unlock()
		return 0, false
	}
	x.dead = true
	at = x.userID
	active := slices.Clone(x.active)
	x.mu.Unlock()
	number.Add(-x.max)
	x.queue.Notify(wait.All)
	for _, p := range active {
		p.finish(0)
	}
	return at, true
}

// Destroy is io_destroy(2) of a context that was looked up: it takes the ring out of the address space, and waits until
// nothing is under way any more. sleep is how the caller waits. EINVAL if somebody else was faster.
func (x *Context) Destroy(c Caller, sleep func(q *wait.Queue, done func() bool) error) error {
	x.set.remove(x)
	at, ok := x.kill()
	if !ok {
		return unix.EINVAL
	}
	_ = c.MM().Unmap(c, at, uint64(x.ring.shared.Size()))
	_ = sleep(&x.queue, func() bool {
		x.mu.Lock()
		defer x.mu.Unlock()
		return x.running == 0
	})
	x.close() // the table's own
	return nil
}

func (s *Contexts) remove(x *Context) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if int(x.id) < len(s.table) && s.table[x.id] == x {
		s.table[x.id] = nil
	}
}

// Request is one that was accepted: it has its place in the ring.
type Request struct {
	Data, Obj uint64
	Signal    *vfs.File // an eventfd (IOCB_FLAG_RESFD) with a reference, or nil
}

// Begin takes a place for a request: EAGAIN if there is none. It ends with Complete or Cancel.
func (x *Context) Begin() error {
	x.mu.Lock()
	defer x.mu.Unlock()
	if !x.take() {
		if x.completed == 0 {
			return unix.EAGAIN
		}
		x.refill(x.ring.shared.Load(ringHead))
		if !x.take() {
			return unix.EAGAIN
		}
	}
	x.running++
	return nil
}

// take takes a place from those that were set aside, a batch at a time (__get_reqs_available).
func (x *Context) take() bool {
	if x.local == 0 {
		if x.free < x.batch {
			return false
		}
		x.free -= x.batch
		x.local += x.batch
	}
	x.local--
	return true
}

// give gives places back (put_reqs_available).
func (x *Context) give(n uint32) {
	x.local += n
	for x.local >= 2*x.batch {
		x.local -= x.batch
		x.free += x.batch
	}
}

// refill gives back the places of events that the application has taken off the ring itself (refill_reqs_available).
// head is the application's to write.
func (x *Context) refill(head uint32) {
	head %= x.nr
	left := x.tail - head
	if head > x.tail {
		left = x.nr - (head - x.tail)
	}
	done := x.completed - min(x.completed, left)
	x.completed -= done
	x.give(done)
}

// Cancel gives up a request that was refused.
func (x *Context) Cancel() {
	x.mu.Lock()
	x.give(1)
	x.running--
	x.settle()
	x.mu.Unlock()
	x.queue.Notify(wait.All)
}

// Complete puts a request's event into the ring.
func (x *Context) Complete(r *Request, res int64) {
	x.mu.Lock()
	x.ring.put(x.tail, Event{Data: r.Data, Obj: r.Obj, Res: res})
	if x.tail++; x.tail >= x.nr {
		x.tail = 0
	}
	x.ring.shared.Store(ringTail, x.tail)
	if x.completed++; x.completed > 1 {
		x.refill(x.ring.shared.Load(ringHead))
	}
	x.running--
	x.settle()
	x.mu.Unlock()
	if r.Signal != nil {
		anon.SignalEventfd(r.Signal)
		r.Signal.DecRef()
	}
	x.queue.Notify(wait.All)
}

// Read takes at most most events off the ring to addr: EFAULT. Others may do the same at the same time, the application
// itself among them: what was copied counts only if the head is still where it was.
func (x *Context) Read(mem user.Memory, addr user.Addr, most int64) (int64, error) {
	for {
		events, head, next := x.peek(most)
		if len(events) == 0 {
			return 0, nil
		}
		if _, err := mem.CopyOut(addr, events); err != nil {
			return 0, err
		}
		if x.advance(head, next) {
			return int64(len(events) / EventSize), nil
		}
	}
}

func (x *Context) peek(most int64) (events []byte, head, next uint32) {
	x.mu.Lock()
	defer x.mu.Unlock()
	head = x.ring.shared.Load(ringHead)
	tail := x.ring.shared.Load(ringTail) // the application's word counts, as in Linux
	if head == tail {
		return nil, head, head
	}
	next, tail = head%x.nr, tail%x.nr
	for next != tail && int64(len(events)/EventSize) < most {
		events = x.ring.append(events, next)
		next = (next + 1) % x.nr
	}
	return events, head, next
}

func (x *Context) advance(from, to uint32) bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	if x.ring.shared.Load(ringHead) != from {
		return false
	}
	x.ring.shared.Store(ringHead, to)
	return true
}

// Queue is where new events and the end of the context are announced.
func (x *Context) Queue() *wait.Queue { return &x.queue }

// Room is how many events the ring has room for.
func (x *Context) Room() uint32 { return x.nr }

// Dead tells whether the context was destroyed.
func (x *Context) Dead() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.dead
}

// Empty tells whether there is no event to be read.
func (x *Context) Empty() bool {
	x.mu.Lock()
	defer x.mu.Unlock()
	return x.ring.shared.Load(ringHead) == x.ring.shared.Load(ringTail)
}

const pageSize = abi.PageSize
