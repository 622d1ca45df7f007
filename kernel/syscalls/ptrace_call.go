// SPDX-License-Identifier: Apache-2.0

// The requests of ptrace(2) about the system call that a tracee stands at:
// PTRACE_GET_SYSCALL_INFO and PTRACE_SET_SYSCALL_INFO.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// struct ptrace_syscall_info: a head of op, flags, arch, ip and sp, and what
// the stop fills in behind it.
const (
	syscallInfoHead   = 24
	syscallInfoSize   = 88
	ptraceSetCallInfo = 0x4212 // PTRACE_SET_SYSCALL_INFO, Linux 6.16
)

// ptraceSyscallInfo is PTRACE_GET_SYSCALL_INFO: struct ptrace_syscall_info as
// far as the stop fills it in.
func ptraceSyscallInfo(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	r := x.Regs()
	op := x.SyscallStop()
	b := make([]byte, syscallInfoHead, syscallInfoSize)
	b[0] = op
	le.PutUint32(b[4:], unix.AUDIT_ARCH_X86_64)
	le.PutUint64(b[8:], r.Rip)
	le.PutUint64(b[16:], r.Rsp)
	switch op {
	case unix.PTRACE_SYSCALL_INFO_ENTRY, unix.PTRACE_SYSCALL_INFO_SECCOMP:
		for _, v := range []uint64{uint64(int64(int32(r.Orig_rax))), r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9} {
			b = le.AppendUint64(b, v)
		}
		if op == unix.PTRACE_SYSCALL_INFO_SECCOMP {
			b = le.AppendUint32(b, uint32(x.Message()))
		}
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		b = le.AppendUint64(b, r.Rax)
		failed := byte(0)
		if e := -int64(r.Rax); e > 0 && e < 4096 {
			failed = 1
		}
		b = append(b, failed)
	}
	return ptracePutSized(t, a, b)
}

// ptraceSetSyscallInfo is PTRACE_SET_SYSCALL_INFO: the call's number and
// arguments at its entry, its result at its exit. EINVAL, ERANGE.
func ptraceSetSyscallInfo(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr < syscallInfoSize {
		return 0, unix.EINVAL
	}
	var b [syscallInfoSize]byte
	if _, err := t.Memory().CopyIn(user.Addr(a.data), b[:]); err != nil {
		return 0, err
	}
	op := x.SyscallStop()
	if le.Uint32(b[:])>>8 != 0 || b[0] != op {
		return 0, unix.EINVAL // reserved bits, or another kind of stop
	}
	r := x.Regs()
	word := func(i int) uint64 { return le.Uint64(b[syscallInfoHead+8*i:]) }
	switch op {
	case unix.PTRACE_SYSCALL_INFO_ENTRY, unix.PTRACE_SYSCALL_INFO_SECCOMP:
		nr := int32(word(0))
		if uint64(int64(nr)) != word(0) {
			return 0, unix.ERANGE
		}
		r.Orig_rax = word(0)
		if nr != -1 {
			r.Rdi, r.Rsi, r.Rdx, r.R10, r.R8, r.R9 = word(1), word(2), word(3), word(4), word(5), word(6)
		}
	case unix.PTRACE_SYSCALL_INFO_EXIT:
		// An error of 0 is none, and so is the result that comes with it.
		r.Rax = word(0)
	default:
		return 0, unix.EINVAL
	}
	return 0, x.SetRegs(&r)
}
