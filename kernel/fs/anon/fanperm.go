// SPDX-License-Identifier: Apache-2.0

// This file is the events of a fanotify group that ask for its permission: who waits for the answer, and how it comes
// (fanotify_get_response, process_access_response).

package anon

import (
	"encoding/binary"
	"slices"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// FanPerms are the events that ask for permission.
const FanPerms = vfs.OpenPerm | vfs.AccessPerm | vfs.OpenExecPerm

// fanPerm is what an event that asks for permission has besides. Fanotify.mu guards it.
type fanPerm struct {
	fd       int32 // the reader's, by which the answer names the event
	answered bool
	response uint32
}

// What an answer is made of.
const (
	fanAudit      = 0x10 // FAN_AUDIT
	fanInfoFlag   = 0x20 // FAN_INFO
	fanErrnoShift = 24
	fanAnswer     = unix.FAN_ALLOW | unix.FAN_DENY
	fanValid      = fanAnswer | fanAudit | fanInfoFlag | 0xff<<fanErrnoShift

	fanResponse  = 8  // bytes of struct fanotify_response
	fanAuditRule = 16 // and of struct fanotify_response_info_audit_rule
)

// AskedAs implements vfs.Asker.
func (g *Fanotify) AskedAs() uint32 {
	return g.flags & (unix.FAN_CLASS_CONTENT | unix.FAN_CLASS_PRE_CONTENT)
}

// Asked implements vfs.Asker.
func (g *Fanotify) Asked(h *vfs.GroupEvent, marks *vfs.Matched) error {
	mask, _ := g.wants(h, marks)
	t, ok := h.Ctx.(*task.Task)
	if mask&FanPerms == 0 || !ok {
		return nil
	}
	e := &fanEvent{mask: mask, who: t.Group(), file: h.File, perm: &fanPerm{fd: fanNoFD}}
	if g.flags&unix.FAN_REPORT_TID != 0 {
		e.thread = t
	}
	if !g.put(e) {
		return nil
	}
	return g.await(t, e)
}

// await waits for the answer. Only a fatal signal ends it before.
func (g *Fanotify) await(t *task.Task, e *fanEvent) error {
	w := wait.Entry{W: t, Mask: wait.All}
	g.answers.Add(&w)
	defer g.answers.Remove(&w)
	for {
		g.mu.Lock()
		answered, response := e.perm.answered, e.perm.response
		g.mu.Unlock()
		if answered {
			return decision(response)
		}
		if err := t.SleepKillable(time.Time{}); err != nil {
			g.mu.Lock()
			g.waiting = slices.DeleteFunc(g.waiting, func(o *fanEvent) bool { return o == e })
			g.mu.Unlock()
			return err
		}
	}
}

// decision is what an answer means for who asked.
func decision(response uint32) error {
	switch errno := unix.Errno(response >> fanErrnoShift); {
	case response&fanAnswer == unix.FAN_ALLOW:
		return nil
	case errno != 0:
		return errno
	}
	return unix.EPERM
}

// answer ends the waiting for an event. Caller holds g.mu.
func (g *Fanotify) answer(e *fanEvent, response uint32) {
	e.perm.answered, e.perm.response = true, response
	g.answers.Notify(wait.All)
}

// delivered notes that the reader has got an event that asks for permission, with a descriptor; one that came without is refused.
func (g *Fanotify) delivered(e *fanEvent, fd int32) {
	g.mu.Lock()
	defer g.mu.Unlock()
	switch {
	case g.closed:
		g.answer(e, unix.FAN_ALLOW)
	case fd < 0:
		g.answer(e, unix.FAN_DENY)
	default:
		e.perm.fd = fd
		g.asked = append(g.asked, e)
	}
}

// letGo allows all that wait: the group ends.
func (g *Fanotify) letGo() {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.closed = true
	for _, e := range append(g.asked, g.waiting...) {
		if e.perm != nil {
			g.answer(e, unix.FAN_ALLOW)
		}
	}
	g.asked = nil
}

// Write implements vfs.FileOps: an answer.
func (g *Fanotify) Write(_ vfs.Ctx, _ *vfs.File, src *user.Buf, _ *int64) (int, error) {
	var b [fanResponse]byte
	if src.Len() < len(b) {
		return 0, unix.EINVAL
	}
	if _, err := src.CopyIn(b[:]); err != nil {
		return 0, err
	}
	fd, response := int32(binary.LittleEndian.Uint32(b[:])), binary.LittleEndian.Uint32(b[4:])
	if err := g.checkAnswer(response); err != nil {
		return 0, err
	}
	n := len(b)
	if response&fanInfoFlag != 0 {
		if err := checkAuditRule(src); err != nil {
			return 0, err
		}
		if n += fanAuditRule; fd == fanNoFD {
			return n, nil
		}
	}
	if fd < 0 {
		return 0, unix.EINVAL
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	i := slices.IndexFunc(g.asked, func(e *fanEvent) bool { return e.perm.fd == fd })
	if i < 0 {
		return 0, unix.ENOENT
	}
	g.answer(g.asked[i], response)
	g.asked = slices.Delete(g.asked, i, i+1)
	return n, nil
}

// checkAnswer is EINVAL for an answer that can't be.
func (g *Fanotify) checkAnswer(response uint32) error {
	errno := unix.Errno(response >> fanErrnoShift)
	switch {
	case response&^fanValid != 0,
		response&fanAudit != 0 && g.flags&unix.FAN_ENABLE_AUDIT == 0:
		return unix.EINVAL
	case response&fanAnswer == unix.FAN_ALLOW && errno == 0:
		return nil
	case response&fanAnswer != unix.FAN_DENY, errno != 0 && g.flags&unix.FAN_CLASS_PRE_CONTENT == 0:
		return unix.EINVAL
	}
	switch errno {
	case 0, unix.EIO, unix.EPERM, unix.EBUSY, unix.ETXTBSY, unix.EAGAIN, unix.ENOSPC, unix.EDQUOT:
		return nil
	}
	return unix.EINVAL
}

// checkAuditRule takes what the audit log is to say of an answer: there is no such log.
func checkAuditRule(src *user.Buf) error {
	var b [fanAuditRule]byte
	if src.Len() != len(b) {
		return unix.EINVAL
	}
	if _, err := src.CopyIn(b[:]); err != nil {
		return err
	}
	const auditRule = 1 // FAN_RESPONSE_INFO_AUDIT_RULE
	if b[0] != auditRule || b[1] != 0 || binary.LittleEndian.Uint16(b[2:]) != fanAuditRule {
		return unix.EINVAL
	}
	return nil
}
