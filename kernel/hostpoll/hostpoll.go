// SPDX-License-Identifier: Apache-2.0

// Package hostpoll tells the kernel when a host descriptor may have become
// ready. One goroutine waits for all of them in an edge-triggered epoll, so a
// descriptor costs no goroutine; like a wait.Queue it only says "look again",
// and whoever cares asks the host with poll(2), which Ready does.
package hostpoll

import (
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// events is what each descriptor is watched for: edges cost nothing when
// nobody looks, so there is no need to change it later.
const events = unix.EPOLLIN | unix.EPOLLOUT | unix.EPOLLRDHUP | unix.EPOLLPRI | unix.EPOLLET

// Watcher is told of events. HostReady runs in the poller's goroutine: it must
// not block.
type Watcher interface{ HostReady(wait.Mask) }

// QueueWatcher hands events on to a wait queue.
type QueueWatcher struct{ Queue *wait.Queue }

// HostReady implements Watcher.
func (w QueueWatcher) HostReady(m wait.Mask) { w.Queue.Notify(m) }

// Poller watches host descriptors. Its methods are safe for concurrent use.
type Poller struct {
	epfd int
	wake int // an eventfd that ends the loop
	done chan struct{}

	mu    sync.Mutex
	next  uint64
	byKey map[uint64]Watcher
}

// New starts a poller.
func New() (*Poller, error) {
	epfd, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	if err != nil {
		return nil, err
	}
	wake, err := unix.Eventfd(0, unix.EFD_CLOEXEC|unix.EFD_NONBLOCK)
	if err != nil {
		unix.Close(epfd)
		return nil, err
	}
	p := &Poller{epfd: epfd, wake: wake, done: make(chan struct{}), byKey: map[uint64]Watcher{}}
	if err := p.control(unix.EPOLL_CTL_ADD, wake, unix.EPOLLIN, 0); err != nil {
		unix.Close(epfd)
		unix.Close(wake)
		return nil, err
	}
	go p.loop()
	return p, nil
}

// Registration is one watched descriptor.
type Registration struct {
	poller *Poller
	fd     int
	key    uint64
}

// Add watches fd for w until the registration is removed, which must be before
// fd is closed. EPERM means that the descriptor is one that is always ready,
// as regular files are.
func (p *Poller) Add(fd int, w Watcher) (*Registration, error) {
	p.mu.Lock()
	p.next++
	r := &Registration{p, fd, p.next}
	p.byKey[r.key] = w
	p.mu.Unlock()
	if err := p.control(unix.EPOLL_CTL_ADD, fd, events, r.key); err != nil {
		p.forget(r.key)
		return nil, err
	}
	return r, nil
}

// Remove ends the watch. A call of HostReady may still be under way.
func (r *Registration) Remove() {
	if r == nil {
		return
	}
	r.poller.forget(r.key)
	_ = unix.EpollCtl(r.poller.epfd, unix.EPOLL_CTL_DEL, r.fd, nil)
}

func (p *Poller) forget(key uint64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	delete(p.byKey, key)
}

func (p *Poller) control(op, fd int, mask uint32, key uint64) error {
	ev := unix.EpollEvent{Events: mask, Fd: int32(uint32(key)), Pad: int32(uint32(key >> 32))}
	return unix.EpollCtl(p.epfd, op, fd, &ev)
}

// Close ends the poller and waits until no watcher is called any more.
func (p *Poller) Close() {
	one := [8]byte{1}
	_, _ = unix.Write(p.wake, one[:])
	<-p.done
	unix.Close(p.epfd)
	unix.Close(p.wake)
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
			key := uint64(uint32(evs[i].Fd)) | uint64(uint32(evs[i].Pad))<<32
			if key == 0 {
				return
			}
			p.mu.Lock()
			w := p.byKey[key]
			p.mu.Unlock()
			if w != nil {
				w.HostReady(maskOf(evs[i].Events))
			}
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
	fds := [1]unix.PollFd{{Fd: int32(fd), Events: int16(all)}}
	for {
		n, err := unix.Poll(fds[:], 0)
		if err == unix.EINTR {
			continue
		}
		if err != nil || n == 0 {
			return 0
		}
		return wait.Mask(uint16(fds[0].Revents))
	}
}
