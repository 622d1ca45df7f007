// SPDX-License-Identifier: Apache-2.0

// Package proc is /proc (proc(5)): what the kernel tells of its tasks and of
// itself, in the formats that programs have always parsed.
package proc

import (
	"slices"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Host is what the host tells of itself, as its own files have it. A nil
// function stands for a host that doesn't tell.
type Host struct {
	CPUInfo func() ([]byte, error) // /proc/cpuinfo
	MemInfo func() ([]byte, error) // /proc/meminfo
	Stat    func() ([]byte, error) // /proc/stat
	LoadAvg func() ([]byte, error) // /proc/loadavg
}

// New is the /proc of a kernel, as its first pid namespace sees it.
func New(k *task.Kernel, host Host) *kernfs.FS { return NewIn(k, host, k.FirstPids(), Options{}) }

// NewIn is New for a pid namespace (pid_namespaces(7), "/proc and PID namespaces").
func NewIn(k *task.Kernel, host Host, pids *task.PidNS, o Options) *kernfs.FS {
	s := &system{kernel: k, host: host, pids: pids, boot: bootID()}
	s.options.Store(&o)
	s.makeProcess()
	root := s.root()
	if o.OnlyPids {
		root.Children = slices.DeleteFunc(root.Children, func(e *kernfs.Entry) bool { return e.Name != "self" && e.Name != "thread-self" })
	}
	fs := kernfs.New("proc", unix.PROC_SUPER_MAGIC, root)
	fs.Options, fs.Change = s.showOptions, s.change
	return fs
}

// system makes the files that are about no task.
type system struct {
	kernel *task.Kernel
	pids   *task.PidNS // whose numbers it shows
	host   Host
	boot   string // random/boot_id

	options atomic.Pointer[Options]

	process, thread *kernfs.Entry
	hidden          *kernfs.Entry // a process that the caller must not look into
	settings        sync.Map      // of /proc/sys/net, by path
}

// show is the number by which a task, process group or session is known here; 0 if
// it isn't.
func (s *system) show(pid int32) int32 { return s.kernel.ShowIn(pid, s.pids) }

// subject is what a file below /proc/PID is about: a task, and one of its
// descriptors if fd is not negative.
type subject struct {
	task *task.Task
	fd   vfs.FD
}

var _ kernfs.Subject = subject{}

// Number implements kernfs.Subject.
func (s subject) Number() uint64 { return uint64(uint32(s.task.Pid()))<<20 | uint64(uint32(s.fd+1)) }

// Owner implements kernfs.Subject: the task's effective user; or root, if what
// the task has must not be seen, for all but what everyone may (task_dump_owner).
func (s subject) Owner(mode uint32) (cred.UID, cred.GID) {
	c := s.task.Creds()
	if mode != unix.S_IFDIR|0o555 && s.task.Group().Dumpable() != 1 {
		if uid, gid := c.NS().ToUID(0), c.NS().ToGID(0); uid != cred.NoUID && gid != cred.NoGID {
			return uid, gid
		}
		return 0, 0
	}
	return c.EUID, c.EGID
}

// caller is the task that looks at /proc; nil when it is the kernel itself.
func caller(ctx vfs.Ctx) *task.Task {
	t, _ := ctx.(*task.Task)
	return t
}

// Short forms for the tables.

type text = func(ctx vfs.Ctx, of any) ([]byte, error)

func file(name string, mode uint32, f text) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | mode, Text: f}
}

func dir(name string, children ...*kernfs.Entry) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFDIR | 0o555, Children: children}
}

func link(name string, f func(ctx vfs.Ctx, of any) (string, error)) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFLNK | 0o777, Link: f}
}

// seqFile is one that is read by seq_read, as those of a process and of a network: splice(2) has no use for it.
func seqFile(name string, mode uint32, f text) *kernfs.Entry {
	e := file(name, mode, f)
	e.Plain = true
	return e
}

// constant is a file that always says the same.
func constant(name string, mode uint32, content string) *kernfs.Entry {
	return file(name, mode, func(vfs.Ctx, any) ([]byte, error) { return []byte(content), nil })
}

// ofTask makes a file's content from the task that it is about.
func ofTask(name string, mode uint32, f func(ctx vfs.Ctx, t *task.Task) ([]byte, error)) *kernfs.Entry {
	return seqFile(name, mode, func(ctx vfs.Ctx, of any) ([]byte, error) { return f(ctx, of.(subject).task) })
}
