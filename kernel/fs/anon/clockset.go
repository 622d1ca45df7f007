// SPDX-License-Identifier: Apache-2.0

// This file hears of it when the host's real-time clock is set, for the timers that are told (TFD_TIMER_CANCEL_ON_SET): by such a timer of
// the host's, which is there as long as one of ours is.

package anon

import (
	"math"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// clockSetter tells timers that the clock was set.
type clockSetter struct {
	mu     sync.Mutex // taken after Timerfd.mu in follow, and not held while a timer is told
	poller *hostpoll.Poller
	fd     int // of the host's timer, while there are timers
	reg    *hostpoll.Registration
	timers map[*Timerfd]struct{}
}

var clockSet = clockSetter{timers: map[*Timerfd]struct{}{}}

// Start gives the package the poller that hears of the host's clock. Without it nobody is told.
func Start(p *hostpoll.Poller) {
	clockSet.mu.Lock()
	defer clockSet.mu.Unlock()
	clockSet.poller = p
}

// follow says whether t is to be told.
func (c *clockSetter) follow(t *Timerfd, on bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if !on {
		if delete(c.timers, t); len(c.timers) == 0 && c.reg != nil {
			c.reg.Remove()
			unix.Close(c.fd)
			c.reg = nil
		}
		return
	}
	c.timers[t] = struct{}{}
	if c.reg == nil && c.poller != nil {
		c.listen()
	}
}

// listen makes the host's timer. Without one, as where there are too many descriptors, nobody is told.
func (c *clockSetter) listen() {
	fd, err := unix.TimerfdCreate(unix.CLOCK_REALTIME, unix.TFD_CLOEXEC|unix.TFD_NONBLOCK)
	if err != nil {
		return
	}
	never := unix.ItimerSpec{Value: unix.Timespec{Sec: math.MaxInt64 / 1_000_000_000}}
	err = unix.TimerfdSettime(fd, unix.TFD_TIMER_ABSTIME|unix.TFD_TIMER_CANCEL_ON_SET, &never, nil)
	if err == nil {
		c.fd = fd
		c.reg, err = c.poller.Add(fd, c)
	}
	if err != nil {
		unix.Close(fd)
	}
}

// HostReady implements hostpoll.Watcher: the host's timer ended, or is about to go.
func (c *clockSetter) HostReady(wait.Mask) {
	c.mu.Lock()
	var b [8]byte
	wasSet := false
	if c.reg != nil {
		_, err := unix.Read(c.fd, b[:])
		wasSet = err == unix.ECANCELED
	}
	c.mu.Unlock()
	if wasSet {
		c.tell()
	}
}

// tell tells all timers.
func (c *clockSetter) tell() {
	c.mu.Lock()
	var list []*Timerfd
	for t := range c.timers {
		list = append(list, t)
	}
	c.mu.Unlock()
	for _, t := range list {
		t.clockWasSet()
	}
}
