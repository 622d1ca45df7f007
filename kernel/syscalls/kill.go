// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall kill full
func kill(t *task.Task, pid, signo int32) error {
	info := t.UserInfo(int(signo), abi.SI_USER)
	return t.Kill(t.ToPid(pid), int(signo), &info)
}

//ditto:syscall tkill full
func tkill(t *task.Task, pid, signo int32) error {
	if pid <= 0 {
		return unix.EINVAL
	}
	info := t.UserInfo(int(signo), abi.SI_TKILL)
	return t.KillThread(0, t.ToPid(pid), int(signo), &info)
}

//ditto:syscall tgkill full
func tgkill(t *task.Task, tgid, pid, signo int32) error {
	if pid <= 0 || tgid <= 0 {
		return unix.EINVAL
	}
	info := t.UserInfo(int(signo), abi.SI_TKILL)
	return t.KillThread(t.ToPid(tgid), t.ToPid(pid), int(signo), &info)
}

// kernelSigInfo is how much of siginfo_t the kernel keeps.
const kernelSigInfo = 48

// getSigInfo copies in what a sigqueueinfo call sends, as signo. What is
// behind the kernel's part is looked at only if the layout isn't known, and
// must be zero then: E2BIG.
func getSigInfo(t *task.Task, addr user.Addr, signo int32) (info abi.SigInfo, err error) {
	var b [abi.SigInfoSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:kernelSigInfo]); err != nil {
		return info, err
	}
	info.Unmarshal(b[:])
	info.Signo = signo
	if knownLayout(&info) {
		return info, nil
	}
	if _, err := t.Memory().CopyIn(addr+kernelSigInfo, b[kernelSigInfo:]); err != nil {
		return info, err
	}
	for _, v := range b[kernelSigInfo:] {
		if v != 0 {
			return info, unix.E2BIG
		}
	}
	return info, nil
}

// sigCodes is the highest si_code of signals that have codes of their own.
var sigCodes = map[int32]int32{
	abi.SIGILL: 11, abi.SIGFPE: 15, abi.SIGSEGV: 10, abi.SIGBUS: 5, abi.SIGTRAP: 6, abi.SIGCHLD: 6, abi.SIGIO: 6, abi.SIGSYS: 2,
}

// knownLayout is known_siginfo_layout.
func knownLayout(info *abi.SigInfo) bool {
	const (
		nsigpoll   = 6
		siDethread = -7
		siAsyncNL  = -60
	)
	switch code := info.Code; {
	case code == abi.SI_KERNEL, code == siAsyncNL:
		return true
	case code > abi.SI_USER:
		return code <= max(nsigpoll, sigCodes[info.Signo])
	default:
		return code >= siDethread
	}
}

// mayQueue refuses an si_code that only the kernel or kill may send to others.
func mayQueue(t *task.Task, info *abi.SigInfo, self bool) error {
	if (info.Code >= 0 || info.Code == abi.SI_TKILL) && !self {
		return unix.EPERM
	}
	return nil
}

//ditto:syscall rt_sigqueueinfo full
func rtSigqueueinfo(t *task.Task, pid, signo int32, uinfo user.Addr) error {
	info, err := getSigInfo(t, uinfo, signo)
	if err != nil {
		return err
	}
	if err := mayQueue(t, &info, pid == t.TID()); err != nil {
		return err
	}
	return t.KillProcess(t.ToPid(pid), int(signo), &info)
}

//ditto:syscall rt_tgsigqueueinfo full
func rtTgsigqueueinfo(t *task.Task, tgid, pid, signo int32, uinfo user.Addr) error {
	info, err := getSigInfo(t, uinfo, signo)
	if err != nil {
		return err
	}
	if pid <= 0 || tgid <= 0 {
		return unix.EINVAL
	}
	if err := mayQueue(t, &info, pid == t.TID()); err != nil {
		return err
	}
	return t.KillThread(t.ToPid(tgid), t.ToPid(pid), int(signo), &info)
}
