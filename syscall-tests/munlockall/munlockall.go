// SPDX-License-Identifier: Apache-2.0

// Package munlockall tests munlockall from Go: does it unlock what mlock did, and stop what mlockall began?
package munlockall

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
	harness.Case("undoes_mlock", "", undoes)
	harness.Case("stops_future", "", stops)
}

func undoes(t *harness.T) {
	t.Must("mlock", unix.Mlock(mapped(t, 3, unix.PROT_READ, unix.MAP_PRIVATE)))
	t.Observe("locked", "%d", locked(t))
	t.Must("munlockall", unix.Munlockall())
	t.Observe("unlocked", "%d", locked(t))
}

func stops(t *harness.T) {
	t.Must("mlockall", unix.Mlockall(unix.MCL_FUTURE|unix.MCL_ONFAULT))
	t.Must("munlockall", unix.Munlockall())
	mapped(t, 4, unix.PROT_READ, unix.MAP_PRIVATE)
	t.Observe("new", "%d", locked(t))
}
