// SPDX-License-Identifier: Apache-2.0

// Package vfstest has what tests of file systems need: a vfs.Ctx without a
// task.
package vfstest

import (
	"math"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// Ctx is on whose behalf a test uses files.
type Ctx struct {
	C      *cred.Creds
	Mem    user.Memory
	Limits map[int]uint64

	mu      sync.Mutex
	raised  []int
	wake    chan struct{}
	signals chan struct{}
}

// Root is a privileged caller.
func Root() *Ctx { return New(cred.Root()) }

// User is an ordinary caller.
func User(uid cred.UID, gid cred.GID, groups ...cred.GID) *Ctx {
	return New(cred.User(uid, gid, groups))
}

// New is a caller with credentials.
func New(c *cred.Creds) *Ctx {
	return &Ctx{C: c, Mem: noMemory{}, wake: make(chan struct{}, 1), signals: make(chan struct{}, 1)}
}

// Creds implements vfs.Ctx.
func (c *Ctx) Creds() *cred.Creds { return c.C }

// Memory implements vfs.Ctx.
func (c *Ctx) Memory() user.Memory { return c.Mem }

// RLimitMax implements vfs.Ctx.
func (c *Ctx) RLimitMax(int) uint64 { return unix.RLIM_INFINITY }

// RLimit implements vfs.Ctx.
func (c *Ctx) RLimit(resource int) uint64 {
	if l, ok := c.Limits[resource]; ok {
		return l
	}
	return math.MaxUint64
}

// Raise implements vfs.Ctx.
func (c *Ctx) Raise(signo int) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.raised = append(c.raised, signo)
}

// Raised are the signals that were raised.
func (c *Ctx) Raised() []int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.raised
}

// Wake implements wait.Waker.
func (c *Ctx) Wake() {
	select {
	case c.wake <- struct{}{}:
	default:
	}
}

// Interrupt ends the caller's sleep as a signal does.
func (c *Ctx) Interrupt() {
	select {
	case c.signals <- struct{}{}:
	default:
	}
}

// Sleep implements wait.Sleeper.
func (c *Ctx) Sleep(deadline time.Time) error {
	var timeout <-chan time.Time
	if !deadline.IsZero() {
		timer := time.NewTimer(time.Until(deadline))
		defer timer.Stop()
		timeout = timer.C
	}
	select {
	case <-c.wake:
		return nil
	case <-c.signals:
		return abi.ERESTARTSYS
	case <-timeout:
		return unix.ETIMEDOUT
	}
}

// noMemory is an address space with nothing in it.
type noMemory struct{}

func (noMemory) CopyIn(user.Addr, []byte) (int, error)            { return 0, unix.EFAULT }
func (noMemory) CopyOut(user.Addr, []byte) (int, error)           { return 0, unix.EFAULT }
func (noMemory) CopyOutLast(user.Addr, []byte, bool) (int, error) { return 0, unix.EFAULT }
func (noMemory) CopyOutFrom(user.Addr, int, bool, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (noMemory) CopyInTo(user.Addr, int, func([]byte) (int, error)) (int, error) {
	return 0, unix.EFAULT
}
func (noMemory) CompareAndSwap32(user.Addr, uint32, uint32) (uint32, error) {
	return 0, unix.EFAULT
}
