// SPDX-License-Identifier: Apache-2.0

// This file is the table of /proc/PID and /proc/PID/task/TID.

package proc

import (
	"fmt"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// makeProcess makes /proc/PID, and /proc/PID/task/TID: nearly the same files.
func (s *system) makeProcess() {
	s.thread = &kernfs.Entry{Mode: unix.S_IFDIR | 0o555, Children: s.perTask(false)}
	s.process = &kernfs.Entry{Name: processDir, Mode: unix.S_IFDIR | 0o555, Children: append(s.perTask(true), ofMounts("mountstats", 0o400, mountstats), timensOffsets(),
		&kernfs.Entry{Name: "task", Mode: unix.S_IFDIR | 0o555, Find: s.findThread, List: s.listThreads, Links: threadLinks})}
	s.makeHidden()
}

// makeHidden makes the /proc/PID of a process that must not be looked into: all that is known of it is that it is there.
func (s *system) makeHidden() {
	s.hidden = &kernfs.Entry{
		Mode: s.process.Mode,
		Find: func(vfs.Ctx, any, string) (*kernfs.Entry, any, error) { return nil, nil, unix.EPERM },
		Open: func(vfs.Ctx, any, uint32) (vfs.FileOps, error) { return nil, unix.EPERM },
	}
}

// processDir tells the entry of /proc/PID from others; lookups don't go by it.
const processDir = "[PID]"

// perTask are the files about a process as a whole, or about one thread.
func (s *system) perTask(whole bool) []*kernfs.Entry {
	return []*kernfs.Entry{
		ofMemory("auxv", 0o400, auxv),
		ofTask("cgroup", 0o444, cgroup),
		ofTask("cmdline", 0o444, cmdline),
		comm(),
		coredumpFilter(),
		{Name: "cwd", Mode: unix.S_IFLNK | 0o777, Link: named(cwd), Follow: checked(cwd)},
		ofMemory("environ", 0o400, environ),
		{Name: "exe", Mode: unix.S_IFLNK | 0o777, Link: named(exe), Follow: checked(exe)},
		{Name: "fd", Mode: unix.S_IFDIR | 0o500, Find: findFD(descriptor), List: listFDs(descriptor)},
		{Name: "fdinfo", Mode: unix.S_IFDIR | 0o555, Find: findFD(descriptorInfo), List: listFDs(descriptorInfo)},
		idMap("gid_map", cred.GIDMap),
		ofTask("io", 0o400, ioCounts(whole)),
		ofTask("limits", 0o444, limits),
		ofTask("personality", 0o400, func(_ vfs.Ctx, t *task.Task) ([]byte, error) {
			return fmt.Appendf(nil, "%08x\n", t.Personality()), alive(t)
		}),
		loginUID(),
		ofMemory("maps", 0o444, maps),
		{Name: "mem", Mode: unix.S_IFREG | 0o600, Open: openMem},
		ofWatchedMounts("mountinfo", mountinfo),
		ofWatchedMounts("mounts", mounts),
		s.net(),
		{Name: "ns", Mode: unix.S_IFDIR | 0o511, Children: namespaces()},
		ofTask("oom_score", 0o444, func(vfs.Ctx, *task.Task) ([]byte, error) { return []byte("0\n"), nil }),
		oomScoreAdj(),
		idMap("projid_map", cred.ProjectMap),
		{Name: "root", Mode: unix.S_IFLNK | 0o777, Link: named(root), Follow: checked(root)},
		ofTask("schedstat", 0o444, schedstat),
		ofTask("sessionid", 0o444, sessionID),
		setgroups(),
		ofMemory("smaps", 0o444, smaps),
		ofMemory("smaps_rollup", 0o444, smapsRollup),
		ofTask("stat", 0o444, func(ctx vfs.Ctx, t *task.Task) ([]byte, error) { return s.taskStat(ctx, t, whole) }),
		ofTask("statm", 0o444, statm),
		ofTask("status", 0o444, s.status),
		idMap("uid_map", cred.UIDMap),
		ofTask("wchan", 0o444, func(vfs.Ctx, *task.Task) ([]byte, error) { return []byte("0"), nil }),
	}
}

// ProcessOf is the process of an open /proc/PID, which pidfd_send_signal(2) takes as it
// takes a pidfd; nil for another file.
func ProcessOf(f *vfs.File) *task.ThreadGroup {
	if e, of := kernfs.Opened(f); e != nil && e.Name == processDir {
		return of.(subject).task.Group()
	}
	return nil
}

func (s *system) findThread(_ vfs.Ctx, of any, name string) (*kernfs.Entry, any, error) {
	tid, ok := number(name)
	if ok {
		for _, t := range of.(subject).task.Group().Threads() {
			if s.show(t.Pid()) == tid {
				return s.thread, subject{task: t, fd: -1}, nil
			}
		}
	}
	return nil, nil, unix.ENOENT
}

// threadLinks has a link for each thread: programs count those of theirs by it.
func threadLinks(of any, usual uint32) uint32 {
	return usual + uint32(len(of.(subject).task.Group().Threads()))
}

func (s *system) listThreads(_ vfs.Ctx, of any, emit func(kernfs.Child) bool) error {
	threads := of.(subject).task.Group().Threads()
	for i, t := range threads {
		c := kernfs.Child{Name: strconv.Itoa(int(s.show(t.Pid()))), Key: int64(i), Entry: s.thread, Of: subject{task: t, fd: -1}}
		if !emit(c) {
			return nil
		}
	}
	return nil
}

// mayAccess is ptrace_may_access for reading: what /proc asks before it shows
// a task's memory, descriptors and places (ptrace(2), "access mode checking").
func mayAccess(ctx vfs.Ctx, t *task.Task) error {
	if c := caller(ctx); c == nil || c.Group() == t.Group() {
		return nil
	}
	me, it := ctx.Creds(), t.Creds()
	sameUser := me.FSUID == it.RUID && me.FSUID == it.EUID && me.FSUID == it.SUID
	sameGroup := me.FSGID == it.RGID && me.FSGID == it.EGID && me.FSGID == it.SGID
	if me.CapableIn(it.NS(), unix.CAP_SYS_PTRACE) ||
		sameUser && sameGroup && me.NS() == it.NS() && t.Group().Dumpable() == 1 && it.Permitted&^me.Effective == 0 {
		return nil
	}
	return unix.EACCES
}

// alive is ESRCH for a task that was waited for.
func alive(t *task.Task) error {
	if t.Kernel().Lookup(t.Pid()) != t {
		return unix.ESRCH
	}
	return nil
}

func comm() *kernfs.Entry {
	e := ofTask("comm", 0o644, func(_ vfs.Ctx, t *task.Task) ([]byte, error) {
		return []byte(t.Comm() + "\n"), alive(t)
	})
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		t := of.(subject).task
		if c := caller(ctx); c != nil && c.Group() != t.Group() {
			return unix.EINVAL
		}
		t.SetComm(string(data))
		return nil
	}
	return e
}

func oomScoreAdj() *kernfs.Entry {
	e := ofTask("oom_score_adj", 0o644, func(_ vfs.Ctx, t *task.Task) ([]byte, error) {
		return strconv.AppendInt(nil, int64(t.Group().OOMScoreAdj()), 10), alive(t)
	})
	text := e.Text
	e.Text = func(ctx vfs.Ctx, of any) ([]byte, error) {
		b, err := text(ctx, of)
		return append(b, '\n'), err
	}
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		n, err := parseInt(data)
		g := of.(subject).task.Group()
		switch {
		case err != nil || n < -1000 || n > 1000:
			return unix.EINVAL
		case int32(n) < g.OOMScoreAdj() && !ctx.Creds().Capable(unix.CAP_SYS_RESOURCE):
			return unix.EACCES
		}
		g.SetOOMScoreAdj(int32(n))
		return nil
	}
	return e
}

// cgroup is the control group as the reader sees it.
func cgroup(ctx vfs.Ctx, t *task.Task) ([]byte, error) {
	path := "/"
	if reader, ok := ctx.(*task.Task); ok {
		path = reader.CgroupPath(t.Group())
	}
	return []byte("0::" + path + "\n"), nil
}
