// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"fmt"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// FanotifyMaxEvents is how many events wait in one group (/proc/sys/fs/fanotify/max_queued_events).
const FanotifyMaxEvents = 16384

// Flags of fanotify_init(2) that golang.org/x/sys/unix has no name for.
const (
	FanReportFDError = 0x2000
	FanReportMnt     = 0x4000

	fanReports   = unix.FAN_REPORT_FID | unix.FAN_REPORT_DIR_FID | unix.FAN_REPORT_NAME | unix.FAN_REPORT_TARGET_FID
	fanEvents    = unix.FAN_ALL_EVENTS | unix.FAN_ATTRIB | unix.FAN_MOVE | unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_DELETE_SELF | unix.FAN_MOVE_SELF | unix.FAN_OPEN_EXEC | fanRename
	fanRename    = 0x10000000
	fanOfEntries = unix.FAN_CREATE | unix.FAN_DELETE | unix.FAN_MOVE | fanRename
)

// Fanotify is a group of fanotify(7): a queue of what happens to the files, mounts and file systems that it has marks on.
//
// Lock order: the vfs's table of marks, Fanotify.mu, the accounts of users.
type Fanotify struct {
	vfs.BaseFile
	vfs.PlainReads
	vfs.PlainWrites
	queue  wait.Queue
	flags  uint32       // fanotify_init(2)'s
	events uint32       // flags of the files that events come with
	user   cred.Account // whose it is
	owner  *cred.UserNS
	unpriv bool // events tell nothing of other processes

	mu      sync.Mutex
	waiting []*fanEvent
	byKey   map[fanKey]*fanEvent // those of waiting that another may be merged with
	marks   int
	asked   []*fanEvent // delivered, and not answered
	closed  bool

	answers wait.Queue
}

// NewFanotify is a group of the caller's. EMFILE: the user has too many.
func NewFanotify(t *task.Task, flags, eventFlags uint32, unpriv bool) (*vfs.File, error) {
	c := t.Creds()
	if !c.Account().Charge(cred.FanotifyGroups) {
		return nil, unix.EMFILE
	}
	g := &Fanotify{flags: flags, events: eventFlags, user: c.Account(), owner: c.NS(), unpriv: unpriv, byKey: map[fanKey]*fanEvent{}}
	open := uint32(unix.O_RDWR)
	if flags&unix.FAN_NONBLOCK != 0 {
		open |= unix.O_NONBLOCK
	}
	return vfs.NewAnonFile("anon_inode:[fanotify]", g, open), nil
}

// Reports are the flags of fanotify_init(2) that say by what events name files.
func (g *Fanotify) Reports() uint32 { return g.flags & fanReports }

// Flags are fanotify_init(2)'s.
func (g *Fanotify) Flags() uint32 { return g.flags }

// Owner is the user namespace that the group was made in.
func (g *Fanotify) Owner() *cred.UserNS { return g.owner }

// FanMark is what fanotify_mark(2) does to a mark.
type FanMark struct {
	Kind  int // vfs.OnInode and its kin
	Mask  uint32
	Flags uint32 // FAN_MARK_*
	Keep  uint32 // bits that alone don't keep a mark alive
}

const (
	markIgnore     = 0x400 // FAN_MARK_IGNORE
	markAnyIgnore  = markIgnore | unix.FAN_MARK_IGNORED_MASK
	fanEventOnly   = ^uint32(unix.FAN_ONDIR | unix.FAN_EVENT_ON_CHILD)
	markSurvModify = unix.FAN_MARK_IGNORED_SURV_MODIFY
	markEvictable  = 0x200 // FAN_MARK_EVICTABLE
)

// Add is FAN_MARK_ADD for what is at p: EEXIST, ENOSPC.
func (g *Fanotify) Add(p vfs.Path, f FanMark) error {
	return vfs.ChangeGroupMark(p, f.Kind, g, func(m *vfs.GroupMark) (*vfs.GroupMark, error) {
		if m == nil {
			if g.flags&unix.FAN_UNLIMITED_MARKS == 0 && !g.user.Charge(cred.FanotifyMarks) {
				return nil, unix.ENOSPC
			}
			g.countMark(1)
			m = &vfs.GroupMark{Group: g, Evictable: f.Flags&markEvictable != 0}
		} else if err := f.mayChange(m); err != nil {
			return nil, err
		}
		if f.Flags&markEvictable == 0 {
			m.Evictable = false
		}
		if f.Flags&markAnyIgnore == 0 {
			m.Mask |= f.Mask
			return m, nil
		}
		m.Ignore |= f.Mask
		m.IgnoreFlags = m.IgnoreFlags || f.Flags&markIgnore != 0
		m.SurvModify = m.SurvModify || f.Flags&markSurvModify != 0
		return m, nil
	})
}

// mayChange is fanotify_may_update_existing_mark: what a mark promises it keeps.
func (f *FanMark) mayChange(m *vfs.GroupMark) error {
	switch {
	case f.Flags&markEvictable != 0 && !m.Evictable,
		f.Flags&unix.FAN_MARK_IGNORED_MASK != 0 && m.IgnoreFlags,
		f.Flags&markIgnore != 0 && f.Flags&markSurvModify == 0 && m.SurvModify:
		return unix.EEXIST
	}
	return nil
}

// Remove is FAN_MARK_REMOVE: ENOENT.
func (g *Fanotify) Remove(p vfs.Path, f FanMark) error {
	gone := false
	err := vfs.ChangeGroupMark(p, f.Kind, g, func(m *vfs.GroupMark) (*vfs.GroupMark, error) {
		if m == nil {
			return nil, unix.ENOENT
		}
		if f.Flags&markAnyIgnore == 0 {
			m.Mask &^= f.Mask
		} else {
			m.Ignore &^= f.Mask
		}
		if (m.Mask|m.Ignore)&^f.Keep == 0 {
			gone = true
			return nil, nil
		}
		return m, nil
	})
	if gone {
		g.MarkLost()
	}
	return err
}

// FlushMarks is FAN_MARK_FLUSH of the marks of a kind.
func (g *Fanotify) FlushMarks(kind int) {
	for range vfs.RemoveGroupMarks(g, kind) {
		g.MarkLost()
	}
}

// countMark notes a mark more or less, and what becomes of who may be asked.
func (g *Fanotify) countMark(n int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	before := g.marks > 0
	if g.marks += n; before != (g.marks > 0) && g.AskedAs() != 0 {
		vfs.CountAskers(int32(n))
	}
}

// MarkLost accounts for a mark that is gone.
func (g *Fanotify) MarkLost() {
	g.countMark(-1)
	if g.flags&unix.FAN_UNLIMITED_MARKS == 0 {
		g.user.Uncharge(cred.FanotifyMarks, 1)
	}
}

// Read implements vfs.FileOps: as many whole events as fit.
func (g *Fanotify) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	done := 0
	for {
		e, err := g.take(dst.Len())
		if err == unix.EAGAIN && done == 0 {
			err = block(ctx, f, &g.queue, wait.Readable, func() (err error) {
				e, err = g.take(dst.Len())
				return err
			})
		}
		if err == nil {
			var n int
			n, err = g.deliver(ctx, e, dst)
			done += n
		}
		if err != nil {
			if done > 0 {
				return done, nil
			}
			return 0, err
		}
	}
}

// Poll implements vfs.FileOps.
func (g *Fanotify) Poll(*vfs.File) wait.Mask {
	g.mu.Lock()
	defer g.mu.Unlock()
	if len(g.waiting) > 0 {
		return wait.Readable
	}
	return 0
}

// Queue implements vfs.FileOps.
func (g *Fanotify) Queue(*vfs.File) *wait.Queue { return &g.queue }

// Ioctl implements vfs.FileOps: FIONREAD, which counts the heads of events only.
func (g *Fanotify) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if cmd != fionread {
		return 0, unix.ENOTTY
	}
	g.mu.Lock()
	n := len(g.waiting) * fanHead
	g.mu.Unlock()
	_, err := ctx.Memory().CopyOut(user.Addr(arg), binary.LittleEndian.AppendUint32(nil, uint32(n)))
	return 0, err
}

// Release implements vfs.FileOps.
func (g *Fanotify) Release(*vfs.File) {
	g.letGo()
	g.FlushMarks(-1)
	g.user.Uncharge(cred.FanotifyGroups, 1)
}

// NoopSeek implements vfs.NoopSeeker.
func (*Fanotify) NoopSeek() {}

// FDInfo is what /proc/PID/fdinfo shows besides.
func (g *Fanotify) FDInfo() string {
	var b strings.Builder
	fmt.Fprintf(&b, "fanotify flags:%x event-flags:%x\n", g.flags, g.events)
	vfs.EachGroupMark(g, func(kind int, at vfs.Path, s *vfs.Super, m vfs.GroupMark) {
		flags := 0
		if m.SurvModify {
			flags |= markSurvModify
		}
		if m.IgnoreFlags {
			flags |= markIgnore
		}
		if m.Evictable {
			flags |= markEvictable
		}
		switch kind {
		case vfs.OnInode:
			a, err := at.Inode().Attr(nil)
			if err != nil {
				return
			}
			fmt.Fprintf(&b, "fanotify ino:%x sdev:%x", a.Ino, kernelDev(a.Dev))
		case vfs.OnMount:
			fmt.Fprintf(&b, "fanotify mnt_id:%x", at.Mount.ID)
		default:
			fmt.Fprintf(&b, "fanotify sdev:%x", kernelDev(s.FS().Dev()))
		}
		fmt.Fprintf(&b, " mflags:%x mask:%x ignored_mask:%x \n", flags, m.Mask, m.Ignore)
	})
	return b.String()
}

// kernelDev is a device in the kernel's own form: major and minor of 12 and 20 bits.
func kernelDev(dev uint64) uint32 { return unix.Major(dev)<<20 | unix.Minor(dev) }
