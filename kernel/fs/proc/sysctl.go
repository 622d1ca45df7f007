// SPDX-License-Identifier: Apache-2.0

// This file is /proc/sys.

package proc

import (
	"crypto/rand"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/aio"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/seccomp"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// setting is a sysctl that can't be changed. Linux's would be writable by
// root: the write answers EACCES at open, as in a container with a read-only /proc/sys.
func setting(name, value string) *kernfs.Entry { return constant(name, 0o444, value+"\n") }

func (s *system) sysctls() *kernfs.Entry {
	all := s.sysctlTree()
	oneLink(all)
	return all
}

// oneLink gives each directory one link, as those of settings have.
func oneLink(e *kernfs.Entry) {
	if e.Mode&unix.S_IFMT == unix.S_IFDIR {
		e.Links = func(any, uint32) uint32 { return 1 }
		for _, c := range e.Children {
			oneLink(c)
		}
	}
}

func (s *system) sysctlTree() *kernfs.Entry {
	return dir("sys",
		dir("fs",
			setting("aio-max-nr", fmt.Sprint(aio.MaxNr)),
			file("aio-nr", 0o444, func(vfs.Ctx, any) ([]byte, error) { return fmt.Appendln(nil, aio.Nr()), nil }),
			dir("epoll", setting("max_user_watches", "1048576")),
			setting("file-max", "9223372036854775807"),
			setting("file-nr", "0\t0\t9223372036854775807"),
			dir("fanotify", setting("max_queued_events", fmt.Sprint(anon.FanotifyMaxEvents)),
				setting("max_user_groups", fmt.Sprint(cred.MaxFanotifyGroups)), setting("max_user_marks", fmt.Sprint(cred.MaxFanotifyMarks))),
			dir("inotify", setting("max_queued_events", fmt.Sprint(anon.InotifyMaxEvents)),
				setting("max_user_instances", fmt.Sprint(cred.MaxInotifyInstances)), setting("max_user_watches", fmt.Sprint(cred.MaxInotifyWatches))),
			setting("lease-break-time", "45"),
			setting("nr_open", "1048576"),
			setting("overflowgid", "65534"),
			setting("overflowuid", "65534"),
			setting("pipe-max-size", "1048576"),
			setting("pipe-user-pages-hard", "0"),
			setting("pipe-user-pages-soft", "16384"),
			setting("protected_fifos", fmt.Sprint(vfs.Protected().FIFOs)),
			setting("protected_hardlinks", fmt.Sprint(vfs.Protected().Hardlinks)),
			setting("protected_regular", fmt.Sprint(vfs.Protected().Regular)),
			setting("protected_symlinks", fmt.Sprint(vfs.Protected().Symlinks)),
			setting("suid_dumpable", "0"),
		),
		dir("kernel", s.kernelSysctls()...),
		s.netSysctls(),
		dir("user",
			userLimit("max_fanotify_groups", cred.FanotifyGroups), userLimit("max_fanotify_marks", cred.FanotifyMarks),
			userLimit("max_inotify_instances", cred.InotifyInstances), userLimit("max_inotify_watches", cred.InotifyWatches)),
		dir("vm",
			setting("max_map_count", "65530"),
			setting("mmap_min_addr", "4096"),
			setting("overcommit_memory", "0"),
			setting("overcommit_ratio", "50"),
			setting("swappiness", "60"),
		),
	)
}

func (s *system) kernelSysctls() []*kernfs.Entry {
	uts := func(name string, of func(task.UTS) string) *kernfs.Entry {
		return file(name, 0o444, func(ctx vfs.Ctx, _ any) ([]byte, error) { return []byte(of(s.uts(ctx).Names()) + "\n"), nil })
	}
	return []*kernfs.Entry{
		setting("cap_last_cap", "40"),
		s.corePattern(),
		setting("core_pipe_limit", "0"),
		s.coreUsesPid(),
		setting("dmesg_restrict", "1"),
		s.name("domainname", func(u *task.UTS) *string { return &u.Domainname }),
		s.name("hostname", func(u *task.UTS) *string { return &u.Nodename }),
		s.ipcLimits("msgmax", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.MsgMax} }),
		s.ipcLimits("msgmnb", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.MsgMnb} }),
		s.ipcLimits("msgmni", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.MsgMni} }),
		setting("io_uring_disabled", "0"),
		setting("io_uring_group", "-1"),
		setting("ngroups_max", "65536"),
		uts("osrelease", func(u task.UTS) string { return u.Release }),
		uts("ostype", func(u task.UTS) string { return u.Sysname }),
		setting("overflowgid", "65534"),
		setting("overflowuid", "65534"),
		setting("perf_event_paranoid", "2"),
		setting("pid_max", fmt.Sprint(task.PidMax)),
		dir("random",
			setting("boot_id", s.boot),
			setting("entropy_avail", "256"),
			setting("poolsize", "256"),
			file("uuid", 0o444, func(vfs.Ctx, any) ([]byte, error) { return []byte(uuid() + "\n"), nil }),
		),
		setting("randomize_va_space", "2"),
		dir("seccomp", setting("actions_avail", seccompActions(seccomp.Allow)), setting("actions_logged", seccompActions(seccomp.Log))),
		s.ipcLimits("sem", func(l *ipc.Limits) []*atomic.Uint64 {
			return []*atomic.Uint64{&l.SemMsl, &l.SemMns, &l.SemOpm, &l.SemMni}
		}),
		s.ipcLimits("shmall", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.ShmAll} }),
		s.ipcLimits("shmmax", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.ShmMax} }),
		s.ipcLimits("shmmni", func(l *ipc.Limits) []*atomic.Uint64 { return []*atomic.Uint64{&l.ShmMni} }),
		setting("tainted", "0"),
		setting("threads-max", "192729"),
		uts("version", func(u task.UTS) string { return u.Version }),
	}
}

// ipcLimits are limits of the ipc namespace of who looks, which its root may change.
func (s *system) ipcLimits(name string, of func(*ipc.Limits) []*atomic.Uint64) *kernfs.Entry {
	limits := func(ctx vfs.Ctx) (*task.IPCNS, []*atomic.Uint64) {
		ns := s.kernel.IPC()
		if t := caller(ctx); t != nil {
			ns = t.IPC()
		}
		return ns, of(&ipc.In(ns).Limits)
	}
	e := file(name, 0o644, func(ctx vfs.Ctx, _ any) ([]byte, error) {
		var words []string
		_, list := limits(ctx)
		for _, l := range list {
			words = append(words, fmt.Sprint(l.Load()))
		}
		return []byte(strings.Join(words, "\t") + "\n"), nil
	})
	e.Store = func(ctx vfs.Ctx, _ any, data []byte) error {
		ns, list := limits(ctx)
		if !ctx.Creds().CapableIn(ns.Owner(), unix.CAP_SYS_ADMIN) && !ctx.Creds().CapableIn(ns.Owner(), unix.CAP_SYS_RESOURCE) {
			return unix.EPERM
		}
		words := strings.Fields(string(data))
		if len(words) == 0 || len(words) > len(list) {
			return unix.EINVAL
		}
		var values []uint64
		for _, w := range words {
			v, err := strconv.ParseUint(w, 0, 64)
			if err != nil || v > 1<<31-1 && !strings.HasPrefix(name, "shm") {
				return unix.EINVAL
			}
			values = append(values, v)
		}
		for i, v := range values {
			list[i].Store(v)
		}
		return nil
	}
	return e
}

// seccompActions are the names of the actions down to the last.
func seccompActions(last seccomp.Action) string {
	var names []string
	for _, a := range seccomp.Actions {
		names = append(names, a.Name())
		if a == last {
			break
		}
	}
	return strings.Join(names, " ")
}

// name is a name of the system that root may change by writing.
func (s *system) name(name string, of func(*task.UTS) *string) *kernfs.Entry {
	e := file(name, 0o644, func(ctx vfs.Ctx, _ any) ([]byte, error) {
		u := s.uts(ctx).Names()
		return []byte(*of(&u) + "\n"), nil
	})
	e.Store = func(ctx vfs.Ctx, _ any, data []byte) error {
		uts := s.uts(ctx)
		if !ctx.Creds().CapableIn(uts.Owner(), unix.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		line, _, _ := strings.Cut(string(data), "\n")
		uts.Change(func(u *task.UTS) { *of(u) = line[:min(len(line), 64)] })
		return nil
	}
	return e
}

// uts is the uts namespace of who looks.
func (s *system) uts(ctx vfs.Ctx) *task.UTSNS {
	if t := caller(ctx); t != nil {
		return t.UTS()
	}
	return s.kernel.UTS()
}

func bootID() string { return uuid() }

// uuid is a random UUID (RFC 4122, version 4).
func uuid() string {
	var b [16]byte
	_, _ = rand.Read(b[:])
	b[6], b[8] = b[6]&0x0f|0x40, b[8]&0x3f|0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
}
