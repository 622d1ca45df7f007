// SPDX-License-Identifier: Apache-2.0

// Package anon has the files that stand for something of the kernel: eventfd,
// timerfd, signalfd, epoll, memfd.
//
// Lock order: a file's own lock, then its wait queue. Of epoll see epoll.go.
package anon

import (
	"encoding/binary"
	"math"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// eventfd is a counter (eventfd(2)).
type eventfd struct {
	vfs.BaseFile
	vfs.NoSpliceRead
	vfs.PlainWrites
	semaphore bool
	queue     wait.Queue

	mu    sync.Mutex
	count uint64
}

// NewEventfd is an eventfd that starts at count. flags are eventfd2(2)'s.
func NewEventfd(count uint32, flags uint32) *vfs.File {
	e := &eventfd{count: uint64(count), semaphore: flags&unix.EFD_SEMAPHORE != 0}
	return vfs.NewAnonFile("anon_inode:[eventfd]", e, unix.O_RDWR|flags&unix.EFD_NONBLOCK)
}

// block runs try until it answers something else than EAGAIN, waiting on q in
// between unless the file is O_NONBLOCK.
func block(ctx vfs.Ctx, f *vfs.File, q *wait.Queue, mask wait.Mask, try func() error) error {
	err := try()
	if err != unix.EAGAIN || f.NonBlock() {
		return err
	}
	werr := wait.Until(ctx, q, mask, time.Time{}, func() bool {
		err = try()
		return err != unix.EAGAIN
	})
	if werr != nil {
		return werr
	}
	return err
}

// Read implements vfs.FileOps.
func (e *eventfd) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() < 8 {
		return 0, unix.EINVAL
	}
	var v uint64
	if !e.take(&v) {
		if f.NonBlock() {
			return 0, unix.EAGAIN
		}
		err := wait.Until(ctx, &e.queue, wait.Readable, time.Time{}, func() bool { return e.take(&v) })
		if err != nil {
			return 0, err
		}
	}
	var b [8]byte
	binary.LittleEndian.PutUint64(b[:], v)
	return dst.CopyOutLast(b[:])
}

func (e *eventfd) take(v *uint64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.count == 0 {
		return false
	}
	*v = e.count
	if e.semaphore {
		*v = 1
	}
	e.count -= *v
	e.queue.Notify(wait.Writable)
	return true
}

// NoSplice is for splice(2) and sendfile(2), which find no operation to write.
func (*eventfd) NoSplice() {}

// Write implements vfs.FileOps.
func (e *eventfd) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	if src.Len() != 8 {
		return 0, unix.EINVAL
	}
	var b [8]byte
	if _, err := src.CopyIn(b[:]); err != nil {
		return 0, err
	}
	v := binary.LittleEndian.Uint64(b[:])
	if v == math.MaxUint64 {
		return 0, unix.EINVAL
	}
	if !e.add(v) {
		if f.NonBlock() {
			return 0, unix.EAGAIN
		}
		err := wait.Until(ctx, &e.queue, wait.Writable, time.Time{}, func() bool { return e.add(v) })
		if err != nil {
			return 0, err
		}
	}
	return 8, nil
}

func (e *eventfd) add(v uint64) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.count == math.MaxUint64 || math.MaxUint64-1-e.count < v {
		return false
	}
	e.count += v
	e.queue.Notify(wait.Readable)
	return true
}

// Poll implements vfs.FileOps. Linux knows no RdNorm and WrNorm here.
func (e *eventfd) Poll(*vfs.File) wait.Mask {
	e.mu.Lock()
	defer e.mu.Unlock()
	var m wait.Mask
	if e.count > 0 {
		m |= wait.In
	}
	if e.count == math.MaxUint64 {
		m |= wait.Err
	}
	if e.count < math.MaxUint64-1 {
		m |= wait.Out
	}
	return m
}

// Queue implements vfs.FileOps.
func (e *eventfd) Queue(*vfs.File) *wait.Queue { return &e.queue }

// SignalEventfd adds one to an eventfd, as the kernel itself does (eventfd_signal): it never waits, and may
// reach the value that a write can't.
func SignalEventfd(f *vfs.File) {
	e := f.Ops.(*eventfd)
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.count < math.MaxUint64 {
		e.count++
	}
	e.queue.Notify(wait.In)
}

// IsEventfd tells whether f is an eventfd.
func IsEventfd(f *vfs.File) bool {
	_, ok := f.Ops.(*eventfd)
	return ok
}

// NoopSeek implements vfs.NoopSeeker.
func (*eventfd) NoopSeek() {}

// NoopSeek implements vfs.NoopSeeker.
func (*Timerfd) NoopSeek() {}

// NoopSeek implements vfs.NoopSeeker.
func (*Signalfd) NoopSeek() {}

// NoopSeek implements vfs.NoopSeeker.
func (*Epoll) NoopSeek() {}
