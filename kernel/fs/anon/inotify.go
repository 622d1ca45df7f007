// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// InotifyMaxEvents is how many events wait in one instance (/proc/sys/fs/inotify/max_queued_events).
const InotifyMaxEvents = 16384

// Inotify is a queue of what happened to the files that it watches
// (inotify(7)).
//
// Lock order: Inotify.mu, the vfs's table of marks, Inotify.queueMu.
type Inotify struct {
	vfs.BaseFile
	vfs.PlainReads
	queue wait.Queue
	user  cred.Account // whose it is

	mu      sync.Mutex
	watches map[int32]*inotifyWatch
	lastWD  int32

	queueMu sync.Mutex
	events  []inotifyEvent
	lost    bool // the last event says that there were more
}

type inotifyEvent struct {
	wd           int32
	mask, cookie uint32
	name         string
}

// inotifyHead is the size of struct inotify_event without the name.
const inotifyHead = unix.SizeofInotifyEvent

// size is how many bytes the event has for its reader: names are padded so
// that each event starts aligned as the first.
func (e *inotifyEvent) size() int { return inotifyHead + e.nameSize() }

func (e *inotifyEvent) nameSize() int {
	if e.name == "" {
		return 0
	}
	return (len(e.name) + inotifyHead) / inotifyHead * inotifyHead
}

// NewInotify is an inotify instance of a user's. flags are inotify_init1(2)'s.
// EMFILE: the user has too many.
func NewInotify(who cred.Account, flags uint32) (*vfs.File, error) {
	if !who.Charge(cred.InotifyInstances) {
		return nil, unix.EMFILE
	}
	in := &Inotify{user: who, watches: map[int32]*inotifyWatch{}}
	return vfs.NewAnonFile("anon_inode:inotify", in, unix.O_RDONLY|flags&unix.IN_NONBLOCK), nil
}

// inotifyWatch is a watch on one file.
type inotifyWatch struct {
	in    *Inotify
	wd    int32
	inode vfs.Inode
	ino   uint64
	dev   uint64
	mask  atomic.Uint32
	fired atomic.Bool // IN_ONESHOT had its event
}

// Add watches the file at p, or changes what is watched of it. The bits of
// mask are known. EEXIST with IN_MASK_CREATE, ENOSPC.
func (in *Inotify) Add(ctx vfs.Ctx, p vfs.Path, mask uint32) (int32, error) {
	a, err := vfs.Stat(ctx, p)
	if err != nil {
		return 0, err
	}
	in.mu.Lock()
	defer in.mu.Unlock()
	keep := mask & (unix.IN_ALL_EVENTS | unix.IN_ONESHOT | unix.IN_EXCL_UNLINK)
	for _, w := range in.watches {
		if w.inode != p.Inode() {
			continue
		}
		if mask&unix.IN_MASK_CREATE != 0 {
			return 0, unix.EEXIST
		}
		if mask&unix.IN_MASK_ADD != 0 {
			keep |= w.mask.Load()
		}
		w.mask.Store(keep)
		return w.wd, nil
	}
	if !in.user.Charge(cred.InotifyWatches) {
		return 0, unix.ENOSPC
	}
	in.lastWD++
	w := &inotifyWatch{in: in, wd: in.lastWD, inode: p.Inode(), ino: a.Ino, dev: a.Dev}
	w.mask.Store(keep)
	in.watches[w.wd] = w
	vfs.AddMark(p, w)
	return w.wd, nil
}

// Remove ends a watch. EINVAL: there is none of that number.
func (in *Inotify) Remove(wd int32) error {
	in.mu.Lock()
	w := in.watches[wd]
	in.mu.Unlock()
	if w == nil || !vfs.RemoveMark(w.inode, w) {
		return unix.EINVAL
	}
	w.Removed()
	return nil
}

// Removed implements vfs.Mark.
func (w *inotifyWatch) Removed() {
	w.in.add(inotifyEvent{wd: w.wd, mask: unix.IN_IGNORED})
	w.in.mu.Lock()
	delete(w.in.watches, w.wd)
	w.in.mu.Unlock()
	w.in.user.Uncharge(cred.InotifyWatches, 1)
}

// Notify implements vfs.Mark.
func (w *inotifyWatch) Notify(e vfs.Event) (done bool) {
	mask := w.mask.Load()
	if e.Mask&unix.IN_Q_OVERFLOW != 0 {
		w.in.overflow()
		return false
	}
	if e.Mask&(mask&unix.IN_ALL_EVENTS|unix.IN_UNMOUNT) == 0 || e.Name != "" && e.Gone && mask&unix.IN_EXCL_UNLINK != 0 {
		return false
	}
	once := mask&unix.IN_ONESHOT != 0
	if once && !w.fired.CompareAndSwap(false, true) {
		return false // who was first removes it
	}
	w.in.add(inotifyEvent{wd: w.wd, mask: e.Mask, cookie: e.Cookie, name: e.Name})
	return once
}

// add queues an event, unless it is like the one before it.
func (in *Inotify) add(e inotifyEvent) {
	in.queueMu.Lock()
	defer in.queueMu.Unlock()
	n := len(in.events)
	switch {
	case in.lost:
		return
	case n > 0 && in.events[n-1].wd == e.wd && in.events[n-1].mask == e.mask && in.events[n-1].name == e.name:
		return
	case n >= InotifyMaxEvents:
		in.lost = true
		e = inotifyEvent{wd: -1, mask: unix.IN_Q_OVERFLOW}
	}
	in.events = append(in.events, e)
	in.queue.Notify(wait.Readable)
}

// overflow says that events were lost before they came here.
func (in *Inotify) overflow() {
	in.queueMu.Lock()
	defer in.queueMu.Unlock()
	if !in.lost {
		in.lost = true
		in.events = append(in.events, inotifyEvent{wd: -1, mask: unix.IN_Q_OVERFLOW})
		in.queue.Notify(wait.Readable)
	}
}

// take takes the first event, if it has at most room bytes: EAGAIN if there is
// none, EINVAL if it has more.
func (in *Inotify) take(room int) (inotifyEvent, error) {
	in.queueMu.Lock()
	defer in.queueMu.Unlock()
	if len(in.events) == 0 {
		return inotifyEvent{}, unix.EAGAIN
	}
	e := in.events[0]
	if e.size() > room {
		return inotifyEvent{}, unix.EINVAL
	}
	if in.events = in.events[1:]; len(in.events) == 0 {
		in.events = nil
	}
	if e.mask == unix.IN_Q_OVERFLOW {
		in.lost = false
	}
	return e, nil
}

// Read implements vfs.FileOps: as many whole events as fit.
func (in *Inotify) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	done := 0
	for {
		e, err := in.take(dst.Len())
		if err == unix.EAGAIN && done == 0 {
			err = block(ctx, f, &in.queue, wait.Readable, func() (err error) {
				e, err = in.take(dst.Len())
				return err
			})
		}
		if err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		n, err := dst.CopyOut(e.bytes())
		if err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
		done += n
	}
}

// bytes is the event as struct inotify_event.
func (e *inotifyEvent) bytes() []byte {
	b := make([]byte, 0, e.size())
	b = binary.LittleEndian.AppendUint32(b, uint32(e.wd))
	b = binary.LittleEndian.AppendUint32(b, e.mask)
	b = binary.LittleEndian.AppendUint32(b, e.cookie)
	b = binary.LittleEndian.AppendUint32(b, uint32(e.nameSize()))
	return append(b, e.name...)[:e.size()]
}

// Poll implements vfs.FileOps.
func (in *Inotify) Poll(*vfs.File) wait.Mask {
	in.queueMu.Lock()
	defer in.queueMu.Unlock()
	if len(in.events) > 0 {
		return wait.Readable
	}
	return 0
}

// Queue implements vfs.FileOps.
func (in *Inotify) Queue(*vfs.File) *wait.Queue { return &in.queue }

// Ioctl implements vfs.FileOps: FIONREAD.
func (in *Inotify) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if cmd != fionread {
		return 0, unix.ENOTTY
	}
	in.queueMu.Lock()
	n := 0
	for i := range in.events {
		n += in.events[i].size()
	}
	in.queueMu.Unlock()
	_, err := ctx.Memory().CopyOut(user.Addr(arg), binary.LittleEndian.AppendUint32(nil, uint32(n)))
	return 0, err
}

const fionread = 0x541b

// Release implements vfs.FileOps: nobody hears of the watches' end.
func (in *Inotify) Release(*vfs.File) {
	in.mu.Lock()
	list := in.watches
	in.watches = map[int32]*inotifyWatch{}
	in.mu.Unlock()
	for _, w := range list {
		if vfs.RemoveMark(w.inode, w) {
			in.user.Uncharge(cred.InotifyWatches, 1)
		}
	}
	in.user.Uncharge(cred.InotifyInstances, 1)
}

// FDInfo is what /proc/PID/fdinfo shows besides.
func (in *Inotify) FDInfo() string {
	in.mu.Lock()
	defer in.mu.Unlock()
	var b strings.Builder
	for _, wd := range slices.Sorted(maps.Keys(in.watches)) {
		w := in.watches[wd]
		// The device in the kernel's own form: major and minor of 12 and 20 bits.
		fmt.Fprintf(&b, "inotify wd:%x ino:%x sdev:%x mask:%x ignored_mask:0 \n",
			wd, w.ino, unix.Major(w.dev)<<20|unix.Minor(w.dev), w.mask.Load())
	}
	return b.String()
}

// NoopSeek implements vfs.NoopSeeker.
func (*Inotify) NoopSeek() {}
