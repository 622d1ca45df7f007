// SPDX-License-Identifier: Apache-2.0

// Package rt_sigprocmask tests rt_sigprocmask from Go: the mask of a thread, changed set by set, and a signal that waits until it is unblocked.
package rt_sigprocmask

import (
	"os"
	"os/signal"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("blocked_signal_waits", "", blockedSignalWaits)
}

func blockedSignalWaits(t *harness.T) {
	runtime.LockOSThread()
	var set, old unix.Sigset_t
	set.Val[0] = 1 << (unix.SIGUSR1 - 1)
	c := make(chan os.Signal, 1)
	signal.Notify(c, unix.SIGUSR1)
	t.Must("block", unix.PthreadSigmask(unix.SIG_BLOCK, &set, &old))
	t.Must("send", unix.Tgkill(unix.Getpid(), unix.Gettid(), unix.SIGUSR1))
	var pending uint64
	_, _, errno := unix.RawSyscall(unix.SYS_RT_SIGPENDING, uintptr(unsafe.Pointer(&pending)), 8, 0)
	t.ObserveErr("sigpending", errno)
	t.Observe("pending", "%#x", pending)
	select {
	case <-c:
		t.Check(false, "delivered while blocked")
	default:
	}
	t.Must("unblock", unix.PthreadSigmask(unix.SIG_SETMASK, &old, nil))
	t.Observe("delivered", "%v", <-c)
	t.Errno("bad how", unix.PthreadSigmask(17, &set, nil), unix.EINVAL)
}
