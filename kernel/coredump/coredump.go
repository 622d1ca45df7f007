// SPDX-License-Identifier: Apache-2.0

// Package coredump writes the core file of a process (core(5)): where
// core_pattern says, as much as RLIMIT_CORE allows, with the mappings that the
// process's coredump_filter names. Package task has it stand still meanwhile,
// package elfcore knows the file's form.
package coredump

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/elfcore"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Write is task.Kernel's DumpCore. As on Linux, a file that was cut short by
// a limit or a full disk is a core file too.
func Write(t *task.Task, c *task.Core) bool {
	limit := t.RLimit(unix.RLIMIT_CORE)
	if limit < task.MinCore || t.MM() == nil {
		return false
	}
	f := create(t, fileName(t, c))
	if f == nil {
		return false
	}
	defer f.DecRef()
	parts := mappings(t)
	defer drop(parts)
	w := writer{t: t, core: c, f: f, left: limit}
	if w.write(head(t, c, parts)) {
		w.memory(parts)
	}
	return true
}

// create makes the file afresh; nil if it may not be written.
func create(t *task.Task, name string) *vfs.File {
	if name == "" {
		return nil
	}
	at := t.FS().At()
	_ = vfs.Unlink(t, at, name)
	f, err := vfs.Open(t, at, name, vfs.OpenHow{
		Flags: unix.O_CREAT | unix.O_EXCL | unix.O_WRONLY | unix.O_NOFOLLOW | unix.O_LARGEFILE, Mode: 0o600, Umask: t.FS().Umask(),
	})
	if err != nil {
		return nil
	}
	// Whoever looks at the file must be the user whose memory it shows.
	a, err := f.Inode.Attr(t)
	if err != nil || a.Nlink > 1 || !a.IsRegular() || a.UID != t.Creds().FSUID || a.Mode&0o677 != 0o600 {
		f.DecRef()
		return nil
	}
	return f
}

// head is what stands before the memory.
func head(t *task.Task, c *task.Core, parts []part) []byte {
	p := process(t, c)
	segments := make([]elfcore.Segment, len(parts))
	for i := range parts {
		s := &parts[i]
		segments[i] = elfcore.Segment{Start: s.Start, End: s.End, Size: s.size, Prot: s.Prot}
		if s.name != "" {
			p.Files = append(p.Files, elfcore.File{Start: s.Start, End: s.End, Off: s.Off, Name: s.name})
		}
	}
	threads := make([]elfcore.Thread, len(c.Threads))
	for i := range threads {
		threads[i] = thread(t, c, &c.Threads[i])
	}
	return elfcore.Head(&p, threads, segments)
}

func process(t *task.Task, c *task.Core) elfcore.Process {
	g, creds := t.Group(), t.Creds()
	i := t.MM().Info()
	p := elfcore.Process{
		UID: creds.NS().ShowUID(creds.RUID), GID: creds.NS().ShowGID(creds.RGID),
		Pid: t.TGID(), Ppid: t.ShowPid(g.ParentID()), Pgrp: t.ShowPid(g.PgrpID()), Sid: t.ShowPid(g.SessionID()),
		Name: t.Comm(), Args: arguments(t, i.ArgStart, i.ArgEnd), SigInfo: c.Info, Auxv: i.Auxv,
	}
	if s := t.SchedParams(); s != nil {
		p.Nice = int8(s.Nice)
	}
	return p
}

// arguments is the command line, with blanks between the arguments.
func arguments(t *task.Task, start, end uint64) string {
	if start >= end {
		return ""
	}
	b := make([]byte, min(end-start, 79))
	n, _ := t.MM().Access(t.Thread(), start, b, false)
	for i := range b[:n] {
		if b[i] == 0 {
			b[i] = ' '
		}
	}
	return string(b[:n])
}

// thread is one thread, as t's pid namespace calls it.
func thread(t *task.Task, c *task.Core, x *task.CoreThread) elfcore.Thread {
	g := t.Group()
	e := elfcore.Thread{
		Tid: t.ShowPid(x.Task.Pid()), Ppid: t.ShowPid(g.ParentID()), Pgrp: t.ShowPid(g.PgrpID()), Sid: t.ShowPid(g.SessionID()),
		Signo: c.Info.Signo, Pending: uint64(x.Pending), Blocked: uint64(x.Blocked),
		Regs: x.Regs, FPRegs: arch.FPRegs(x.FPState), XState: arch.XState(x.FPState),
	}
	own := x.Task.UsageNow()
	group, children := g.Usage()
	if x.Task.IsLeader() {
		own = group
	}
	e.User, e.System, e.ChildUser, e.ChildSystem = own.User, own.System, children.User, children.System
	return e
}

const pageSize = abi.PageSize
