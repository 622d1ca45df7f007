// SPDX-License-Identifier: Apache-2.0

// This file starts the maker of network namespaces, while the kernel process may still make a process; what the maker does
// is in makerloop.go, how it is asked in kernel/netns.

package confine

import (
	"fmt"
	"os"
	"runtime"
	"strconv"
	"strings"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// nobody is who the maker is where there is a choice: a user that owns nothing.
const nobody = 65534

// StartMaker starts the maker, in a user namespace of its own, and returns the socket to ask it by. fresh: this process
// shall have a fresh network namespace, which belongs to the maker's user namespace then, as all that the maker makes.
//
// Such a namespace is why the kernel process needs no capability for its networks: it is the owner of that user namespace, and Linux
// gives the owner, seen from the namespace around it, every capability over what belongs to it, and to nothing else
// (user_namespaces(7)).
func StartMaker(fresh bool) (int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return -1, os.NewSyscallError("socketpair", err)
	}
	pidfd, err := forkMaker(pair[1], fresh)
	unix.Close(pair[1])
	if err == nil {
		err = release(pidfd, pair[0], fresh)
		unix.Close(pidfd)
	}
	if err != nil {
		unix.Close(pair[0])
		return -1, err
	}
	return pair[0], nil
}

// FreshNetwork puts this process into a fresh network namespace of its own user namespace: where no other user namespace can be
// had to own it.
func FreshNetwork() error {
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		fd, err := -1, unix.Unshare(unix.CLONE_NEWNET)
		if err == nil {
			fd, err = unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		}
		if err == nil {
			err = everywhere(unix.SYS_SETNS, uintptr(fd), unix.CLONE_NEWNET)
			unix.Close(fd)
		}
		done <- err
	}()
	return os.NewSyscallError("network namespace", <-done)
}

// forkMaker makes the maker's process, which waits for release. It shares nothing with this one but what it was given.
func forkMaker(socket int, fresh bool) (pidfd int, err error) {
	prepareMaker(socket)
	flags := uintptr(unix.CLONE_NEWUSER | unix.CLONE_NEWNS | unix.CLONE_PIDFD)
	if fresh {
		flags |= unix.CLONE_NEWNET
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	syscall.ForkLock.Lock()
	defer syscall.ForkLock.Unlock()
	if errno := fork(flags); errno != 0 {
		return -1, os.NewSyscallError("clone", errno)
	}
	return int(memory.pidfd), nil
}

// release gives the maker its ids, takes over its network if that was made for this process, and lets it go on.
func release(pidfd, socket int, fresh bool) error {
	pid, err := hostPid(pidfd)
	if err != nil {
		return err
	}
	user := os.Geteuid()
	if user == 0 {
		user = nobody
	}
	// In a user namespace without CAP_SETGID groups must be given up before.
	if os.Geteuid() != 0 {
		_ = os.WriteFile(fmt.Sprintf("/proc/%d/setgroups", pid), []byte("deny"), 0)
	}
	for file, id := range map[string]int{"uid_map": user, "gid_map": os.Getegid()} {
		if err := os.WriteFile(fmt.Sprintf("/proc/%d/%s", pid, file), fmt.Appendf(nil, "0 %d 1", id), 0); err != nil {
			return err
		}
	}
	if fresh {
		if err := everywhere(unix.SYS_SETNS, uintptr(pidfd), unix.CLONE_NEWNET); err != nil {
			return os.NewSyscallError("setns", err)
		}
	}
	_, err = unix.Write(socket, []byte{1})
	return err
}

// hostPid is what the host's /proc calls a process.
func hostPid(pidfd int) (pid int, err error) {
	info, err := os.ReadFile(fmt.Sprintf("/proc/self/fdinfo/%d", pidfd))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(info)) {
		if value, ok := strings.CutPrefix(line, "Pid:"); ok {
			if pid, err := strconv.Atoi(strings.TrimSpace(value)); err == nil && pid > 0 {
				return pid, nil
			}
		}
	}
	return 0, fmt.Errorf("the host's /proc shows another pid namespace")
}

// memory is all that the forked processes write and point to, but for a stack. It is laid out before: they must not allocate, and
// have nothing of Go's heap (fork).
var memory struct {
	socket uintptr
	pidfd  int32

	signals, oldSignals uint64

	message unix.Msghdr
	iov     unix.Iovec
	data    data // of a request or a reply
	rights  rights
	how     unix.OpenHow
	ignore  sigaction

	maker, agent         unix.SockFprog
	makerCode, agentCode [maxCode]unix.SockFilter
}

// maxCode is how long a filter may be.
const maxCode = 256

// data is what a message says, as kernel/netns has it.
type data struct {
	words [4]int32
	bytes [32 << 10]byte
}

const sizeofWords = 16

// rights is a control message with descriptors.
type rights struct {
	size        uint64
	level, kind int32
	fds         [4]int32
}

// sigaction is the host's struct.
type sigaction struct{ handler, flags, restorer, mask uint64 }

const sizeofRights = 16 // without descriptors

func prepareMaker(socket int) {
	m := &memory
	m.socket = uintptr(socket)
	m.signals = ^uint64(0)
	m.iov.Base = (*byte)(unsafe.Pointer(&m.data))
	m.message = unix.Msghdr{Iov: &m.iov, Iovlen: 1, Control: (*byte)(unsafe.Pointer(&m.rights))}
	m.ignore.handler = 1 // SIG_IGN
	m.how.Resolve = unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS
	m.maker, m.agent = filterIn(&m.makerCode, makerProgram()), filterIn(&m.agentCode, agentProgram())
}

// filterIn puts a filter where a forked process has it.
func filterIn(code *[maxCode]unix.SockFilter, program []unix.SockFilter) unix.SockFprog {
	return unix.SockFprog{Len: uint16(copy(code[:len(program)], program)), Filter: &code[0]}
}
