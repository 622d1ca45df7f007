// SPDX-License-Identifier: Apache-2.0

// This file has the calls that the kernel's own trampolines make for probes of user programs. There are no probes here, so
// nobody who calls is on a trampoline. The host lets them through every filter, and answers a site that is not patched itself,
// in the same way.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// uprobe is refused outside of a trampoline.
//
//ditto:syscall uprobe full
func uprobe(t *task.Task) error { return unix.ENXIO }

// uretprobe ends with SIGILL outside of the trampoline; who handles the signal finds -1.
//
//ditto:syscall uretprobe full
func uretprobe(t *task.Task) error {
	t.ForceSignal(&abi.SigInfo{Signo: abi.SIGILL, Code: abi.SI_KERNEL})
	return unix.EPERM // the number of -1
}
