// SPDX-License-Identifier: Apache-2.0

package acceptance

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// defaultSignals makes every signal that the tests were started with as
// ignored do its default again, so that what the programs of both sides inherit
// does not depend on who started the run (a shell's background job, a service).
func defaultSignals() {
	type sigaction struct{ handler, flags, restorer, mask uint64 }
	const sigIgn = 1
	for signo := uintptr(1); signo <= 64; signo++ {
		var old, dfl sigaction
		_, _, e := unix.RawSyscall6(unix.SYS_RT_SIGACTION, signo, 0, uintptr(unsafe.Pointer(&old)), 8, 0, 0)
		if e == 0 && old.handler == sigIgn {
			unix.RawSyscall6(unix.SYS_RT_SIGACTION, signo, uintptr(unsafe.Pointer(&dfl)), 0, 8, 0, 0)
		}
	}
}
