// SPDX-License-Identifier: Apache-2.0

// Package signalfd4 tests signalfd4 from Go: signals to the own thread, by queue and by kill.
package signalfd4

import (
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("reads_what_was_sent", "", reads)
	harness.Case("errors", "", errors)
}

func set(sigs ...unix.Signal) *unix.Sigset_t {
	var s unix.Sigset_t
	for _, sig := range sigs {
		s.Val[0] |= 1 << (sig - 1)
	}
	return &s
}

func reads(t *harness.T) {
	runtime.LockOSThread()
	t.Must("mask", unix.PthreadSigmask(unix.SIG_BLOCK, set(unix.SIGUSR1, unix.SIGUSR2), nil))
	fd, err := unix.Signalfd(-1, set(unix.SIGUSR1, unix.SIGUSR2), unix.SFD_CLOEXEC)
	t.Must("signalfd4", err)
	for _, sig := range []unix.Signal{unix.SIGUSR2, unix.SIGUSR1, unix.SIGUSR2} {
		t.Must("tgkill", unix.Tgkill(unix.Getpid(), unix.Gettid(), sig))
	}
	for i := range 2 {
		var info unix.SignalfdSiginfo
		n, err := unix.Read(fd, (*[unsafe.Sizeof(info)]byte)(unsafe.Pointer(&info))[:])
		t.ObserveRet(fmt.Sprintf("read %d", i), n, err)
		t.Observe(fmt.Sprintf("signal %d", i), "%d code %d", info.Signo, info.Code)
		t.Equal("pid", int(info.Pid), unix.Getpid())
	}
	n, err := harness.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, 0)
	t.ObserveRet("then", n, err)
}

func errors(t *harness.T) {
	_, err := unix.Signalfd(998, set(unix.SIGUSR1), 0)
	t.Errno("closed", err, unix.EBADF)
	_, err = unix.Signalfd(0, set(unix.SIGUSR1), 0)
	t.Errno("not a signalfd", err, unix.EINVAL)
	_, err = unix.Signalfd(-1, set(unix.SIGUSR1), 1)
	t.Errno("bad flags", err, unix.EINVAL)
}
