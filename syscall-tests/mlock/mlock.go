// SPDX-License-Identifier: Apache-2.0

// Package mlock tests mlock from Go: does VmLck follow locking, splitting and unlocking?
package mlock

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
	harness.Case("accounting", "", accounting)
	harness.Case("errors", "", errors)
}

func accounting(t *harness.T) {
	b := mapped(t, 4, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_PRIVATE)
	base := locked(t)
	t.Must("lock", unix.Mlock(b[page:3*page]))
	t.Observe("two pages", "%d", locked(t)-base)
	t.Must("munlock", unix.Munlock(b[page:2*page]))
	t.Observe("one page", "%d", locked(t)-base)
	t.Must("munmap", unix.Munmap(b))
	t.Observe("none", "%d", locked(t)-base)
}

func errors(t *harness.T) {
	for _, r := range [][2]uintptr{{0x10000000000, page}, {0x10000000000, 0}, {1 << 63, page}, {page, ^uintptr(0)}} {
		_, _, errno := unix.Syscall(unix.SYS_MLOCK, r[0], r[1], 0)
		t.ObserveErr(fmt.Sprintf("%#x+%#x", r[0], r[1]), errno)
	}
}
