// SPDX-License-Identifier: Apache-2.0

// Package mlockall tests mlockall from Go: flags by table, and new mappings after MCL_FUTURE.
package mlockall

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
	harness.Case("invalid_flags", "", flags)
	harness.Case("future", "", future)
}

func flags(t *harness.T) {
	for _, f := range []int{0, unix.MCL_ONFAULT, 8, 16, -1, unix.MCL_FUTURE | 8} {
		t.ObserveErr(fmt.Sprintf("flags %#x", f), unix.Mlockall(f))
	}
}

// On fault, so that Go's own reservations stay cheap.
func future(t *harness.T) {
	t.Must("mlockall", unix.Mlockall(unix.MCL_FUTURE|unix.MCL_ONFAULT))
	base := locked(t)
	b := mapped(t, 4, unix.PROT_READ, unix.MAP_PRIVATE)
	t.Check(locked(t)-base >= 16, "the new mapping is not locked")
	t.Must("munmap", unix.Munmap(b))
	t.Must("munlockall", unix.Munlockall())
	t.Observe("unlocked", "%d", locked(t))
}
