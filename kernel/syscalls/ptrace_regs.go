// SPDX-License-Identifier: Apache-2.0

// The requests of ptrace(2) about registers (arch/x86/kernel/ptrace.c).

package syscalls

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/arch"
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

var le = binary.LittleEndian

const (
	regsSize      = 27 * 8 // struct user_regs_struct
	userSize      = 928    // struct user, with what the kernel adds at its end
	userDebugRegs = 848    // u_debugreg in it
	userDebugEnd  = userDebugRegs + 64
)

func regBytes(r *platform.Regs) []byte {
	b, _ := binary.Append(nil, le, r)
	return b
}

func ptraceGetRegs(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	r := x.Regs()
	_, err := t.Memory().CopyOut(user.Addr(a.data), regBytes(&r))
	return 0, err
}

func ptraceSetRegs(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var r platform.Regs
	if err := get(t, user.Addr(a.data), &r); err != nil {
		return 0, err
	}
	return 0, x.SetRegs(&r)
}

func ptracePeekUser(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr%8 != 0 || a.addr >= userSize {
		return 0, unix.EIO
	}
	var v uint64
	switch {
	case a.addr < regsSize:
		r := x.Regs()
		v = le.Uint64(regBytes(&r)[a.addr:])
	case a.addr >= userDebugRegs && a.addr < userDebugEnd:
		v = x.DebugReg(int(a.addr-userDebugRegs) / 8)
	}
	return 0, put64(t, user.Addr(a.data), v)
}

func ptracePokeUser(_ *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	switch {
	case a.addr%8 != 0 || a.addr >= userSize:
		return 0, unix.EIO
	case a.addr < regsSize:
		r := x.Regs()
		b := regBytes(&r)
		le.PutUint64(b[a.addr:], a.data)
		_, _ = binary.Decode(b, le, &r)
		return 0, x.SetRegs(&r)
	case a.addr >= userDebugRegs && a.addr < userDebugEnd:
		return 0, x.SetDebugReg(int(a.addr-userDebugRegs)/8, a.data)
	}
	return 0, unix.EIO
}

func ptraceGetFPRegs(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	fp, err := x.FPState()
	if err != nil {
		return 0, unix.EIO
	}
	_, err = t.Memory().CopyOut(user.Addr(a.data), arch.FPRegs(fp))
	return 0, err
}

func ptraceSetFPRegs(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	p := make([]byte, arch.FXSaveSize)
	if _, err := t.Memory().CopyIn(user.Addr(a.data), p); err != nil {
		return 0, err
	}
	return 0, setFP(x, p, arch.SetFPRegs)
}

func setFP(x task.Tracee, p []byte, set func(fp, p []byte) error) error {
	fp, err := x.FPState()
	if err != nil {
		return unix.EIO
	}
	if err := set(fp, p); err != nil {
		return err
	}
	return x.SetFPState(fp)
}

// regset is a set of registers by its number (elf.h: NT_PRSTATUS, ...), of
// words of 8 bytes.
type regset struct {
	get func(x task.Tracee) ([]byte, error)
	set func(x task.Tracee, p []byte) error
}

var regsets = map[uint64]regset{
	unix.NT_PRSTATUS: {
		get: func(x task.Tracee) ([]byte, error) {
			r := x.Regs()
			return regBytes(&r), nil
		},
		set: func(x task.Tracee, p []byte) error {
			r := x.Regs()
			b := regBytes(&r)
			copy(b, p)
			_, _ = binary.Decode(b, le, &r)
			return x.SetRegs(&r)
		},
	},
	unix.NT_PRFPREG: {
		get: func(x task.Tracee) ([]byte, error) {
			fp, err := x.FPState()
			return arch.FPRegs(fp), err
		},
		set: func(x task.Tracee, p []byte) error { return setFP(x, p, arch.SetFPRegs) },
	},
	unix.NT_X86_XSTATE: {
		get: func(x task.Tracee) ([]byte, error) {
			fp, err := x.FPState()
			if err != nil {
				return nil, err
			}
			if p := arch.XState(fp); p != nil {
				return p, nil
			}
			return nil, unix.ENODEV
		},
		set: func(x task.Tracee, p []byte) error { return setFP(x, p, arch.SetXState) },
	},
	unix.NT_386_IOPERM: {get: func(task.Tracee) ([]byte, error) { return nil, unix.ENXIO }},
	unix.NT_X86_SHSTK: {
		get: func(task.Tracee) ([]byte, error) { return nil, unix.ENODEV },
		set: func(task.Tracee, []byte) error { return unix.ENODEV },
	},
}

// ptraceRegset is PTRACE_GETREGSET and PTRACE_SETREGSET: addr is the set, data
// an iovec, whose length becomes what was moved.
func ptraceRegset(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var iov struct{ Base, Len uint64 }
	if err := get(t, user.Addr(a.data), &iov); err != nil {
		return 0, err
	}
	set, ok := regsets[a.addr]
	if !ok || iov.Len%8 != 0 {
		return 0, unix.EINVAL
	}
	n, err := moveRegset(t, x, &set, a.request == unix.PTRACE_SETREGSET, user.Addr(iov.Base), iov.Len)
	if err != nil {
		return 0, err
	}
	return 0, put64(t, user.Addr(a.data)+8, n)
}

func moveRegset(t *task.Task, x task.Tracee, set *regset, write bool, base user.Addr, length uint64) (uint64, error) {
	now, err := set.get(x)
	if err != nil && !write {
		return 0, err
	}
	if !write {
		n := min(length, uint64(len(now)))
		_, err := t.Memory().CopyOut(base, now[:n])
		return n, err
	}
	if set.set == nil {
		return 0, unix.EOPNOTSUPP
	}
	p := make([]byte, min(length, uint64(max(len(now), 8))))
	if _, err := t.Memory().CopyIn(base, p); err != nil {
		return 0, err
	}
	return uint64(len(p)), set.set(x, p)
}

// ptraceArchPrctl is PTRACE_ARCH_PRCTL: data is the option, addr its argument.
func ptraceArchPrctl(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	r := x.Regs()
	switch a.data {
	case archGetFS:
		return 0, put64(t, user.Addr(a.addr), r.Fs_base)
	case archGetGS:
		return 0, put64(t, user.Addr(a.addr), r.Gs_base)
	case archSetFS:
		r.Fs_base, r.Fs = a.addr, 0
	case archSetGS:
		r.Gs_base, r.Gs = a.addr, 0
	default:
		return 0, unix.EINVAL
	}
	if a.addr >= user.TaskTop {
		return 0, unix.EPERM
	}
	return 0, x.SetRegs(&r)
}

// ptraceThreadArea is PTRACE_GET_THREAD_AREA and PTRACE_SET_THREAD_AREA: addr is
// the descriptor's number, data a struct user_desc.
func ptraceThreadArea(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	n := int(int32(a.addr))
	if n < 0 {
		return 0, unix.EIO
	}
	if a.request == unix.PTRACE_GET_THREAD_AREA {
		d, err := x.ThreadArea(n)
		if err != nil {
			return 0, err
		}
		return 0, put(t, user.Addr(a.data), &d)
	}
	var d abi.UserDesc
	if err := get(t, user.Addr(a.data), &d); err != nil {
		return 0, err
	}
	return 0, x.SetThreadArea(n, d)
}
