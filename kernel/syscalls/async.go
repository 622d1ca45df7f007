// SPDX-License-Identifier: Apache-2.0

// This file is O_ASYNC: signals for what happens to a file (fasync; open(2)).
//
// Events come with locks held that a signal must not wait for. So they are put on a list, and the signals are sent at the
// end of the system call that brought them, or by a goroutine for those that come from the host.

package syscalls

import (
	"sync"
	"sync/atomic"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Reasons of a signal (si_code), with what poll(2) would say (si_band).
const (
	pollIn, pollInBand   = 1, 0x41
	pollOut, pollOutBand = 2, 0x304
)

// async is a file with O_ASYNC.
type async struct {
	kernel *task.Kernel
	file   *vfs.File
	fd     vfs.FD // which the signal names
	queue  *wait.Queue
	entry  wait.Entry
}

// asyncs are all of them, by file.
var asyncs = struct {
	mu     sync.Mutex
	byFile map[*vfs.File]*async
}{byFile: map[*vfs.File]*async{}}

// pendingSignals are those that are due.
var pendingSignals struct {
	some atomic.Bool // some are in list, or taken and not sent yet; set under mu

	mu   sync.Mutex // guards list; a leaf
	list []dueSignal

	sending sync.Mutex // whoever gets it knows that what was due before was sent
}

type dueSignal struct {
	kernel *task.Kernel
	owner  vfs.Owner
	fd     vfs.FD
	reason int32
	band   uint64
}

// startAsync is fasync_helper: the file's events are signals from now on.
func startAsync(t *task.Task, f *vfs.File, fd vfs.FD) {
	q := f.Ops.Queue(f)
	if q == nil {
		return
	}
	if tty, ok := f.Ops.(interface{ ForegroundGroup() int32 }); ok { // tty_fasync
		if o := f.Owner(); o.ID == 0 {
			if o.Type, o.ID = ownerPgrp, tty.ForegroundGroup(); o.ID == 0 {
				o.Type, o.ID = ownerPID, t.ProcessID()
			}
			o.UID, o.EUID = uint32(t.Creds().RUID), uint32(t.Creds().EUID)
			f.SetOwner(o)
		}
	}
	asyncs.mu.Lock()
	defer asyncs.mu.Unlock()
	if a := asyncs.byFile[f]; a != nil {
		a.fd = fd
		return
	}
	a := &async{kernel: t.Kernel(), file: f, fd: fd, queue: q}
	a.entry = wait.Entry{Mask: wait.Readable | wait.Writable, Func: a.event}
	asyncs.byFile[f] = a
	f.NotifyRelease(a)
	q.Add(&a.entry)
}

// stopAsync undoes it.
func stopAsync(f *vfs.File) {
	asyncs.mu.Lock()
	a := asyncs.byFile[f]
	delete(asyncs.byFile, f)
	asyncs.mu.Unlock()
	if a != nil {
		a.queue.Remove(&a.entry)
		f.ForgetRelease(a)
	}
}

// FileReleased implements vfs.Releaser.
func (a *async) FileReleased(f *vfs.File) { stopAsync(f) }

// event is called with the queue's lock.
func (a *async) event(events wait.Mask) {
	if a.file.Readable() && events&(wait.Readable|wait.Hup|wait.RdHup) != 0 {
		a.due(pollIn, pollInBand)
	}
	if a.file.Writable() && events&(wait.Writable|wait.Err) != 0 {
		a.due(pollOut, pollOutBand)
	}
}

func (a *async) due(reason int32, band uint64) {
	p := &pendingSignals
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, dueSignal{a.kernel, a.file.Owner(), a.fd, reason, band})
	if !p.some.Swap(true) {
		go sendPending()
	}
}

// sendPending sends what is due, and waits until others have sent what they took.
func sendPending() {
	p := &pendingSignals
	p.sending.Lock()
	defer p.sending.Unlock()
	for {
		p.mu.Lock()
		list := p.list
		p.list = nil
		if len(list) == 0 {
			p.some.Store(false) // and not before: whose call made it due looks at that
		}
		p.mu.Unlock()
		if len(list) == 0 {
			return
		}
		for _, s := range list {
			sendSigio(s.kernel, s.owner, s.fd, s.reason, s.band)
		}
	}
}

// ownerOf makes the caller the one whom a file tells, unless there is one.
func ownerOf(t *task.Task, f *vfs.File) {
	if o := f.Owner(); o.ID == 0 {
		o.Type, o.ID = ownerPID, t.ProcessID()
		o.UID, o.EUID = uint32(t.Creds().RUID), uint32(t.Creds().EUID)
		f.SetOwner(o)
	}
}
