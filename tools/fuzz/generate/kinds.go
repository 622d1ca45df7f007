// SPDX-License-Identifier: Apache-2.0

// This file makes one argument of each kind that the table knows.

package generate

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

// plain is an argument that is no structure.
func (g *calls) plain(s *table.Syscall, a table.Arg) prog.Arg {
	b := g.builder
	switch a.Kind.Name {
	case "fd":
		if b.chance(6) {
			return value(pick(b, -1, 62, 63, 100, unix.AT_FDCWD))
		}
		return b.fd()
	case "dirfd":
		return b.dirfd()
	case "path":
		if b.chance(4) {
			return g.badPointer()
		}
		return b.path()
	case "string":
		return g.string(s.Name)
	case "flags":
		return b.flags(a.Kind.Of)
	case "cmd":
		members := b.t.Sets[a.Kind.Of].Members
		if b.chance(3) {
			return value(pick(b, -1, 77, 1<<20))
		}
		return prog.Arg{Value: int64(pick(b, members...).Value)}
	case "pid":
		if b.chance(60) {
			return b.slot(pidSlots, pidCount)
		}
		return value(pick(b, 0, 0, 0, 99999, 1<<22+1))
	case "uid", "gid":
		return b.id()
	case "signal":
		return value(pick(b, 0, int(unix.SIGUSR1), int(unix.SIGUSR1), int(unix.SIGUSR2), int(unix.SIGCHLD), int(unix.SIGWINCH), int(unix.SIGURG), int(unix.SIGCONT), 34, 50, 64, 65, -1, int(unix.SIGTERM), int(unix.SIGPIPE)))
	case "mode", "octal":
		return b.mode()
	case "dev":
		return value(pick(b, 0, 0, 0x103))
	case "key":
		return value(pick(b, 0, 1, 1, 2))
	case "id":
		if b.chance(80) {
			return b.slot(idSlots, idCount)
		}
		return value(pick(b, 0, -1, 12345))
	case "offset":
		return value(b.offset())
	case "size":
		return value(pick(b, 0, 1, 4, 8, 8, 10, 16, 24, 64, 100, 100, 128, 1000, 1000))
	case "msecs":
		return value(pick(b, 0, 0, 1))
	case "addr":
		if b.chance(50) {
			return g.page()
		}
		return arena(b.room(64))
	case "arg":
		if b.chance(50) {
			return g.scratch()
		}
		return value(pick(b, 0, 1, 2, 3, 10, 100, 4096, -1))
	case "hex":
		return value(pick(b, 0, 0, 0, 0, 1, 2, -1))
	}
	return value(pick(b, 0, 0, 1, 1, 2, 3, 5, 8, 100, -1, 1<<31-1, 1<<31))
}

// scratch is memory of a few small numbers.
func (g *calls) scratch() prog.Arg {
	b := g.builder
	w := make([]int, 8)
	for i := range w {
		w[i] = pick(b, 0, 0, 1, 2, 3, 100)
	}
	return b.words(w...)
}

func (g *calls) badPointer() prog.Arg {
	return value(pick(g.builder, 0, 1, 0x7000dead0000, -4096, 1<<47))
}

func (g *calls) string(call string) prog.Arg {
	b := g.builder
	switch {
	case strings.Contains(call, "xattr"):
		return b.text(pick(b, "user.x", "user.x", "user.y", "trusted.t", "security.s", "nothing", "", "user."))
	case strings.HasPrefix(call, "mq_"):
		return b.text(pick(b, "q1", "q1", "q2", "", "q/1"))
	case call == "symlink" || call == "symlinkat":
		return b.text(pick(b, "a", "d", "l", "nowhere", "", "../a"))
	}
	return b.text(pick(b, "name", "", "a", strings.Repeat("w", 249), strings.Repeat("w", 250)))
}

// bytes is how much memory a structure argument covers.
func (g *calls) bytes(s *table.Syscall, args []prog.Arg, k table.Kind) int {
	size := g.t.Structs[k.Of].Size
	n := 0
	switch {
	case k.Elems > 0:
		return size * k.Elems
	case k.Count >= 0:
		n = size * int(args[k.Count].Value)
	case k.Bytes >= 0:
		n = int(args[k.Bytes].Value)
	case k.BytesAt >= 0:
		n = 128
	default:
		n = size
	}
	return min(max(n, 0), 1100)
}

// pointer is the address of a structure, or now and then a bad one.
func (g *calls) pointer(k table.Kind, n int) prog.Arg {
	b := g.builder
	if b.chance(4) {
		return g.badPointer()
	}
	if b.chance(3) { // where the arena ends
		return arena(b.p.Arena - n/2)
	}
	if k.Dir == table.Out {
		return arena(b.room(max(n, 8)))
	}
	if b.chance(5) {
		return value(0)
	}
	return g.structure(k.Of, n)
}

// structure is memory that a call reads.
func (g *calls) structure(of string, n int) prog.Arg {
	b := g.builder
	sec, nsec := func() int { return pick(b, 0, 1000, 1000000000, -1) }, func() int { return pick(b, 0, 0, 1000, 999999999, 1000000000, -1) }
	switch of {
	case "timespec":
		w := make([]int, 0, 4)
		for len(w)*8 < max(n, 16) {
			w = append(w, 0, pick(b, 0, 1, 1000, 1000000, 1000000000, -1, unix.UTIME_NOW, unix.UTIME_OMIT))
		}
		return b.words(w...)
	case "timeval":
		w := make([]int, 0, 4)
		for len(w)*8 < max(n, 16) {
			w = append(w, 0, pick(b, 0, 1, 1000, 1000000, -1))
		}
		return b.words(w...)
	case "itimerspec", "itimerval":
		// None that runs out while the program runs: when it does is chance.
		return b.words(sec(), nsec(), pick(b, 0, 1000, 1000000000, -1), pick(b, 0, 0, 1000000000, -1))
	case "sigset":
		return b.words(pick(b, 0, 1<<9, 1<<11, 1<<9|1<<11, 1<<16, 1<<33, 1<<27))
	case "sigset_argpack":
		return b.words(int(arenaBase)+int(g.structure("sigset", 8).Value), pick(b, 8, 8, 8, 4))
	case "sigaction":
		return b.words(pick(b, 0, 1), pick(b, 0, 1, 2, 4, 0x10000000, 0x40000000), 0, pick(b, 0, 1<<9))
	case "iovec":
		return g.iovec(max(n/16, 0))
	case "msghdr":
		return b.words(g.msghdr()...)
	case "mmsghdr":
		var w []int
		for range max(min(n/64, 4), 1) {
			w = append(append(w, g.msghdr()...), 0)
		}
		return b.words(w...)
	case "pollfd":
		var w []int
		for range max(n/8, 1) {
			w = append(w, pick(b, -1, 3, 4, 5, 6, 7, 8, 9, 10, 63)&0xffffffff|pick(b, 1, 4, 5, 0x2000, 0xffff, 2)<<32)
		}
		return b.words(w...)
	case "epoll_event":
		return b.ints(pick(b, 1, 4, 5, 1|1<<31, 5|1<<30, 0x2001, 1<<28|1, 0), b.r.IntN(5), 0)
	case "fd_set":
		return b.words(pick(b, 0, 0x8, 0x78, 0x3f8, 0x1, 1<<62))
	case "sockaddr":
		return g.sockaddr()
	case "sigevent":
		return b.words(0, pick(b, 10, 12, 34, 0, 65)|pick(b, 0, 1, 1, 4, 3)<<32, 0, 0, 0, 0, 0, 0)
	case "siginfo":
		return b.words(pick(b, 0, 10, 12), pick(b, -1, -2, -6, 0, 1)&0xffffffff, 0, 7)
	case "open_how":
		return b.words(b.openFlags(), pick(b, 0, 0, 0o644, 0o10000), pick(b, 0, 0, 1, 2, 4, 8, 16, 32, 64))
	case "sembuf":
		var w []int
		for range max(min(n/6, 4), 1) {
			w = append(w, b.r.IntN(3)|pick(b, 0, 1, 1, 2, -1)&0xffff<<16|pick(b, 0x800, 0x800, 0x1800)<<32)
		}
		return b.words(w...)
	case "msgbuf":
		return b.words(pick(b, 1, 2, 0, -1), 0x4142434445464748, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
	case "mq_attr":
		return b.words(pick(b, 0, unix.O_NONBLOCK), pick(b, 1, 4, 10, 0, 11), pick(b, 16, 100, 0, 8192), 0)
	case "rlimit":
		return b.words(pick(b, 0, 10, 64, 1<<20, -1), pick(b, 64, 1<<20, -1, 10))
	case "cap_user_header":
		return b.ints(pick(b, 0x20080522, 0x20080522, 0x19980330, 0x20071026, 0), 0)
	case "buf", "string", "sockopt":
		data := make([]byte, max(n, 4))
		for i := range data {
			data[i] = byte("ABCD\x00\x01"[b.r.IntN(6)])
		}
		if of == "sockopt" {
			data = []byte{byte(pick(b, 0, 1, 2, 100)), byte(pick(b, 0, 0, 16)), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}
		}
		return b.blob(data)
	}
	w := make([]int, (n+7)/8)
	for i := range w {
		w[i] = pick(b, 0, 0, 0, 1, 2, 4, 64, 100)
	}
	return b.words(w...)
}

func (g *calls) iovec(n int) prog.Arg {
	var w []int
	for range min(n, 8) {
		size := pick(g.builder, 0, 1, 10, 100, 300)
		at := arenaBase + g.room(size)
		if g.chance(4) {
			at = 0x7000dead0000
		}
		w = append(w, at, size)
	}
	return g.words(append(w, 0)...)
}

// msghdr is a message with data, and perhaps an address and descriptors.
func (g *calls) msghdr() []int {
	b := g.builder
	name, control, controlLen := 0, 0, 0
	if b.chance(20) {
		name = arenaBase + int(g.sockaddr().Value)
	}
	if b.chance(40) {
		controlLen = pick(b, 24, 24, 20, 64, 16)
		control = arenaBase + int(b.words(20, 1|pick(b, 1, 1, 2)<<32, 3+b.r.IntN(6), 0, 0, 0, 0, 0).Value)
	}
	vec := arenaBase + int(g.iovec(2).Value)
	return []int{name, pick(b, 0, 16, 110), vec, pick(b, 1, 1, 2, 0), control, controlLen, 0}
}

func (g *calls) sockaddr() prog.Arg {
	b := g.builder
	data := make([]byte, 128)
	switch b.r.IntN(5) {
	case 0, 1:
		data[0] = unix.AF_UNIX
		copy(data[2:], pick(b, "s1", "s2", "\x00abs1", "d/s3", "nowhere/s", ""))
	case 2, 3:
		port := pick(b, 2000, 2001, 0, 80)
		data[0], data[2], data[3], data[4], data[7] = unix.AF_INET, byte(port>>8), byte(port), 127, 1
		if b.chance(20) {
			data[4], data[7] = 0, 0
		}
	case 4:
		data[0] = byte(pick(b, 0, unix.AF_INET6, unix.AF_NETLINK, 99))
	}
	return b.blob(data)
}

// tame changes what would make a program wait for long, or end it.
func (g *calls) tame(s *table.Syscall, args []prog.Arg) {
	b := g.builder
	set := func(i int, bits int64) {
		if args[i].Kind == prog.Value && !b.chance(1) {
			args[i].Value |= bits
		}
	}
	switch s.Name {
	case "open":
		set(1, unix.O_NONBLOCK)
	case "openat", "mq_open":
		i := 2
		if s.Name == "mq_open" {
			i = 1
		}
		set(i, unix.O_NONBLOCK)
	case "socket", "socketpair":
		args[1].Value |= unix.SOCK_NONBLOCK
		if b.chance(80) {
			args[0].Value, args[2].Value = int64(pick(b, unix.AF_UNIX, unix.AF_UNIX, unix.AF_INET)), 0
		}
	case "keyctl":
		if capabilities := int64(31); args[0].Value == capabilities { // the host's kernel was built with more
			args[0].Value = 0
		}
	case "statx":
		args[3].Value |= 0x8ff // some give times unasked
	case "accept4":
		set(3, unix.SOCK_NONBLOCK)
	case "timerfd_create", "inotify_init1":
		set(len(args)-1, unix.O_NONBLOCK)
	case "eventfd2", "pipe2":
		set(1, unix.O_NONBLOCK)
	case "signalfd4":
		set(3, unix.O_NONBLOCK)
	case "wait4":
		set(2, unix.WNOHANG)
	case "waitid":
		set(3, unix.WNOHANG)
		if b.chance(50) {
			args[3].Value |= unix.WEXITED
		}
	case "flock":
		set(1, unix.LOCK_NB)
	case "fcntl":
		if args[1].Value == unix.F_SETLKW || args[1].Value == unix.F_OFD_SETLKW {
			args[1].Value--
		}
		if hint := int64(1024 + 11); args[1].Value == hint { // F_GET_RW_HINT: anonymous files share the machine's
			args[1].Value = unix.F_GETFD
		}
	case "setrlimit", "prlimit64":
		i := 0
		if s.Name == "prlimit64" {
			i = 1
		}
		if args[i].Kind == prog.Value && args[i].Value == unix.RLIMIT_CPU { // it ends the program by and by
			args[i].Value = unix.RLIMIT_NOFILE
		}
	case "msgsnd", "msgrcv":
		set(len(args)-1, 0o4000)
	case "kill", "tkill", "rt_sigqueueinfo":
		g.tameSignal(args, 0, 1)
	case "tgkill", "rt_tgsigqueueinfo":
		g.tameSignal(args, 0, 2)
	case "pidfd_send_signal":
		args[1] = g.harmless(args[1])
	case "setsockopt", "getsockopt":
		if b.chance(70) {
			args[1].Value = unix.SOL_SOCKET
		}
	case "mmap":
		args[0] = pick(b, value(0), g.page())
		args[3].Value = int64(pick(b, 1, 2, 0x22, 0x21, 3))
	case "mremap":
		args[0], args[4] = g.page(), g.page()
		args[3].Value &^= 1
		args[3].Value |= int64(pick(b, 0, 3))
	case "madvise", "mprotect", "munmap", "msync", "mlock", "munlock", "mlock2", "mseal":
		args[0] = g.page()
		args[1] = value(pick(b, 0, 1, 4096, 8192))
	case "semget":
		args[1] = value(pick(b, 1, 3, 0))
	case "setpriority", "ioprio_set", "getpriority", "ioprio_get":
		// Only of what belongs to the program: a user's processes are the executor's too, natively the machine's.
		users := map[string]int64{"setpriority": 2, "getpriority": 2, "ioprio_set": 3, "ioprio_get": 3}
		if args[0].Value == users[s.Name] {
			args[0].Value--
		}
		if args[1].Kind == prog.Value && args[1].Value < 99999 {
			args[1].Value = 0
		}
	case "close_range":
		args[0], args[1] = value(3+b.r.IntN(10)), value(3+b.r.IntN(20))
	case "fallocate":
		args[2], args[3] = value(pick(b, 0, 1, 4096, 100)), value(pick(b, 0, 1, 4096, 100000))
	case "process_madvise", "process_vm_readv":
		args[0] = b.slot(pidSlots, 1)
	}
}

// tameSignal keeps signals from process 1 and groups that hold it, and deadly ones from who is not alone: how far the
// others come before they die is chance.
func (g *calls) tameSignal(args []prog.Arg, i, signal int) {
	if args[i].Kind == prog.Value && args[i].Value < 99999 {
		args[i] = g.slot(pidSlots, pidCount)
	}
	args[signal] = g.harmless(args[signal])
}

func (g *calls) harmless(signal prog.Arg) prog.Arg {
	if !g.inChild && !g.chance(80) {
		return signal
	}
	return value(pick(g.builder, 0, int(unix.SIGUSR1), int(unix.SIGUSR1), int(unix.SIGUSR2), int(unix.SIGCHLD), int(unix.SIGWINCH), int(unix.SIGURG), -1, 65))
}
