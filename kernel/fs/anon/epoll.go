// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"cmp"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/poll"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Lock order of epolls: nestMu, Epoll.mu (of the outer before the inner), a
// watched file's own locks, its wait queue, Epoll.readyMu, Epoll's wait queue.
// A watched file is not referenced; it tells when it ends (FileReleased).

// maxNests is how deep epolls may watch epolls (EP_MAX_NESTS).
const maxNests = 4

// private are the bits of an event mask that are no events (EP_PRIVATE_BITS).
const private = wait.Mask(unix.EPOLLWAKEUP|unix.EPOLLONESHOT|unix.EPOLLEXCLUSIVE) | edge

const (
	edge      = wait.Mask(1 << 31) // EPOLLET
	oneShot   = wait.Mask(unix.EPOLLONESHOT)
	exclusive = wait.Mask(unix.EPOLLEXCLUSIVE)
	// exclusiveOK are the bits that may go with EPOLLEXCLUSIVE.
	exclusiveOK = wait.In | wait.Out | wait.Err | wait.Hup | wait.Mask(unix.EPOLLWAKEUP) | edge | exclusive
)

// Event is struct epoll_event.
type Event struct {
	Events wait.Mask
	Data   uint64
}

// Epoll is an event poll (epoll(7)).
type Epoll struct {
	vfs.BaseFile
	vfs.NoReads
	vfs.NoWrites
	queue wait.Queue

	outer map[*Epoll]int // those that watch this one; guarded by nestMu

	mu    sync.Mutex
	items map[itemKey]*item
	added uint64 // counts the items ever added

	params epollParams

	readyMu     sync.Mutex
	first, last *item  // those that may be ready
	round       uint64 // counts collect
}

// Len is how many descriptors are watched: Wait never gives more events at once.
func (ep *Epoll) Len() int {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	return len(ep.items)
}

type itemKey struct {
	file *vfs.File
	fd   vfs.FD
}

// item is one watched descriptor (struct epitem).
type item struct {
	ep    *Epoll
	key   itemKey
	data  uint64 // guarded by ep.mu
	order uint64 // of those of one descriptor: as they were added
	mask  atomic.Uint32
	queue *wait.Queue
	entry wait.Entry

	// ep.readyMu guards these.
	next, prev *item
	listed     bool
	round      uint64 // when it was listed
	removed    bool
}

func (i *item) events() wait.Mask { return wait.Mask(i.mask.Load()) }

// NewEpoll is an epoll that watches nothing.
func NewEpoll() *vfs.File {
	return vfs.NewAnonFile("anon_inode:[eventpoll]", &Epoll{items: map[itemKey]*item{}, outer: map[*Epoll]int{}}, unix.O_RDWR)
}

// AsEpoll is the epoll behind a file, nil for another file.
func AsEpoll(f *vfs.File) *Epoll {
	ep, _ := f.Ops.(*Epoll)
	return ep
}

// nestMu makes changes of who watches whom one after another (epnested_mutex).
var nestMu sync.Mutex

// Control is epoll_ctl(2) but for the look-up of descriptors.
//
// What differs by who looks, as a signalfd, is watched for by: whose signals make it
// look again. Whether it is ready depends on who waits then, as in Linux.
func (ep *Epoll) Control(by wait.Sleeper, op int32, f *vfs.File, fd vfs.FD, ev Event) error {
	if f.Ops.Queue(f) == nil {
		return unix.EPERM
	}
	inner := AsEpoll(f)
	if inner == ep {
		return unix.EINVAL
	}
	if op != unix.EPOLL_CTL_DEL && ev.Events&exclusive != 0 {
		if op == unix.EPOLL_CTL_MOD || inner != nil || ev.Events&^exclusiveOK != 0 {
			return unix.EINVAL
		}
	}
	if inner == nil {
		return ep.control(by, op, f, fd, ev)
	}
	nestMu.Lock()
	defer nestMu.Unlock()
	if op == unix.EPOLL_CTL_ADD && (inner.reaches(ep, 0) || inner.depth(0)+1+ep.height(0) > maxNests) {
		return unix.ELOOP
	}
	err := ep.control(by, op, f, fd, ev)
	switch {
	case err != nil:
	case op == unix.EPOLL_CTL_ADD:
		inner.outer[ep]++
	case op == unix.EPOLL_CTL_DEL:
		inner.forgetOuter(ep)
	}
	return err
}

func (ep *Epoll) control(by wait.Sleeper, op int32, f *vfs.File, fd vfs.FD, ev Event) error {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	key := itemKey{f, fd}
	it := ep.items[key]
	switch op {
	case unix.EPOLL_CTL_ADD:
		if it != nil {
			return unix.EEXIST
		}
		ep.add(by, key, ev)
		return nil
	case unix.EPOLL_CTL_DEL:
		if it == nil {
			return unix.ENOENT
		}
		ep.remove(it)
		f.ForgetRelease(ep)
		return nil
	case unix.EPOLL_CTL_MOD:
		if it == nil {
			return unix.ENOENT
		}
		if it.events()&exclusive != 0 {
			return unix.EINVAL
		}
		it.modify(by, ev)
		return nil
	}
	return unix.EINVAL
}

// reaches tells whether ep watches target, at whatever distance. nestMu is held.
func (ep *Epoll) reaches(target *Epoll, level int) bool {
	if ep == target || level > maxNests {
		return true
	}
	for _, inner := range ep.inner() {
		if inner.reaches(target, level+1) {
			return true
		}
	}
	return false
}

// depth is how many levels of epolls are below ep.
func (ep *Epoll) depth(level int) int {
	d := 0
	if level <= maxNests {
		for _, inner := range ep.inner() {
			d = max(d, inner.depth(level+1)+1)
		}
	}
	return d
}

// height is how many levels of epolls are above ep.
func (ep *Epoll) height(level int) int {
	h := 0
	if level <= maxNests {
		for outer := range ep.outer {
			h = max(h, outer.height(level+1)+1)
		}
	}
	return h
}

func (ep *Epoll) forgetOuter(outer *Epoll) {
	if ep.outer[outer]--; ep.outer[outer] <= 0 {
		delete(ep.outer, outer)
	}
}

func (ep *Epoll) inner() []*Epoll {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	var l []*Epoll
	for key := range ep.items {
		if e := AsEpoll(key.file); e != nil {
			l = append(l, e)
		}
	}
	return l
}

// Watched is the n-th of the files that were added as descriptor fd, and are still
// watched (kcmp(2)); nil if there is none. It is for comparison only.
func (ep *Epoll) Watched(fd vfs.FD, n uint32) *vfs.File {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	var list []*item
	for key, it := range ep.items {
		if key.fd == fd {
			list = append(list, it)
		}
	}
	if uint64(n) >= uint64(len(list)) {
		return nil
	}
	slices.SortFunc(list, func(a, b *item) int { return cmp.Compare(a.order, b.order) })
	return list[n].key.file
}

func (ep *Epoll) add(by wait.Sleeper, key itemKey, ev Event) {
	it := &item{ep: ep, key: key, data: ev.Data, queue: poll.QueueFor(key.file, by)}
	it.mask.Store(uint32(ev.Events | wait.Err | wait.Hup))
	it.order = ep.added
	ep.added++
	it.entry = wait.Entry{Func: it.wake, To: &ep.queue, Mask: wait.All}
	ep.items[key] = it
	key.file.NotifyRelease(ep)
	if ev.Events&exclusive != 0 {
		it.queue.Add(&it.entry)
	} else {
		it.queue.AddFirst(&it.entry)
	}
	it.check(by)
}

func (i *item) modify(by wait.Sleeper, ev Event) {
	i.data = ev.Data
	i.mask.Store(uint32(ev.Events | wait.Err | wait.Hup))
	i.check(by)
}

// check lists the item if it is ready now.
func (i *item) check(by wait.Sleeper) {
	if poll.By(i.key.file, by)&i.events() != 0 {
		i.wake(wait.All)
	}
}

// wake is told of events of the watched file (ep_poll_callback). It runs under
// the lock of that file's queue.
func (i *item) wake(events wait.Mask) {
	mask := i.events()
	if mask&^private == 0 || events&mask == 0 {
		return // disabled, or of no interest
	}
	ep := i.ep
	ep.readyMu.Lock()
	ep.list(i)
	ep.readyMu.Unlock()
	ep.queue.Notify(wait.In)
}

// list puts an item at the end of the ready list. With readyMu.
func (ep *Epoll) list(i *item) {
	if i.listed || i.removed {
		return
	}
	i.listed, i.round = true, ep.round
	i.prev, i.next = ep.last, nil
	if ep.last != nil {
		ep.last.next = i
	} else {
		ep.first = i
	}
	ep.last = i
}

func (ep *Epoll) unlist(i *item) {
	if !i.listed {
		return
	}
	if i.prev != nil {
		i.prev.next = i.next
	} else {
		ep.first = i.next
	}
	if i.next != nil {
		i.next.prev = i.prev
	} else {
		ep.last = i.prev
	}
	i.listed, i.prev, i.next = false, nil, nil
}

// remove ends a watch. With ep.mu.
func (ep *Epoll) remove(i *item) {
	i.queue.Remove(&i.entry)
	delete(ep.items, i.key)
	ep.readyMu.Lock()
	defer ep.readyMu.Unlock()
	ep.unlist(i)
	i.removed = true
}

// FileReleased implements vfs.Releaser.
func (ep *Epoll) FileReleased(f *vfs.File) {
	ep.mu.Lock()
	defer ep.mu.Unlock()
	for key, it := range ep.items {
		if key.file == f {
			ep.remove(it)
		}
	}
}

// takeFirst is the first of the ready list, taken off it; nil if the list is empty, or the rest was put there in this
// round.
func (ep *Epoll) takeFirst() *item {
	ep.readyMu.Lock()
	defer ep.readyMu.Unlock()
	i := ep.first
	if i == nil || i.round == ep.round {
		return nil
	}
	ep.unlist(i)
	return i
}

func (ep *Epoll) relist(i *item) {
	ep.readyMu.Lock()
	defer ep.readyMu.Unlock()
	ep.list(i)
}

// collect gives emit the events that hold for by, until it returns false
// (ep_send_events). Level-triggered items go to the end of the list again: so
// all get their turn. What happens meanwhile is for the next round: who was told of a file
// once does not expect it a second time among the same events, when it may have closed it.
func (ep *Epoll) collect(by wait.Sleeper, emit func(Event, Taken) bool) int {
	n := 0
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.readyMu.Lock()
	ep.round++
	ep.readyMu.Unlock()
	for {
		i := ep.takeFirst()
		if i == nil {
			break
		}
		// No reference is needed: a file that ends tells us first, and that
		// takes ep.mu.
		mask := i.events()
		got := poll.By(i.key.file, by) & mask &^ private
		if got == 0 {
			continue
		}
		if !emit(Event{got, i.data}, Taken{i, mask}) {
			ep.readyMu.Lock()
			ep.listFirst(i)
			ep.readyMu.Unlock()
			break
		}
		n++
		switch {
		case mask&oneShot != 0:
			i.mask.And(uint32(private))
		case mask&edge == 0:
			ep.relist(i)
		}
	}
	return n
}

func (ep *Epoll) listFirst(i *item) {
	if i.listed || i.removed {
		return
	}
	i.listed, i.round = true, ep.round
	i.prev, i.next = nil, ep.first
	if ep.first != nil {
		ep.first.prev = i
	} else {
		ep.last = i
	}
	ep.first = i
}

func (ep *Epoll) maybeReady() bool {
	ep.readyMu.Lock()
	defer ep.readyMu.Unlock()
	return ep.first != nil
}

// Taken is where an event came from, for PutBack.
type Taken struct {
	item *item
	mask wait.Mask // before the event was taken
}

// PutBack undoes the taking of events that could not be told: they are the
// first ones of the next wait. A copy to the task can't be made under ep.mu
// instead: it may wait for the lock of a memory that just drops a watched file.
func (ep *Epoll) PutBack(taken []Taken) {
	ep.mu.Lock()
	ep.readyMu.Lock()
	for n := len(taken) - 1; n >= 0; n-- {
		t := taken[n]
		if t.mask&oneShot != 0 { // unless it was armed again since
			t.item.mask.CompareAndSwap(uint32(t.mask&private), uint32(t.mask))
		}
		ep.unlist(t.item)
		ep.listFirst(t.item)
	}
	ep.readyMu.Unlock()
	ep.mu.Unlock()
	ep.queue.Notify(wait.In)
}

// Wait fills evs and returns how many events there are: 0 at the deadline
// (zero time: none) or at once without sleep; EINTR. It fills taken as well,
// which is nil or as long as evs.
func (ep *Epoll) Wait(ctx vfs.Ctx, evs []Event, taken []Taken, deadline time.Time, sleep bool) (int, error) {
	for {
		n := 0
		ep.queue.Source().Take()
		ep.collect(ctx, func(e Event, from Taken) bool {
			if n == len(evs) {
				return false
			}
			evs[n] = e
			if taken != nil {
				taken[n] = from
			}
			n++
			return true
		})
		if n > 0 {
			if ep.maybeReady() {
				ep.queue.Notify(wait.In) // let others have the rest
			}
			return n, nil
		}
		if !sleep {
			return 0, nil
		}
		switch err := wait.Until(ctx, &ep.queue, wait.Readable, deadline, ep.maybeReady); err {
		case nil:
		case unix.ETIMEDOUT:
			sleep = false // one more look
		default:
			return 0, unix.EINTR
		}
	}
}

// Poll implements vfs.FileOps: whether a wait would find something. What is
// found not to be ready leaves the list.
func (ep *Epoll) Poll(*vfs.File) wait.Mask { return ep.PollBy(nil) }

// PollBy implements poll.Personal.
func (ep *Epoll) PollBy(by wait.Sleeper) wait.Mask {
	ep.queue.Source().Take()
	found := wait.Mask(0)
	ep.collect(by, func(Event, Taken) bool { // the item that is ready stays in its place
		found = wait.Readable
		return false
	})
	return found
}

// QueueFor implements poll.Personal.
func (ep *Epoll) QueueFor(wait.Sleeper) *wait.Queue { return &ep.queue }

// Queue implements vfs.FileOps.
func (ep *Epoll) Queue(*vfs.File) *wait.Queue { return &ep.queue }

// Release implements vfs.FileOps.
func (ep *Epoll) Release(*vfs.File) {
	if inner := ep.inner(); len(inner) > 0 {
		nestMu.Lock()
		for _, i := range inner {
			delete(i.outer, ep)
		}
		nestMu.Unlock()
	}
	ep.mu.Lock()
	defer ep.mu.Unlock()
	for key, it := range ep.items {
		ep.remove(it)
		key.file.ForgetRelease(ep)
	}
}
