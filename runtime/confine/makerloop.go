// SPDX-License-Identifier: Apache-2.0

// This file is the maker of network namespaces, and the agents that it makes: one process for each namespace, which lives in it.
//
// They are forks of the kernel process, made before it reads anything of the application's, that never execute a program: a few hundred
// bytes of memory of their own each, ready in the time that a fork takes. What runs after such a fork must do without
// Go's runtime, as the syscall package's own between fork and exec: no allocation, no stack that grows, no pointer written.
//
// A maker is root of a user namespace in which there is nothing but what it makes; its root file system is the host's /proc,
// whose files about the network it hands out. It and its agents have filters (makerProgram, agentProgram).

package confine

import (
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Names, which end with a zero byte.
var (
	pathRoot   = [...]byte{'/', 0}
	pathHere   = [...]byte{'.', 0}
	pathProc   = [...]byte{'/', 'p', 'r', 'o', 'c', 0}
	pathNS     = [...]byte{'/', 's', 'e', 'l', 'f', '/', 'n', 's', '/', 'n', 'e', 't', 0}
	pathNet    = [...]byte{'/', 's', 'e', 'l', 'f', '/', 'n', 'e', 't', 0}
	pathSysctl = [...]byte{'/', 's', 'y', 's', '/', 'n', 'e', 't', 0}
)

const (
	agentFlags = uintptr(unix.CLONE_NEWNET) | uintptr(unix.SIGCHLD)
	here       = ^uintptr(unix.AT_FDCWD*-1 - 1) // AT_FDCWD
)

// Pages, and what the Go runtime reserves for its heap at a time, and so aligned.
const (
	page  = uintptr(4 << 10)
	arena = uintptr(64 << 20)
)

// fork makes the maker. It returns in the kernel process only.
//
// Of the arena of Go's heap the maker gets no more than the stack that it runs on. The rest would be of no use to it, would stay in memory with
// it, and its sharing would cost the kernel process a page fault for each page that it writes again.
//
//go:nosplit
//go:norace
func fork(flags uintptr) syscall.Errno {
	m := &memory
	stack := uintptr(unsafe.Pointer(&flags)) &^ (page - 1)
	start := stack &^ (arena - 1)
	low, high := max(stack-2*page, start), min(stack+2*page, start+arena)
	call4(unix.SYS_MADVISE, start, low-start, unix.MADV_DONTFORK, 0)
	call4(unix.SYS_MADVISE, high, start+arena-high, unix.MADV_DONTFORK, 0)
	// No handler of Go's may run in the child.
	call4(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&m.signals)), uintptr(unsafe.Pointer(&m.oldSignals)), 8)
	pid, errno := call4(unix.SYS_CLONE, flags, 0, uintptr(unsafe.Pointer(&m.pidfd)), 0)
	if errno == 0 && pid == 0 {
		runMaker()
	}
	call4(unix.SYS_MADVISE, start, arena, unix.MADV_DOFORK, 0)
	call4(unix.SYS_RT_SIGPROCMASK, unix.SIG_SETMASK, uintptr(unsafe.Pointer(&m.oldSignals)), 0, 8)
	return errno
}

//go:nosplit
//go:norace
func call4(nr, a, b, c, d uintptr) (uintptr, syscall.Errno) {
	r, _, errno := syscall.RawSyscall6(nr, a, b, c, d, 0, 0)
	return r, errno
}

// must ends the process when a call fails.
//
//go:nosplit
//go:norace
func must(nr, a, b, c, d, e uintptr) uintptr {
	r, _, errno := syscall.RawSyscall6(nr, a, b, c, d, e, 0)
	if errno != 0 {
		syscall.RawSyscall6(unix.SYS_EXIT_GROUP, uintptr(errno), 0, 0, 0, 0, 0)
	}
	return r
}

// runMaker is the maker's life. Descriptor 0 is its socket, and the only one.
//
//go:nosplit
//go:norace
func runMaker() {
	m := &memory
	must(unix.SYS_DUP2, m.socket, 0, 0, 0, 0)
	must(unix.SYS_CLOSE_RANGE, 1, uintptr(^uint32(0)), 0, 0, 0)
	if must(unix.SYS_READ, 0, uintptr(unsafe.Pointer(&m.data)), 1, 0, 0) == 0 {
		must(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0)
	}
	call4(unix.SYS_SETGROUPS, 0, 0, 0, 0)
	must(unix.SYS_SETRESGID, 0, 0, 0, 0, 0)
	must(unix.SYS_SETRESUID, 0, 0, 0, 0, 0)
	must(unix.SYS_MOUNT, 0, uintptr(unsafe.Pointer(&pathRoot)), 0, unix.MS_REC|unix.MS_PRIVATE, 0)
	must(unix.SYS_MOUNT, uintptr(unsafe.Pointer(&pathProc)), uintptr(unsafe.Pointer(&pathProc)), 0, unix.MS_BIND|unix.MS_REC, 0)
	must(unix.SYS_CHDIR, uintptr(unsafe.Pointer(&pathProc)), 0, 0, 0, 0)
	must(unix.SYS_PIVOT_ROOT, uintptr(unsafe.Pointer(&pathHere)), uintptr(unsafe.Pointer(&pathHere)), 0, 0, 0)
	must(unix.SYS_UMOUNT2, uintptr(unsafe.Pointer(&pathHere)), unix.MNT_DETACH, 0, 0, 0)
	must(unix.SYS_CHDIR, uintptr(unsafe.Pointer(&pathRoot)), 0, 0, 0, 0)
	must(unix.SYS_RT_SIGACTION, uintptr(unix.SIGCHLD), uintptr(unsafe.Pointer(&m.ignore)), 0, 8, 0)
	must(unix.SYS_PRCTL, unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)
	must(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&m.maker)), 0, 0)
	for receive() {
		if m.rights.size != sizeofRights+4 {
			continue
		}
		socket := uintptr(m.rights.fds[0])
		pid, errno := call4(unix.SYS_CLONE, agentFlags, 0, 0, 0)
		if errno == 0 && pid == 0 {
			runAgent(socket)
		}
		if errno != 0 {
			m.data.words[0] = int32(errno)
			send(socket, 0, 0)
		}
		must(unix.SYS_CLOSE, socket, 0, 0, 0, 0)
	}
	must(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0)
}

// The requests that an agent answers, besides that for a socket, which begins with its family (kernel/netns).
const (
	askOpen = -1 // of a file of /proc/sys/net
	askList = -2 // of the names in a directory there
)

// runAgent is the life of the process in a namespace: it first sends the namespace and its directory /proc/net, then makes
// sockets and opens settings until nobody can ask for one any more. Settings are those of the namespace that a process is in when it
// looks for their names, so the kernel process can't open them. They are all that an agent has a name for.
//
//go:nosplit
//go:norace
func runAgent(socket uintptr) {
	m := &memory
	must(unix.SYS_DUP2, socket, 0, 0, 0, 0)
	must(unix.SYS_CLOSE, socket, 0, 0, 0, 0)
	m.rights.fds[0] = int32(must(unix.SYS_OPENAT, here, uintptr(unsafe.Pointer(&pathNS)), unix.O_RDONLY, 0, 0))
	m.rights.fds[1] = int32(must(unix.SYS_OPEN_TREE, here, uintptr(unsafe.Pointer(&pathNet)), unix.OPEN_TREE_CLONE, 0, 0))
	settings := must(unix.SYS_OPEN_TREE, here, uintptr(unsafe.Pointer(&pathSysctl)), unix.OPEN_TREE_CLONE, 0, 0)
	must(unix.SYS_FCHDIR, settings, 0, 0, 0, 0)
	must(unix.SYS_CHROOT, uintptr(unsafe.Pointer(&pathHere)), 0, 0, 0, 0)
	answer(0, 2)
	must(unix.SYS_CLOSE_RANGE, 1, uintptr(^uint32(0)), 0, 0, 0)
	must(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, 0, uintptr(unsafe.Pointer(&m.agent)), 0, 0)
	for receive() {
		switch m.data.words[0] {
		case askOpen:
			answerWith(openSetting(uintptr(m.data.words[1])))
		case askList:
			listSettings()
		default:
			answerWith(call4(unix.SYS_SOCKET, uintptr(m.data.words[0]), uintptr(m.data.words[1]), uintptr(m.data.words[2]), 0))
		}
	}
	must(unix.SYS_EXIT_GROUP, 0, 0, 0, 0, 0)
}

// openSetting opens the name that a request has behind its numbers.
//
//go:nosplit
//go:norace
func openSetting(flags uintptr) (uintptr, syscall.Errno) {
	m := &memory
	m.how.Flags = uint64(flags)
	return call4(unix.SYS_OPENAT2, here, uintptr(unsafe.Pointer(&m.data.bytes)), uintptr(unsafe.Pointer(&m.how)), unix.SizeofOpenHow)
}

// listSettings answers with what a directory has, in getdents64's form. None of these is too long.
//
//go:nosplit
//go:norace
func listSettings() {
	m := &memory
	fd, errno := openSetting(unix.O_RDONLY | unix.O_DIRECTORY)
	if errno != 0 {
		answerWith(0, errno)
		return
	}
	n, errno := call4(unix.SYS_GETDENTS64, fd, uintptr(unsafe.Pointer(&m.data.bytes)), unsafe.Sizeof(m.data.bytes), 0)
	call4(unix.SYS_CLOSE, fd, 0, 0, 0)
	if errno != 0 {
		n = 0
	}
	m.data.words[0] = int32(errno)
	send(0, 0, n)
}

// answerWith answers with a call's result: an error, or a descriptor, which is closed then.
//
//go:nosplit
//go:norace
func answerWith(fd uintptr, errno syscall.Errno) {
	m := &memory
	if errno != 0 {
		answer(errno, 0)
		return
	}
	m.rights.fds[0] = int32(fd)
	answer(0, 1)
	must(unix.SYS_CLOSE, fd, 0, 0, 0, 0)
}

//go:nosplit
//go:norace
func answer(errno syscall.Errno, n uintptr) {
	memory.data.words[0] = int32(errno)
	send(0, n, 0)
}

// receive waits for the next request; false: there is none to come.
//
//go:nosplit
//go:norace
func receive() bool {
	m := &memory
	m.rights.size = 0
	m.message.Controllen = uint64(unsafe.Sizeof(m.rights))
	m.iov.Len = uint64(unsafe.Sizeof(m.data))
	n, errno := call4(unix.SYS_RECVMSG, 0, uintptr(unsafe.Pointer(&m.message)), 0, 0)
	return errno == 0 && n >= sizeofWords
}

// send sends the reply in data, of so many bytes, with the first n descriptors.
//
//go:nosplit
//go:norace
func send(socket, n, bytes uintptr) {
	m := &memory
	m.iov.Len = sizeofWords + uint64(bytes)
	m.message.Controllen = 0
	if n > 0 {
		m.rights.size, m.rights.level, m.rights.kind = uint64(sizeofRights+4*n), unix.SOL_SOCKET, unix.SCM_RIGHTS
		m.message.Controllen = (sizeofRights + 4*uint64(n) + 7) &^ 7
	}
	call4(unix.SYS_SENDMSG, socket, uintptr(unsafe.Pointer(&m.message)), unix.MSG_NOSIGNAL, 0)
}
