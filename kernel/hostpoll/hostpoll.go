// SPDX-License-Identifier: Apache-2.0

// Package hostpoll tells the kernel when a host descriptor may have become
// ready. One goroutine waits for all of them in an edge-triggered epoll, so a
// descriptor costs no goroutine; like a wait.Queue it only says "look again",
// and whoever cares asks the host with poll(2), which Ready does.
//
// Descriptors that only wait queues hear of (AddQueue, AddLazy) are in a second epoll, which the first one watches while
// somebody waits (wait.Source): a server that always finds something to do does not have the goroutine woken for it.
//
// Lock order: Poller.taking, those of queues, Poller.mu.
package hostpoll

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// events is what each descriptor is watched for: edges cost nothing when
// nobody looks, so there is no need to change it later.
const events = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLPRI | unix.EPOLLET

// Watcher is told of events. HostReady runs in the poller's goroutine: it must
// not block.
type Watcher interface{ HostReady(wait.Mask) }

// queueWatcher hands events on to a wait queue.
type queueWatcher struct{ queue *wait.Queue }

// HostReady implements Watcher.
func (w queueWatcher) HostReady(m wait.Mask) { w.queue.Notify(m) }

// Poller watches host descriptors. Its methods are safe for concurrent use.
type Poller struct {
	epfd   int
	lazy   int // an epoll as well, watched by epfd when the source wants it
	wake   int // an eventfd that ends the loop
	done   chan struct{}
	source *wait.Source

	taking sync.Mutex // who has it tells of what is in lazy

	mu     sync.Mutex
	closed bool
	next   uint64
	byKey  map[uint64]Watcher
}

// The keys of what is the poller's own.
const (
	keyWake = iota
	keyLazy
	keyFirst // of others
)

// New starts a poller.
func New() (p *Poller, err error) {
	p = &Poller{epfd: -1, lazy: -1, wake: -1, done: make(chan struct{}), next: keyFirst, byKey: map[uint64]Watcher{}}
	p.source = wait.NewSource(p)
	defer func() {
		if err != nil {
			p.closeAll()
		}
	}()
	if p.epfd, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.lazy, err = unix.EpollCreate1(unix.EPOLL_CLOEXEC); err != nil {
		return nil, err
	}
	if p.wake, err = unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK); err != nil {
		return nil, err
	}
	if err := control(p.epfd, unix.EPOLL_CTL_ADD, p.wake, unix.EPOLLIN, keyWake); err != nil {
		return nil, err
	}
	if err := control(p.epfd, unix.EPOLL_CTL_ADD, p.lazy, unix.EPOLLONESHOT, keyLazy); err != nil {
		return nil, err
	}
	go p.loop()
	return p, nil
}

func (p *Poller) closeAll() {
	for _, fd := range []int{p.epfd, p.lazy, p.wake} {
		if fd >= 0 {
			unix.Close(fd)
		}
	}
}

// Registration is one watched descriptor.
type Registration struct {
	poller *Poller
	epfd   int
	fd     int
	key    uint64
}

// Add watches fd for w until the registration is removed, which must be before
// fd is closed. EPERM means that the descriptor is one that is always ready,
// as regular files are.
func (p *Poller) Add(fd int, w Watcher) (*Registration, error) { return p.add(p.epfd, fd, w) }

// AddLazy is Add for a watcher that does no more than to notify the queue: it may be told late as long as nobody waits there.
func (p *Poller) AddLazy(fd int, w Watcher, q *wait.Queue) (*Registration, error) {
	q.From(p.source)
	return p.add(p.lazy, fd, w)
}

// AddQueue is AddLazy with a watcher that notifies the queue.
func (p *Poller) AddQueue(fd int, q *wait.Queue) (*Registration, error) {
	return p.AddLazy(fd, queueWatcher{q}, q)
}

func (p *Poller) add(epfd, fd int, w Watcher) (*Registration, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	r := &Registration{p, epfd, fd, p.next}
	p.next++
	if err := control(epfd, unix.EPOLL_CTL_ADD, fd, events, r.key); err != nil {
		return nil, err
	}
	p.byKey[r.key] = w
	return r, nil
}

// Remove ends the watch. A call of HostReady may still be under way.
func (r *Registration) Remove() {
	if r == nil {
		return
	}
	p := r.poller
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byKey, r.key)
	if !p.closed {
		_ = unix.EpollCtl(r.epfd, unix.EPOLL_CTL_DEL, r.fd, nil)
	}
}

func control(epfd, op, fd int, mask uint32, key uint64) error {
	ev := unix.EpollEvent{Events: mask, Fd: int32(uint32(key)), Pad: int32(uint32(key >> 32))}
	return unix.EpollCtl(epfd, op, fd, &ev)
}

// Close ends the poller and waits until no watcher is called any more.
func (p *Poller) Close() {
	one := [8]byte{1}
	_, _ = unix.Write(p.wake, one[:])
	<-p.done
	p.taking.Lock()
	defer p.taking.Unlock()
	p.mu.Lock()
	defer p.mu.Unlock()
	p.closed = true
	p.closeAll()
	p.lazy = -1
}

func (p *Poller) loop() {
	defer close(p.done)
	var evs [64]unix.EpollEvent
	for {
		platform.GiveWay() // to those just readied: the wait below keeps the processor
		n, err := unix.EpollWait(p.epfd, evs[:], -1)
		if err == unix.EINTR {
			continue
		}
		if err != nil {
			panic("hostpoll: epoll_wait: " + err.Error())
		}
		for i := range evs[:n] {
			switch key := keyOf(&evs[i]); key {
			case keyWake:
				return
			case keyLazy:
				p.source.Heard()
			default:
				p.tell(key, evs[i].Events)
			}
		}
	}
}

func keyOf(ev *unix.EpollEvent) uint64 {
	return uint64(uint32(ev.Fd)) | uint64(uint32(ev.Pad))<<32
}

func (p *Poller) tell(key uint64, events uint32) {
	p.mu.Lock()
	w := p.byKey[key]
	p.mu.Unlock()
	if w != nil {
		w.HostReady(maskOf(events))
	}
}

// Listen implements wait.Listener.
func (p *Poller) Listen() {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.closed {
		return
	}
	if err := control(p.epfd, unix.EPOLL_CTL_MOD, p.lazy, unix.EPOLLIN|unix.EPOLLONESHOT, keyLazy); err != nil {
		panic("hostpoll: epoll_ctl: " + err.Error())
	}
}

// Take implements wait.Listener.
func (p *Poller) Take() {
	p.taking.Lock()
	defer p.taking.Unlock()
	if p.lazy < 0 {
		return // closed
	}
	var evs [64]unix.EpollEvent
	for n := len(evs); n == len(evs); {
		var err error
		if n, err = hostio.EpollReady(p.lazy, evs[:]); err != nil {
			panic("hostpoll: epoll_pwait: " + err.Error())
		}
		for i := range evs[:n] {
			p.tell(keyOf(&evs[i]), evs[i].Events)
		}
	}
}

// maskOf adds the events that poll(2) has beside those of epoll.
func maskOf(ev uint32) wait.Mask {
	m := wait.Mask(ev)
	if m&wait.In != 0 {
		m |= wait.RdNorm
	}
	if m&wait.Out != 0 {
		m |= wait.WrNorm
	}
	return m
}

// Ready asks the host which events hold for fd now.
func Ready(fd int) wait.Mask {
	const all = wait.In | wait.Out | wait.Pri | wait.RdHup | wait.RdNorm | wait.RdBand | wait.WrNorm | wait.WrBand
	return wait.Mask(uint16(hostio.Poll(fd, int16(all))))
}
