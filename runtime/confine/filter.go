// SPDX-License-Identifier: Apache-2.0

package confine

import (
	"fmt"
	"syscall"
	"unsafe"

	"golang.org/x/sys/unix"
)

// Call is a group of the host's system calls that the kernel process may make.
type Call struct {
	Names string // as SECURITY.md lists them
	Nrs   []uint32
}

// Calls is what the kernel process may ask of the host once it is confined, by
// what it is for. Anything else ends the sandbox with SIGSYS and Go's trace of
// the goroutine that asked: a call that a change needs is added here and in
// SECURITY.md, which a test compares.
//
// What is not here says as much: no execve, no fork, no ptrace, no mount, no sockets but those that its
// networks may have (sockets), no
// open_by_handle_at (which CAP_DAC_READ_SEARCH would allow past the root).
var Calls = []Call{
	{"futex, futex_waitv, sched_yield, nanosleep, clock_nanosleep, restart_syscall", []uint32{
		unix.SYS_FUTEX, unix.SYS_FUTEX_WAITV, unix.SYS_SCHED_YIELD, unix.SYS_NANOSLEEP, unix.SYS_CLOCK_NANOSLEEP, unix.SYS_RESTART_SYSCALL}},
	{"process_vm_readv, process_vm_writev, move_pages", []uint32{
		unix.SYS_PROCESS_VM_READV, unix.SYS_PROCESS_VM_WRITEV, unix.SYS_MOVE_PAGES}},
	{"read, write, readv, writev, pread64, pwrite64, preadv2, pwritev2, lseek, sendfile, copy_file_range", []uint32{
		unix.SYS_READ, unix.SYS_WRITE, unix.SYS_READV, unix.SYS_WRITEV, unix.SYS_PREAD64, unix.SYS_PWRITE64,
		unix.SYS_PREADV2, unix.SYS_PWRITEV2, unix.SYS_LSEEK, unix.SYS_SENDFILE, unix.SYS_COPY_FILE_RANGE}},
	{"openat, openat2, close, fcntl, dup, dup3, ioctl, flock, memfd_create, memfd_secret, pipe2, eventfd2", []uint32{
		unix.SYS_OPENAT, unix.SYS_OPENAT2, unix.SYS_CLOSE, unix.SYS_FCNTL, unix.SYS_DUP, unix.SYS_DUP3, unix.SYS_IOCTL,
		unix.SYS_FLOCK, unix.SYS_MEMFD_CREATE, unix.SYS_MEMFD_SECRET, unix.SYS_PIPE2, unix.SYS_EVENTFD2}},
	{"fstat, newfstatat, statx, fstatfs, statfs, getdents64, readlinkat, faccessat2, fgetxattr, getxattrat, flistxattr, listxattrat, cachestat, umask", []uint32{
		unix.SYS_FSTAT, unix.SYS_NEWFSTATAT, unix.SYS_STATX, unix.SYS_FSTATFS, unix.SYS_STATFS, unix.SYS_GETDENTS64,
		unix.SYS_READLINKAT, unix.SYS_FACCESSAT2, unix.SYS_FGETXATTR, unix.SYS_GETXATTRAT,
		unix.SYS_FLISTXATTR, unix.SYS_LISTXATTRAT, unix.SYS_CACHESTAT, unix.SYS_UMASK}},
	{"ftruncate, fallocate, fsync, fdatasync, syncfs, mkdirat, mknodat, linkat, symlinkat, unlinkat, renameat2, fchmod, fchmodat, fchmodat2, fchown, fchownat, utimensat, fsetxattr, setxattrat, fremovexattr, removexattrat", []uint32{
		unix.SYS_FTRUNCATE, unix.SYS_FALLOCATE, unix.SYS_FSYNC, unix.SYS_FDATASYNC, unix.SYS_SYNCFS, unix.SYS_MKDIRAT, unix.SYS_MKNODAT,
		unix.SYS_LINKAT, unix.SYS_SYMLINKAT, unix.SYS_UNLINKAT, unix.SYS_RENAMEAT2, unix.SYS_FCHMOD, unix.SYS_FCHMODAT,
		unix.SYS_FCHMODAT2, unix.SYS_FCHOWN, unix.SYS_FCHOWNAT, unix.SYS_UTIMENSAT, unix.SYS_FSETXATTR,
		unix.SYS_SETXATTRAT, unix.SYS_FREMOVEXATTR, unix.SYS_REMOVEXATTRAT}},
	{"poll, ppoll, epoll_create1, epoll_ctl, epoll_wait, epoll_pwait, epoll_pwait2", []uint32{
		unix.SYS_POLL, unix.SYS_PPOLL, unix.SYS_EPOLL_CREATE1, unix.SYS_EPOLL_CTL, unix.SYS_EPOLL_WAIT, unix.SYS_EPOLL_PWAIT, unix.SYS_EPOLL_PWAIT2}},
	{"fanotify_init, fanotify_mark, name_to_handle_at", []uint32{unix.SYS_FANOTIFY_INIT, unix.SYS_FANOTIFY_MARK, unix.SYS_NAME_TO_HANDLE_AT}},
	{"accept4, sendmsg, recvmsg, sendto, recvfrom, shutdown, getsockname, getpeername, getsockopt", []uint32{
		unix.SYS_ACCEPT4, unix.SYS_SENDMSG, unix.SYS_RECVMSG, unix.SYS_SENDTO, unix.SYS_RECVFROM, unix.SYS_SHUTDOWN, unix.SYS_GETSOCKNAME,
		unix.SYS_GETPEERNAME, unix.SYS_GETSOCKOPT}},
	{"bind, connect, listen, setsockopt", []uint32{unix.SYS_BIND, unix.SYS_CONNECT, unix.SYS_LISTEN, unix.SYS_SETSOCKOPT}},
	{"pidfd_open, pidfd_send_signal, kill, tgkill, waitid, wait4, getrlimit, prlimit64, getrusage, sched_setaffinity, sched_getaffinity, setpriority, sched_setscheduler, ioprio_set", []uint32{
		unix.SYS_PIDFD_OPEN, unix.SYS_PIDFD_SEND_SIGNAL, unix.SYS_KILL, unix.SYS_TGKILL, unix.SYS_WAITID, unix.SYS_WAIT4,
		unix.SYS_GETRLIMIT, unix.SYS_PRLIMIT64, unix.SYS_GETRUSAGE, unix.SYS_SCHED_SETAFFINITY, unix.SYS_SCHED_GETAFFINITY, unix.SYS_SETPRIORITY,
		unix.SYS_SCHED_SETSCHEDULER, unix.SYS_IOPRIO_SET}},
	{"getpid, gettid, getuid, geteuid, getgid, getegid, uname, sysinfo, arch_prctl, getrandom, capget", []uint32{
		unix.SYS_GETPID, unix.SYS_GETTID, unix.SYS_GETUID, unix.SYS_GETEUID, unix.SYS_GETGID, unix.SYS_GETEGID, unix.SYS_UNAME,
		unix.SYS_SYSINFO, unix.SYS_ARCH_PRCTL, unix.SYS_GETRANDOM, unix.SYS_CAPGET}},
	{"clock_gettime, clock_getres, gettimeofday, adjtimex, clock_adjtime, timer_create, timer_settime, timer_delete, timerfd_create, timerfd_settime, setitimer", []uint32{
		unix.SYS_CLOCK_GETTIME, unix.SYS_CLOCK_GETRES, unix.SYS_GETTIMEOFDAY, unix.SYS_ADJTIMEX, unix.SYS_CLOCK_ADJTIME,
		unix.SYS_TIMER_CREATE, unix.SYS_TIMER_SETTIME, unix.SYS_TIMER_DELETE, unix.SYS_TIMERFD_CREATE, unix.SYS_TIMERFD_SETTIME, unix.SYS_SETITIMER}},
	{"mmap, munmap, mprotect, madvise, mincore, mlock, brk", []uint32{
		unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MADVISE, unix.SYS_MINCORE, unix.SYS_MLOCK, unix.SYS_BRK}},
	{"rt_sigaction, rt_sigprocmask, rt_sigreturn, sigaltstack, exit, exit_group", []uint32{
		unix.SYS_RT_SIGACTION, unix.SYS_RT_SIGPROCMASK, unix.SYS_RT_SIGRETURN, unix.SYS_SIGALTSTACK, unix.SYS_EXIT, unix.SYS_EXIT_GROUP}},
}

// threadFlags are what a clone must have to be a thread of this process.
const threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND | unix.CLONE_THREAD

// sockTypeMask is SOCK_TYPE_MASK.
const sockTypeMask = 0xf

// Offsets in struct seccomp_data.
const (
	dataNr   = 0
	dataArch = 4
	dataArg0 = 16
	dataArg1 = 24
	dataArg2 = 32
)

func load(off uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: off}
}

func ret(action uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action}
}

// jump compares; t and f are how many instructions to skip.
func jump(cond uint16, k uint32, t, f uint8) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_JMP | cond | unix.BPF_K, K: k, Jt: t, Jf: f}
}

// program is the filter. prctl is for naming memory only, as Go's runtime does;
// clone for threads only. Pairs of sockets are connected for good: one of datagrams could be connected to a socket of the host's.
func program() []unix.SockFilter {
	const (
		allow = unix.SECCOMP_RET_ALLOW
		trap  = unix.SECCOMP_RET_TRAP
	)
	prog := append(plain(Calls...),
		jump(unix.BPF_JEQ, unix.SYS_CLONE, 0, 5), load(dataArg0),
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: threadFlags},
		jump(unix.BPF_JEQ, threadFlags, 0, 1), ret(allow), ret(trap))
	prog = append(prog, sockets(trap)...)
	return append(prog,
		jump(unix.BPF_JEQ, unix.SYS_SOCKETPAIR, 0, 6), load(dataArg1),
		unix.SockFilter{Code: unix.BPF_ALU | unix.BPF_AND | unix.BPF_K, K: sockTypeMask},
		jump(unix.BPF_JEQ, unix.SOCK_STREAM, 1, 0), jump(unix.BPF_JEQ, unix.SOCK_SEQPACKET, 0, 1), ret(allow), ret(trap),
		jump(unix.BPF_JEQ, unix.SYS_PRCTL, 0, 3), load(dataArg0),
		jump(unix.BPF_JEQ, unix.PR_SET_VMA, 0, 1), ret(allow),
		ret(trap))
}

// Filter installs the filter in every thread, for good. The process must be in
// no_new_privs mode (DropCapabilities).
func Filter() error {
	prog := program()
	fprog := unix.SockFprog{Len: uint16(len(prog)), Filter: &prog[0]}
	other, _, errno := syscall.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, unix.SECCOMP_FILTER_FLAG_TSYNC, uintptr(unsafe.Pointer(&fprog)))
	if errno != 0 {
		return fmt.Errorf("seccomp: %w", errno)
	}
	if other != 0 {
		return fmt.Errorf("seccomp: thread %d has a filter of its own", other)
	}
	return nil
}
