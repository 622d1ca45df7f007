// SPDX-License-Identifier: Apache-2.0

// This file is leases: who holds one is told before anyone else opens or truncates the file in a way that does not go with
// it, and that one waits (fcntl(2), "Leases"; fs/locks.c). leases.mu is a leaf.

package vfs

import (
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/wait"
)

// LeaseBreakTime is how long a holder has to give a lease up (fs.lease-break-time).
const LeaseBreakTime = 45 * time.Second

// lease is one that an open file holds.
type lease struct {
	file  *File
	kind  int       // F_RDLCK or F_WRLCK
	to    int       // what it must become (F_RDLCK or F_UNLCK), or kind
	until time.Time // when it becomes that by itself; zero: never
	tell  func()    // tells the holder
}

// leased is the leases on a file.
type leased struct {
	list   []*lease
	change wait.Queue // one was given up
}

var leases = struct {
	count atomic.Int32 // so that where there are none nothing is locked

	mu sync.Mutex
	of map[Inode]*leased
}{of: map[Inode]*leased{}}

// Lease is F_GETLEASE: what f's lease is, or has to become.
func (f *File) Lease() int {
	leases.mu.Lock()
	defer leases.mu.Unlock()
	l := leases.of[f.Inode]
	if l == nil {
		return unix.F_UNLCK
	}
	l.expire(f.Inode)
	if h := l.of(f); h != nil {
		return h.to
	}
	return unix.F_UNLCK
}

// SetLease is F_SETLEASE: EINVAL, EACCES, EAGAIN. tell is called, in any goroutine, when the lease must be given up.
func (f *File) SetLease(ctx Ctx, kind int, tell func()) error {
	if kind != unix.F_RDLCK && kind != unix.F_WRLCK && kind != unix.F_UNLCK {
		return unix.EINVAL
	}
	a, err := f.Inode.Attr(ctx)
	switch {
	case err != nil:
		return err
	case a.UID != ctx.Creds().FSUID && !ctx.Creds().Capable(unix.CAP_LEASE):
		return unix.EACCES
	case !a.IsRegular():
		return unix.EINVAL
	}
	leases.mu.Lock()
	defer leases.mu.Unlock()
	if kind == unix.F_UNLCK {
		if !dropLease(f) {
			return unix.EAGAIN
		}
		return nil
	}
	if f.leaseConflicts(kind) {
		return unix.EAGAIN
	}
	l := leases.of[f.Inode]
	if l == nil {
		l = &leased{}
		leases.of[f.Inode] = l
		leases.count.Add(1)
	}
	l.expire(f.Inode)
	return l.set(f, kind, tell)
}

// leaseConflicts is check_conflicting_open: someone else has the file open in a way that does not go with the lease.
func (f *File) leaseConflicts(kind int) bool {
	writeCounts.Lock()
	writers := writeCounts.of[f.Inode]
	writeCounts.Unlock()
	if kind == unix.F_RDLCK {
		return writers > 0
	}
	own := 0
	if f.Writable() {
		own = 1
	}
	return writers != own || f.counted && f.Path.Dentry.openCount().Load() > 1
}

func (l *leased) of(f *File) *lease {
	if i := slices.IndexFunc(l.list, func(o *lease) bool { return o.file == f }); i >= 0 {
		return l.list[i]
	}
	return nil
}

func (l *leased) set(f *File, kind int, tell func()) error {
	own := l.of(f)
	for _, o := range l.list {
		if o != own && (kind == unix.F_WRLCK || o.to == unix.F_UNLCK) {
			return unix.EAGAIN
		}
	}
	if own != nil {
		own.kind = kind
		if own.to != unix.F_UNLCK && kind == unix.F_RDLCK || own.until.IsZero() {
			own.to, own.until = kind, time.Time{} // that was all that it had to become
		}
		l.change.Notify(wait.All)
		return nil
	}
	l.list = append(l.list, &lease{file: f, kind: kind, to: kind, tell: tell})
	return nil
}

// dropLease gives f's lease up, if it has one. Caller holds leases.mu.
func dropLease(f *File) bool {
	l := leases.of[f.Inode]
	if l == nil || l.of(f) == nil {
		return false
	}
	l.remove(f.Inode, l.of(f))
	return true
}

func (l *leased) remove(inode Inode, o *lease) {
	l.list = slices.DeleteFunc(l.list, func(x *lease) bool { return x == o })
	if len(l.list) == 0 && leases.of[inode] == l {
		delete(leases.of, inode)
		leases.count.Add(-1)
	}
	l.change.Notify(wait.All)
}

// expire makes the leases whose holders had time enough what they must become (time_out_leases).
func (l *leased) expire(inode Inode) {
	now := time.Now()
	for _, o := range slices.Clone(l.list) {
		switch {
		case o.until.IsZero() || now.Before(o.until):
		case o.to == unix.F_UNLCK:
			l.remove(inode, o)
		default:
			o.kind, o.until = o.to, time.Time{}
		}
	}
}

// releaseLease is for the last DecRef.
func (f *File) releaseLease() {
	if leases.count.Load() == 0 {
		return
	}
	leases.mu.Lock()
	defer leases.mu.Unlock()
	dropLease(f)
}

// breakLeases is break_lease: it waits until no lease on the file is in the way of opening it, or of writing to it with write.
// With nonblock it only tells the holders: EWOULDBLOCK.
func breakLeases(ctx Ctx, inode Inode, write, nonblock bool) error {
	for leases.count.Load() != 0 {
		l, until := startBreak(inode, write)
		switch {
		case l == nil:
			return nil
		case nonblock:
			return unix.EWOULDBLOCK
		}
		err := wait.Until(ctx, &l.change, wait.All, until, func() bool { return !l.inTheWay(inode, write) })
		if err != nil && err != unix.ETIMEDOUT {
			return err
		}
	}
	return nil
}

// startBreak tells the holders of what is in the way. until is when the first of them has had time enough.
func startBreak(inode Inode, write bool) (l *leased, until time.Time) {
	var tell []func()
	defer func() {
		for _, f := range tell {
			f()
		}
	}()
	leases.mu.Lock()
	defer leases.mu.Unlock()
	if l = leases.of[inode]; l == nil {
		return nil, until
	}
	l.expire(inode)
	to := unix.F_RDLCK
	if write {
		to = unix.F_UNLCK
	}
	found := false
	for _, o := range l.list {
		if !o.conflicts(write) {
			continue
		}
		found = true
		if o.to == o.kind || write && o.to != unix.F_UNLCK {
			o.to = to
			if o.until.IsZero() {
				o.until = time.Now().Add(LeaseBreakTime)
			}
			tell = append(tell, o.tell)
		}
		if until.IsZero() || o.until.Before(until) {
			until = o.until
		}
	}
	if !found {
		return nil, until
	}
	return l, until
}

func (o *lease) conflicts(write bool) bool { return write || o.kind == unix.F_WRLCK }

func (l *leased) inTheWay(inode Inode, write bool) bool {
	leases.mu.Lock()
	defer leases.mu.Unlock()
	l.expire(inode)
	return slices.ContainsFunc(l.list, func(o *lease) bool { return o.conflicts(write) })
}
