// SPDX-License-Identifier: Apache-2.0

// Package munlock tests munlock from Go: unlocking more than was locked, and what was never.
package munlock

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const page = 4096

func mapped(t *harness.T, pages, prot, flags int) []byte {
	b, err := unix.Mmap(-1, 0, pages*page, prot, flags|unix.MAP_ANONYMOUS)
	t.Must("mmap", err)
	return b
}

// locked is VmLck in kB.
func locked(t *harness.T) (kb int) {
	b, err := os.ReadFile("/proc/self/status")
	t.Must("status", err)
	for line := range strings.Lines(string(b)) {
		if _, err := fmt.Sscanf(line, "VmLck: %d kB", &kb); err == nil {
			return kb
		}
	}
	return -1
}

func init() {
	harness.Case("parts", "", parts)
	harness.Case("never_locked", "", never)
}

func parts(t *harness.T) {
	b := mapped(t, 4, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_SHARED)
	t.Must("mlock", unix.Mlock(b[page:3*page]))
	for i := range 4 {
		t.ObserveErr(fmt.Sprint("page ", i), unix.Munlock(b[i*page:(i+1)*page]))
		t.Observe(fmt.Sprint("after page ", i), "%d", locked(t))
	}
}

func never(t *harness.T) {
	b := mapped(t, 2, unix.PROT_NONE, unix.MAP_PRIVATE)
	t.ObserveErr("munlock", unix.Munlock(b))
	_, _, errno := unix.Syscall(unix.SYS_MUNLOCK, 0x10000000000, page, 0)
	t.Errno("nowhere", errno, unix.ENOMEM)
}
