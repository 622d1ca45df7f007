// SPDX-License-Identifier: Apache-2.0

// ptrace(2): which request does what. ptrace_regs.go has those about registers,
// ptrace_call.go those about system calls.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// ptraceArgs are what a request gets besides the tracee.
type ptraceArgs struct {
	request    int64
	addr, data uint64
}

// ptraceRequests are the requests to a stopped tracee. They end with the
// tracee still stopped; those that let it go on are in ptraceGo.
var ptraceRequests = map[int64]func(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error){
	unix.PTRACE_PEEKTEXT:                         ptracePeek,
	unix.PTRACE_PEEKDATA:                         ptracePeek,
	unix.PTRACE_POKETEXT:                         ptracePoke,
	unix.PTRACE_POKEDATA:                         ptracePoke,
	unix.PTRACE_PEEKUSR:                          ptracePeekUser,
	unix.PTRACE_POKEUSR:                          ptracePokeUser,
	unix.PTRACE_GETREGS:                          ptraceGetRegs,
	unix.PTRACE_SETREGS:                          ptraceSetRegs,
	unix.PTRACE_GETFPREGS:                        ptraceGetFPRegs,
	unix.PTRACE_SETFPREGS:                        ptraceSetFPRegs,
	unix.PTRACE_GETREGSET:                        ptraceRegset,
	unix.PTRACE_SETREGSET:                        ptraceRegset,
	unix.PTRACE_ARCH_PRCTL:                       ptraceArchPrctl,
	unix.PTRACE_GET_THREAD_AREA:                  ptraceThreadArea,
	unix.PTRACE_SET_THREAD_AREA:                  ptraceThreadArea,
	unix.PTRACE_OLDSETOPTIONS:                    ptraceSetOptions,
	unix.PTRACE_SETOPTIONS:                       ptraceSetOptions,
	unix.PTRACE_GETEVENTMSG:                      ptraceGetMessage,
	unix.PTRACE_GETSIGINFO:                       ptraceGetSigInfo,
	unix.PTRACE_SETSIGINFO:                       ptraceSetSigInfo,
	unix.PTRACE_PEEKSIGINFO:                      ptracePeekSigInfo,
	unix.PTRACE_GETSIGMASK:                       ptraceGetMask,
	unix.PTRACE_SETSIGMASK:                       ptraceSetMask,
	unix.PTRACE_LISTEN:                           func(_ *task.Task, x task.Tracee, _ *ptraceArgs) (int, error) { return 0, x.Listen() },
	unix.PTRACE_GET_SYSCALL_INFO:                 ptraceSyscallInfo,
	ptraceSetCallInfo:                            ptraceSetSyscallInfo,
	unix.PTRACE_GET_RSEQ_CONFIGURATION:           ptraceRseq,
	unix.PTRACE_SECCOMP_GET_FILTER:               ptraceFilter,
	unix.PTRACE_SECCOMP_GET_METADATA:             ptraceFilterFlags,
	unix.PTRACE_GET_SYSCALL_USER_DISPATCH_CONFIG: ptraceUserDispatch,
	unix.PTRACE_SET_SYSCALL_USER_DISPATCH_CONFIG: ptraceSetUserDispatch,
}

// ptraceGo are the requests that let the tracee go on.
var ptraceGo = map[int64]task.Resume{
	unix.PTRACE_CONT:              {},
	unix.PTRACE_SYSCALL:           {Syscall: true},
	unix.PTRACE_SINGLESTEP:        {Step: true},
	unix.PTRACE_SINGLEBLOCK:       {Step: true, Block: true},
	unix.PTRACE_SYSEMU:            {Emulate: true},
	unix.PTRACE_SYSEMU_SINGLESTEP: {Emulate: true, Step: true},
}

//ditto:syscall ptrace partial a segment register can't be loaded with a descriptor of PTRACE_SET_THREAD_AREA, which only 32-bit system calls can give to the host: such a selector becomes 0, as it does natively on virtual machines that have no such descriptors
func ptrace(t *task.Task, request, pid int64, addr, data uint64) (int, error) {
	if request == unix.PTRACE_TRACEME {
		return 0, t.TraceMe()
	}
	tid := int32(pid)
	switch request {
	case unix.PTRACE_ATTACH:
		return 0, t.Attach(tid, false, 0)
	case unix.PTRACE_SEIZE:
		return 0, ptraceSeize(t, tid, addr, data)
	case unix.PTRACE_INTERRUPT:
		return 0, t.Interrupt(t.ToPid(tid))
	case unix.PTRACE_KILL:
		return 0, t.KillTracee(t.ToPid(tid))
	}
	x, err := t.Tracee(t.ToPid(tid))
	if err != nil {
		return 0, err
	}
	if how, ok := ptraceGo[request]; ok || request == unix.PTRACE_DETACH {
		if data > task.NSig {
			x.Release()
			return 0, unix.EIO
		}
		if ok {
			x.Resume(how, int32(data))
		} else {
			x.Detach(int32(data))
		}
		return 0, nil
	}
	defer x.Release()
	if f := ptraceRequests[request]; f != nil {
		return f(t, x, &ptraceArgs{request, addr, data})
	}
	return 0, unix.EIO
}

func ptraceSeize(t *task.Task, pid int32, addr, options uint64) error {
	if t.Lookup(pid) == nil {
		return unix.ESRCH
	}
	if addr != 0 || options&^unix.PTRACE_O_MASK != 0 {
		return unix.EIO
	}
	if err := t.CheckPtraceOptions(options); err != nil {
		return err
	}
	return t.Attach(pid, true, options)
}

func ptracePeek(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var b [8]byte
	if _, err := x.Access(a.addr, b[:], false); err != nil {
		return 0, unix.EIO
	}
	_, err := t.Memory().CopyOut(user.Addr(a.data), b[:])
	return 0, err
}

func ptracePoke(_ *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var b [8]byte
	le.PutUint64(b[:], a.data)
	if _, err := x.Access(a.addr, b[:], true); err != nil {
		return 0, unix.EIO
	}
	return 0, nil
}

func ptraceSetOptions(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if err := t.CheckPtraceOptions(a.data); err != nil {
		return 0, err
	}
	x.SetOptions(a.data)
	return 0, nil
}

func ptraceGetMessage(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	return 0, put64(t, user.Addr(a.data), x.Message())
}

func ptraceGetSigInfo(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	info, err := x.SigInfo()
	if err != nil {
		return 0, err
	}
	return 0, putSigInfo(t, user.Addr(a.data), &info)
}

func putSigInfo(t *task.Task, addr user.Addr, info *abi.SigInfo) error {
	var b [abi.SigInfoSize]byte
	info.Marshal(b[:])
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

func ptraceSetSigInfo(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var b [abi.SigInfoSize]byte
	if _, err := t.Memory().CopyIn(user.Addr(a.data), b[:]); err != nil {
		return 0, err
	}
	var info abi.SigInfo
	info.Unmarshal(b[:])
	return 0, x.SetSigInfo(&info)
}

// ptracePeekSigInfo is PTRACE_PEEKSIGINFO: addr is struct ptrace_peeksiginfo_args.
func ptracePeekSigInfo(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	var arg struct {
		Off   uint64
		Flags uint32
		Count int32
	}
	if err := get(t, user.Addr(a.addr), &arg); err != nil {
		return 0, err
	}
	if arg.Flags&^unix.PTRACE_PEEKSIGINFO_SHARED != 0 || arg.Count < 0 {
		return 0, unix.EINVAL
	}
	list := x.Queued(arg.Flags&unix.PTRACE_PEEKSIGINFO_SHARED != 0, arg.Off, int(arg.Count))
	for i := range list {
		if err := putSigInfo(t, user.Addr(a.data)+user.Addr(i*abi.SigInfoSize), &list[i]); err != nil {
			if i > 0 {
				return i, nil
			}
			return 0, err
		}
	}
	return len(list), nil
}

func ptraceGetMask(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr != 8 {
		return 0, unix.EINVAL
	}
	return 0, put64(t, user.Addr(a.data), uint64(x.Mask()))
}

func ptraceSetMask(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	if a.addr != 8 {
		return 0, unix.EINVAL
	}
	set, err := get64(t, user.Addr(a.data))
	if err == nil {
		x.SetMask(task.SigSet(set))
	}
	return 0, err
}

// ptraceRseq is PTRACE_GET_RSEQ_CONFIGURATION: struct ptrace_rseq_configuration.
func ptraceRseq(t *task.Task, x task.Tracee, a *ptraceArgs) (int, error) {
	r := x.RSeq()
	b := le.AppendUint64(nil, uint64(r.Addr))
	b = le.AppendUint32(b, r.Size)
	b = le.AppendUint32(b, r.Signature)
	return ptracePutSized(t, a, le.AppendUint64(b, 0)) // flags: none
}

// ptracePutSized writes as much of b as the caller has room for (addr says how
// much), and returns its whole size.
func ptracePutSized(t *task.Task, a *ptraceArgs, b []byte) (int, error) {
	_, err := t.Memory().CopyOut(user.Addr(a.data), b[:min(uint64(len(b)), a.addr)])
	return len(b), err
}
