// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"math"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

//ditto:syscall rt_sigsuspend full
func rtSigsuspend(t *task.Task, uset user.Addr, size uint64) error {
	if size != sigsetSize {
		return unix.EINVAL
	}
	set, err := get64(t, uset)
	if err != nil {
		return err
	}
	return t.Suspend(task.SigSet(set))
}

//ditto:syscall rt_sigtimedwait full
func rtSigtimedwait(t *task.Task, uset, uinfo, uts user.Addr, size uint64) (int32, error) {
	if size != sigsetSize {
		return 0, unix.EINVAL
	}
	set, err := get64(t, uset)
	if err != nil {
		return 0, err
	}
	timeout := time.Duration(-1)
	if uts != 0 {
		var ts unix.Timespec
		if err := get(t, uts, &ts); err != nil {
			return 0, err
		}
		if ts.Sec < 0 || ts.Nsec < 0 || ts.Nsec >= 1e9 {
			return 0, unix.EINVAL
		}
		timeout = time.Duration(math.MaxInt64)
		if ts.Sec < math.MaxInt64/int64(time.Second) {
			timeout = time.Duration(ts.Nano())
		}
	}
	var info abi.SigInfo
	if err := t.WaitSignal(task.SigSet(set), timeout, &info); err != nil {
		return 0, err
	}
	if uinfo != 0 {
		var b [abi.SigInfoSize]byte
		info.Marshal(b[:])
		if _, err := t.Memory().CopyOut(uinfo, b[:]); err != nil {
			return 0, err
		}
	}
	return info.Signo, nil
}
