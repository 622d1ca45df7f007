// SPDX-License-Identifier: Apache-2.0

// Package rt_sigtimedwait tests rt_sigtimedwait from Go: taking a queued signal in a locked thread, and the timeout.
package rt_sigtimedwait

import (
	"encoding/binary"
	"fmt"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("takes_a_pending_signal", "", takesAPendingSignal)
}

func takesAPendingSignal(t *harness.T) {
	runtime.LockOSThread()
	set := uint64(1)<<(40-1) | 1<<(41-1)
	var old uint64
	unix.RawSyscall6(unix.SYS_RT_SIGPROCMASK, unix.SIG_BLOCK, uintptr(unsafe.Pointer(&set)), uintptr(unsafe.Pointer(&old)), 8, 0, 0)
	var info [128]byte
	wait := func() (int, error) {
		var now unix.Timespec
		r, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGTIMEDWAIT, uintptr(unsafe.Pointer(&set)), uintptr(unsafe.Pointer(&info)), uintptr(unsafe.Pointer(&now)), 8, 0, 0)
		if errno != 0 {
			return -1, errno
		}
		return int(r), nil
	}
	n, err := wait()
	t.ObserveRet("none", n, err)
	t.Must("41", unix.Tgkill(unix.Getpid(), unix.Gettid(), 41))
	t.Must("40", unix.Tgkill(unix.Getpid(), unix.Gettid(), 40))
	for i := range 3 {
		n, err = wait()
		t.ObserveRet(fmt.Sprint("wait ", i), n, err)
		t.Observe(fmt.Sprint("code ", i), "%d", int32(binary.LittleEndian.Uint32(info[8:])))
	}
}
