// SPDX-License-Identifier: Apache-2.0

// Package quotactl_fd tests quotactl_fd from Go: what has no quotas says so, whatever it is.
package quotactl_fd

import (
	"os"
	"strconv"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("kinds_of_files", "root", run) }

func run(t *harness.T) {
	for _, path := range []string{"/proc/self/stat", "/dev/null", "/dev/shm", "/sys"} {
		f, err := os.Open(path)
		t.Must(path, err)
		for _, cmd := range []uintptr{0x80000100, 0x80000400, 0x80000500, 0x580500, 0x580800} {
			_, _, errno := unix.Syscall6(unix.SYS_QUOTACTL_FD, f.Fd(), cmd, 0, 0, 0, 0)
			t.ObserveErr(path+" "+strconv.FormatUint(uint64(cmd), 16), errno)
		}
		f.Close()
	}
}
