// SPDX-License-Identifier: Apache-2.0

// This file makes short programs of any system calls, by what the table says of their arguments.

package generate

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

const callArena = 16 << 10

// Calls makes a program of about n system calls.
func Calls(t *table.Table, seed uint64, n, flags int) *prog.Program {
	b := newBuilder(t, seed, callArena, flags|prog.Template|prog.Small)
	g := &calls{builder: b, all: callable(t)}
	b.room(256) // what unprepared pointers point to
	for range 8 {
		g.some = append(g.some, pick(b, g.all...))
	}
	b.call("getpid").Ret = prog.RetPid
	b.store(pidSlots, 1)
	for range 1 + b.r.IntN(4) {
		g.resource()
	}
	for len(b.p.Ops) < n {
		g.step()
	}
	if b.chance(20) {
		b.special(prog.Dump, "dump")
	}
	return b.p
}

type calls struct {
	*builder
	all, some []*table.Syscall
	inChild   bool
}

// callable are the calls that can be made of their arguments' kinds alone.
func callable(t *table.Table) []*table.Syscall {
	var all []*table.Syscall
	for i := range t.Syscalls {
		s := &t.Syscalls[i]
		if _, ok := excluded[s.Name]; !ok && !s.Absent() && !s.NoReturn {
			all = append(all, s)
		}
	}
	return all
}

// excluded are the calls that programs don't make, with the reason.
var excluded = reasons(map[string][]string{
	"an operation of its own makes processes":                     {"fork", "vfork", "clone", "clone3", "execve", "execveat", "exit", "exit_group"},
	"it would take the executor its memory, registers or signals": {"brk", "arch_prctl", "rt_sigreturn", "restart_syscall", "sigaltstack", "set_tid_address", "set_robust_list", "rseq", "rseq_slice_yield", "remap_file_pages", "map_shadow_stack", "seccomp", "ptrace", "modify_ldt", "shmat", "shmdt", "personality", "process_vm_writev", "pkey_mprotect", "uretprobe", "uprobe"},
	"it waits for a signal that does not come":                    {"pause", "rt_sigsuspend"},
	"it is for the machine, and refused":                          {"reboot", "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "swapon", "swapoff", "settimeofday", "clock_settime", "acct", "quotactl", "quotactl_fd", "syslog", "vhangup", "iopl", "ioperm", "adjtimex", "clock_adjtime", "userfaultfd", "sethostname", "setdomainname"},
	"it needs a mount or a namespace of its own":                  {"mount", "umount2", "pivot_root", "setns", "unshare", "open_tree", "open_tree_attr", "move_mount", "fsopen", "fsconfig", "fsmount", "fspick", "mount_setattr", "statmount", "listmount", "listns"},
	"not implemented":                             {"bpf", "perf_event_open"},
	"its rings are memory of its own":             {"io_uring_setup", "io_uring_enter", "io_uring_register", "io_setup", "io_destroy", "io_getevents", "io_submit", "io_cancel", "io_pgetevents"},
	"the answer is the machine's or the moment's": {"getcpu", "sched_getaffinity", "sched_setaffinity", "sysinfo", "sysfs", "ustat", "getrusage", "times", "cachestat", "mincore", "sync", "get_mempolicy", "migrate_pages", "move_pages", "mbind", "set_mempolicy", "set_mempolicy_home_node", "lsm_list_modules", "get_robust_list", "prctl", "clock_nanosleep"},
})

func reasons(of map[string][]string) map[string]string {
	m := map[string]string{}
	for why, names := range of {
		for _, n := range names {
			m[n] = why
		}
	}
	return m
}

// resource opens something to work with.
func (g *calls) resource() {
	b := g.builder
	switch b.r.IntN(12) {
	case 0, 1, 2:
		b.call("openat", prog.Arg{Value: unix.AT_FDCWD, Text: "AT_FDCWD"}, b.text(pick(b, "a", "b", "d/a", "c")), value(unix.O_RDWR|unix.O_CREAT|unix.O_NONBLOCK), value(0o644))
	case 3:
		b.call("open", b.text(pick(b, ".", "d", "d/s")), value(unix.O_RDONLY|unix.O_DIRECTORY), value(0))
	case 4:
		g.pair("pipe2", nil, value(unix.O_NONBLOCK|pick(b, 0, unix.O_CLOEXEC, unix.O_DIRECT)))
		return
	case 5, 6:
		g.pair("socketpair", []prog.Arg{value(unix.AF_UNIX), value(pick(b, unix.SOCK_STREAM, unix.SOCK_DGRAM, unix.SOCK_SEQPACKET) | unix.SOCK_NONBLOCK), value(0)})
		return
	case 7:
		b.call("eventfd2", value(pick(b, 0, 1, 5)), value(unix.EFD_NONBLOCK|pick(b, 0, unix.EFD_SEMAPHORE)))
	case 8:
		b.call("epoll_create1", value(0))
	case 9:
		b.call("timerfd_create", value(pick(b, 0, 1, 7)), value(unix.TFD_NONBLOCK))
	case 10:
		b.call("memfd_create", b.text("m"), value(pick(b, 0, unix.MFD_ALLOW_SEALING)))
	case 11:
		b.call(pick(b, "inotify_init1", "inotify_init1", "socket"), value(unix.IN_NONBLOCK))
		if b.last().Name == "socket" {
			b.last().Args = []prog.Arg{value(pick(b, unix.AF_UNIX, unix.AF_INET)), value(pick(b, unix.SOCK_STREAM, unix.SOCK_DGRAM) | unix.SOCK_NONBLOCK), value(0)}
		}
	}
	b.store(fdSlots, fdCount)
}

// pair is a call that leaves two descriptors in memory.
func (g *calls) pair(name string, before []prog.Arg, after ...prog.Arg) {
	at := g.room(8)
	g.call(name, slices.Concat(before, []prog.Arg{arena(at)}, after)...)
	g.memory = append(g.memory, at, at+4)
}

func (g *calls) step() {
	b := g.builder
	switch {
	case b.chance(8):
		g.resource()
	case b.chance(5) && !g.inChild:
		g.child()
	case b.chance(6):
		g.pages()
	case b.chance(60):
		g.random(pick(b, g.some...))
	default:
		g.random(pick(b, g.all...))
	}
}

// child is a part of the program that a child performs.
func (g *calls) child() {
	b := g.builder
	at := len(b.p.Ops)
	flags := pick(b, 0, 0, unix.CLONE_FILES, unix.CLONE_FS, unix.CLONE_FILES|unix.CLONE_FS)
	if b.chance(85) {
		flags |= unix.CLONE_VM // copying memory is dear
	}
	b.special(prog.Fork, "fork", value(flags), value(pick(b, 0, 0, 1))).Ret = prog.RetPid
	b.store(pidSlots+1, pidCount-1)
	g.inChild = true
	for range 1 + b.r.IntN(4) {
		g.step()
	}
	g.inChild = false
	b.p.Ops[at].Body = len(b.p.Ops) - at - 1
}

// pages are mapped, protected and touched.
func (g *calls) pages() {
	b := g.builder
	n := func() prog.Arg { return value(pick(b, 1, 4096, 4096, 8192, 16384, 0)) }
	switch b.r.IntN(5) {
	case 0:
		b.call("mmap", g.page(), n(), value(pick(b, 0, 1, 3, 3)), value(unix.MAP_FIXED|pick(b, 1, 2, 2)|pick(b, 0, unix.MAP_ANONYMOUS)), b.fd(), value(pick(b, 0, 0, 4096))).Ret = prog.RetOK
	case 1:
		b.call("mprotect", g.page(), n(), value(pick(b, 0, 1, 3, 3)))
	case 2:
		b.special(prog.Poke, "poke", g.page(), arena(b.r.IntN(50)), value(pick(b, 1, 16, 100)))
	case 3:
		at := arena(b.room(128))
		b.special(prog.Peek, "peek", at, g.page(), value(pick(b, 1, 16, 100)))
	case 4:
		b.call("munmap", g.page(), n())
	}
}

func (g *calls) page() prog.Arg {
	b := g.builder
	return prog.Arg{Kind: prog.Pages, Value: int64(b.r.IntN(12)*4096 + pick(b, 0, 0, 0, 0, 1, 4000))}
}

// random is a call with arguments of the right kinds.
func (g *calls) random(s *table.Syscall) {
	b := g.builder
	args := make([]prog.Arg, len(s.Args))
	var norms []prog.Norm
	for i, a := range s.Args {
		args[i] = g.plain(s, a)
	}
	for i, a := range s.Args {
		if a.Kind.Name != "struct" {
			continue
		}
		n := g.bytes(s, args, a.Kind)
		args[i] = g.pointer(a.Kind, n)
		if a.Kind.Dir != table.In && args[i].Kind == prog.Arena {
			if f, ok := forms[a.Kind.Of]; ok {
				norms = append(norms, prog.Norm{Format: f, Offset: int(args[i].Value), Length: max(n, 1)})
			}
		}
	}
	g.tame(s, args)
	op := b.call(s.Name, args...)
	if s.Name == "getrandom" && args[0].Kind == prog.Arena {
		norms = []prog.Norm{{Format: prog.Zero, Offset: int(args[0].Value), Length: int(min(max(args[1].Value, 1), 1100))}}
	}
	if last := len(args) - 1; slices.Contains([]string{"shmctl", "msgctl", "semctl"}, s.Name) && args[last].Kind == prog.Arena {
		norms = []prog.Norm{{Format: prog.IPC, Offset: int(args[last].Value), Length: 120}}
	}
	if s.Name == "name_to_handle_at" { // which handle a file has, and in which mount it is
		for i, length := range map[int]int{2: 136, 3: 8} {
			if args[i].Kind == prog.Arena {
				norms = append(norms, prog.Norm{Format: prog.Zero, Offset: int(args[i].Value), Length: length})
			}
		}
	}
	if lockPI := []int64{6, 8, 13}; s.Name == "futex" && args[0].Kind == prog.Arena && slices.Contains(lockPI, args[1].Value&0x7f) { // leaves a thread's number
		norms = append(norms, prog.Norm{Format: prog.Pids, Offset: int(args[0].Value), Length: 4})
	}
	op.Norms = norms[:min(len(norms), 6)]
	g.finish(s, op)
}

// forms are how the structures that calls answer with are made stable.
var forms = map[string]int{
	"stat": prog.Stat, "statx": prog.Statx, "statfs": prog.Statfs, "dirents": prog.Dirents, "dirents64": prog.Dirents64,
	"timespec": prog.Zero, "timeval": prog.Zero, "timezone": prog.Zero, "itimerspec": prog.Zero, "itimerval": prog.Zero, "time_t": prog.Zero,
	"rusage": prog.Zero, "sysinfo": prog.Zero, "new_utsname": prog.Zero, "siginfo": prog.Siginfo, "sockaddr": prog.Port,
	"timer_t": prog.Zero, "sched_attr": prog.Zero,
}

// serials are the commands of keyctl(2) that answer with a key's number, which is chance.
var serials = []int64{unix.KEYCTL_GET_KEYRING_ID, unix.KEYCTL_JOIN_SESSION_KEYRING, unix.KEYCTL_SEARCH, unix.KEYCTL_GET_PERSISTENT}

// finish says how the result is told and what is kept of it.
func (g *calls) finish(s *table.Syscall, op *prog.Op) {
	b := g.builder
	switch {
	case s.Result == "addr":
		op.Ret = prog.RetOK
	case slices.Contains([]string{"getpid", "gettid", "getppid", "getpgid", "getpgrp", "getsid", "setsid", "wait4", "fcntl_getown"}, s.Name):
		op.Ret = prog.RetPid
	case slices.Contains([]string{"time", "alarm", "semget", "msgget", "shmget", "timer_create", "kcmp", "add_key", "request_key"}, s.Name), s.Name == "keyctl" && slices.Contains(serials, op.Args[0].Value):
		op.Ret = prog.RetOK
	}
	switch s.Name {
	case "mmap", "mremap":
		b.store(addrSlots, addrCount)
	case "semget", "msgget", "shmget", "inotify_add_watch", "epoll_ctl":
		b.store(idSlots, idCount)
	case "open", "openat", "openat2", "creat", "socket", "accept", "accept4", "dup", "dup2", "dup3", "epoll_create", "epoll_create1", "eventfd", "eventfd2",
		"signalfd", "signalfd4", "timerfd_create", "inotify_init", "inotify_init1", "memfd_create", "memfd_secret", "pidfd_open", "pidfd_getfd", "mq_open":
		b.store(fdSlots, fdCount)
	case "pipe", "pipe2", "socketpair":
		if a := op.Args[len(op.Args)-1]; s.Name == "socketpair" && a.Kind == prog.Arena {
			g.memory = append(g.memory, int(a.Value), int(a.Value)+4)
		} else if a := op.Args[0]; a.Kind == prog.Arena {
			g.memory = append(g.memory, int(a.Value), int(a.Value)+4)
		}
	}
	if !g.inChild && !slices.Contains([]string{"kill", "tkill", "tgkill", "rt_sigqueueinfo", "rt_tgsigqueueinfo", "pidfd_send_signal"}, s.Name) && b.chance(10) {
		op.Thread = 1 + b.r.IntN(2)
		op.Async = b.chance(30) && s.Name != "membarrier" // which takes as long as it does
	}
}
