// SPDX-License-Identifier: Apache-2.0

// This file is F_NOTIFY of fcntl(2): signals for what happens in a directory.

package syscalls

import (
	"encoding/binary"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/landlock"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// What F_NOTIFY may ask for (DN_ACCESS and its kin).
const (
	dnAccess    = 1
	dnModify    = 2
	dnCreate    = 4
	dnDelete    = 8
	dnRename    = 0x10
	dnAttrib    = 0x20
	dnMultishot = 0x80000000

	pollMsg     = 3     // POLL_MSG
	pollMsgBand = 0x441 // EPOLLIN|EPOLLRDNORM|EPOLLMSG
)

// Events of F_NOTIFY, as those of inotify.
var dnotifyEvents = map[uint32]uint32{
	dnAccess: unix.IN_ACCESS,
	dnModify: unix.IN_MODIFY,
	dnCreate: unix.IN_CREATE | unix.IN_MOVED_TO,
	dnDelete: unix.IN_DELETE | unix.IN_MOVED_FROM,
	dnRename: renamedWithin,
	dnAttrib: unix.IN_ATTRIB,
}

// renamedWithin is an event that inotify has not: both ends of a rename are in the directory.
const renamedWithin = 1 << 31

// dnotifyKey is whose watch it is: of an open directory, by each descriptor table.
type dnotifyKey struct {
	file  *vfs.File
	table *vfs.FDTable
}

// dnotify is a watch of a directory.
type dnotify struct {
	key    dnotifyKey
	kernel *task.Kernel

	mu     sync.Mutex
	mask   uint32 // of inotify's events
	multi  bool
	fd     vfs.FD // which the signal names
	moving uint32 // the cookie of the last IN_MOVED_FROM
	over   bool   // had its one event, and is about to be removed
}

// dnotifies are all watches. Its lock comes before the vfs's table of marks.
var dnotifies = struct {
	mu    sync.Mutex
	byKey map[dnotifyKey]*dnotify
}{byKey: map[dnotifyKey]*dnotify{}}

// fcntlNotify is F_NOTIFY: arg adds to what is watched, without events it ends the watch.
func fcntlNotify(t *task.Task, f *vfs.File, fd vfs.FD, arg uint32) error {
	key := dnotifyKey{f, t.Files()}
	if arg&^dnMultishot == 0 {
		endDnotify(key)
		return nil
	}
	if f.Inode.Mode()&unix.S_IFMT != unix.S_IFDIR {
		return unix.ENOTDIR
	}
	mask := uint32(0)
	for dn, in := range dnotifyEvents {
		if arg&dn != 0 {
			mask |= in
		}
	}
	ownerOf(t, f)
	dnotifies.mu.Lock()
	defer dnotifies.mu.Unlock()
	d := dnotifies.byKey[key]
	if d == nil || d.ended() {
		d = &dnotify{key: key, kernel: t.Kernel()}
		dnotifies.byKey[key] = d
		f.NotifyRelease(d)
		defer vfs.AddMark(f.Path, d)
	}
	d.mu.Lock()
	defer d.mu.Unlock()
	d.mask |= mask
	d.multi = d.multi || arg&dnMultishot != 0
	d.fd = fd
	return nil
}

func (d *dnotify) ended() bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.over
}

func endDnotify(key dnotifyKey) {
	dnotifies.mu.Lock()
	d := dnotifies.byKey[key]
	dnotifies.mu.Unlock()
	if d != nil {
		vfs.RemoveMark(key.file.Inode, d)
		d.Removed()
	}
}

// FileReleased implements vfs.Releaser.
func (d *dnotify) FileReleased(*vfs.File) { endDnotify(d.key) }

// Removed implements vfs.Mark.
func (d *dnotify) Removed() {
	dnotifies.mu.Lock()
	defer dnotifies.mu.Unlock()
	if dnotifies.byKey[d.key] == d {
		delete(dnotifies.byKey, d.key)
		d.key.file.ForgetRelease(d)
	}
}

// Notify implements vfs.Mark.
func (d *dnotify) Notify(e vfs.Event) (done bool) {
	d.mu.Lock()
	events := [2]uint32{e.Mask & unix.IN_ALL_EVENTS}
	switch {
	case e.Mask&unix.IN_MOVED_FROM != 0:
		d.moving = e.Cookie
	case e.Mask&unix.IN_MOVED_TO != 0 && d.moving == e.Cookie:
		events[1] = renamedWithin
	}
	hits, fd := 0, d.fd
	for _, event := range events {
		if d.mask&event != 0 && !done {
			hits++
			done = !d.multi
		}
	}
	if done {
		d.mask, d.over = 0, true
	}
	d.mu.Unlock()
	for range hits {
		sendSigio(d.kernel, d.key.file.Owner(), fd, pollMsg, pollMsgBand)
	}
	return done
}

// sendSigio is send_sigio: a file's owner gets its signal, with the reason if F_SETSIG chose
// one, and a plain SIGIO if that could not be queued.
func sendSigio(k *task.Kernel, o vfs.Owner, fd vfs.FD, reason int32, band uint64) {
	plain := task.KernelInfo(abi.SIGIO)
	if o.Signo == 0 {
		_ = sendOwner(k, o, &plain)
		return
	}
	info := abi.SigInfo{Signo: o.Signo, Code: reason}
	if specificCodes[o.Signo] {
		info.Code = abi.SI_SIGIO
	}
	binary.LittleEndian.PutUint64(info.Fields[:], band)
	binary.LittleEndian.PutUint32(info.Fields[8:], uint32(fd))
	if sendOwner(k, o, &info) != nil {
		_ = sendOwner(k, o, &plain)
	}
}

// specificCodes are the signals whose positive codes mean something else.
var specificCodes = map[int32]bool{
	abi.SIGILL: true, abi.SIGFPE: true, abi.SIGSEGV: true, abi.SIGBUS: true, abi.SIGTRAP: true, abi.SIGCHLD: true, abi.SIGSYS: true,
}

func sendOwner(k *task.Kernel, o vfs.Owner, info *abi.SigInfo) error {
	allowed := func(c *cred.Creds) bool { // sigio_perm
		return landlock.MayReach(o.Domain, c.Domain, landlock.ScopeSignal) &&
			(o.EUID == 0 || o.EUID == uint32(c.SUID) || o.EUID == uint32(c.RUID) || o.UID == uint32(c.SUID) || o.UID == uint32(c.RUID))
	}
	switch {
	case o.ID == 0:
	case o.Type == ownerTID:
		if t := k.Lookup(o.ID); t != nil && allowed(t.Creds()) {
			return t.SendSignal(info)
		}
	case o.Type == ownerPID:
		if g := k.LookupGroup(o.ID); g != nil && allowed(g.Leader().Creds()) {
			return g.SendSignal(info)
		}
	default:
		k.KillPgrp(o.ID, info, allowed)
	}
	return nil
}
