// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// What a stub process may ask of the host, from the stub's text only. Anything
// else, and anything from elsewhere, is a trap. SECURITY.md says what each
// could be used for by an application that jumps into the stub.
var allowed = []uint32{
	unix.SYS_FUTEX, unix.SYS_SCHED_YIELD, unix.SYS_RT_SIGRETURN, // waiting, first for speed
	unix.SYS_MMAP, unix.SYS_MUNMAP, unix.SYS_MPROTECT, unix.SYS_MREMAP, unix.SYS_MADVISE,
	unix.SYS_MINCORE, unix.SYS_MSYNC, unix.SYS_MLOCK, unix.SYS_MLOCK2, unix.SYS_MUNLOCK,
	unix.SYS_MLOCKALL, unix.SYS_MUNLOCKALL, unix.SYS_PKEY_ALLOC, unix.SYS_PKEY_FREE,
	unix.SYS_PKEY_MPROTECT, unix.SYS_RECVMSG, unix.SYS_CLOSE, unix.SYS_SIGALTSTACK,
	unix.SYS_RSEQ, unix.SYS_GETCPU, unix.SYS_EXIT, unix.SYS_EXIT_GROUP,
	unix.SYS_FUTEX_WAITV, unix.SYS_FUTEX_WAKE, unix.SYS_FUTEX_WAIT, unix.SYS_FUTEX_REQUEUE,
	unix.SYS_RESTART_SYSCALL, unix.SYS_CLOCK_GETTIME, unix.SYS_RT_SIGPROCMASK, unix.SYS_MODIFY_LDT,
}

const prFutexHash = 78 // PR_FUTEX_HASH, Linux 6.16

// The flags of the two clones that the stub makes: see stub.c.
const (
	forkFlags = unix.CLONE_PARENT | unix.CLONE_CHILD_CLEARTID | uint32(unix.SIGCHLD)

	threadFlags = unix.CLONE_VM | unix.CLONE_FS | unix.CLONE_FILES | unix.CLONE_SIGHAND |
		unix.CLONE_THREAD | unix.CLONE_SYSVSEM | unix.CLONE_CHILD_CLEARTID
)

// allowedFirst is calls whose first argument is compared, with what it may be.
var allowedFirst = []struct {
	nr     uint32
	values []uint32
}{
	{unix.SYS_CLONE, []uint32{forkFlags, threadFlags}},
	// ARCH_SET_GS and FS, ARCH_GET and SET_CPUID, ARCH_GET_XCOMP_SUPP, ARCH_GET and REQ_XCOMP_PERM and their like for guests,
	// ARCH_MAP_VDSO_64.
	{unix.SYS_ARCH_PRCTL, []uint32{0x1001, 0x1002, 0x1011, 0x1012, 0x1021, 0x1022, 0x1023, 0x1024, 0x1025, 0x2003}},
	{unix.SYS_GETRUSAGE, []uint32{unix.RUSAGE_THREAD, unix.RUSAGE_SELF}},
	{unix.SYS_PRCTL, []uint32{unix.PR_SET_PDEATHSIG, unix.PR_SET_THP_DISABLE, unix.PR_GET_SPECULATION_CTRL, unix.PR_SET_SPECULATION_CTRL,
		unix.PR_SET_MEMORY_MERGE, unix.PR_MCE_KILL, unix.PR_MCE_KILL_GET, unix.PR_SET_TSC, prFutexHash}},
	// The query and every command that there is.
	{unix.SYS_MEMBARRIER, []uint32{0, 1 << 0, 1 << 1, 1 << 2, 1 << 3, 1 << 4, 1 << 5, 1 << 6, 1 << 7, 1 << 8, 1 << 9}},
}

// Offsets in struct seccomp_data.
const (
	dataNr   = 0
	dataArch = 4
	dataIP   = 8
	dataArg0 = 16
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

// filterProgram is the seccomp filter of every stub process.
func filterProgram() []unix.SockFilter {
	const (
		allow = unix.SECCOMP_RET_ALLOW
		trap  = unix.SECCOMP_RET_TRAP
	)
	end := textEnd()
	prog := []unix.SockFilter{
		load(dataArch), jump(unix.BPF_JEQ, unix.AUDIT_ARCH_X86_64, 1, 0), ret(trap),
		load(dataIP + 4), jump(unix.BPF_JEQ, TextBase>>32, 1, 0), ret(trap),
		load(dataIP), jump(unix.BPF_JGE, uint32(end), 0, 1), ret(trap),
		load(dataNr),
	}
	for _, nr := range allowed {
		prog = append(prog, jump(unix.BPF_JEQ, nr, 0, 1), ret(allow))
	}
	for _, c := range allowedFirst {
		n := uint8(len(c.values))
		prog = append(prog, jump(unix.BPF_JEQ, c.nr, 0, 4+2*n),
			load(dataArg0+4), jump(unix.BPF_JEQ, 0, 1, 0), ret(trap), load(dataArg0))
		for _, v := range c.values {
			prog = append(prog, jump(unix.BPF_JEQ, v, 0, 1), ret(allow))
		}
		prog = append(prog, load(dataNr))
		// The skip above must land behind this reload: it does not change nr.
	}
	return append(prog, ret(trap))
}

// Fields of the blob's header, which stands at the start of its text.
func header(i int) uint64 {
	const textOffset = 0x1000 // of the file
	return binary.LittleEndian.Uint64(blob[textOffset+8*i:])
}

const magic = 0x4f5454495442554c

func fastEntry() uint64 { return header(1) }

// textEnd is where the text that may make system calls ends.
func textEnd() uint64 { return header(2) }
