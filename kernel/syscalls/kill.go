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
	return t.Kill(pid, int(signo), &info)
}

//ditto:syscall tkill full
func tkill(t *task.Task, pid, signo int32) error {
	if pid <= 0 {
		return unix.EINVAL
	}
	info := t.UserInfo(int(signo), abi.SI_TKILL)
	return t.KillThread(0, pid, int(signo), &info)
}

//ditto:syscall tgkill full
func tgkill(t *task.Task, tgid, pid, signo int32) error {
	if pid <= 0 || tgid <= 0 {
		return unix.EINVAL
	}
	info := t.UserInfo(int(signo), abi.SI_TKILL)
	return t.KillThread(tgid, pid, int(signo), &info)
}

// getSigInfo copies in what a sigqueueinfo call sends, as signo.
func getSigInfo(t *task.Task, addr user.Addr, signo int32) (info abi.SigInfo, err error) {
	var b [abi.SigInfoSize]byte
	if _, err := t.Memory().CopyIn(addr, b[:]); err != nil {
		return info, err
	}
	info.Unmarshal(b[:])
	info.Signo = signo
	return info, nil
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
	if err := mayQueue(t, &info, pid == t.Pid()); err != nil {
		return err
	}
	return t.KillProcess(pid, int(signo), &info)
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
	if err := mayQueue(t, &info, pid == t.Pid()); err != nil {
		return err
	}
	return t.KillThread(tgid, pid, int(signo), &info)
}
