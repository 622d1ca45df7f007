// SPDX-License-Identifier: Apache-2.0

// Package getrlimit tests getrlimit from Go: every resource as /proc/self/limits shows it.
package getrlimit

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("every_line_of_proc_limits", "", procLimits)
}

// The lines of /proc/self/limits are in the order of the resources' numbers.
func procLimits(t *harness.T) {
	b, err := os.ReadFile("/proc/self/limits")
	t.Must("limits", err)
	lines := strings.Split(strings.TrimSuffix(string(b), "\n"), "\n")
	t.Equal("lines", len(lines), 17)
	t.Observe("heading", "%s", lines[0])
	text := func(v uint64) string {
		if v == unix.RLIM_INFINITY {
			return "unlimited"
		}
		return fmt.Sprint(v)
	}
	for r, line := range lines[1:] {
		if len(line) < 68 {
			t.Fatalf("a short line: %q", line)
		}
		var l unix.Rlimit
		t.Must("getrlimit", unix.Getrlimit(r, &l))
		t.Equal(line[:26], strings.Join(strings.Fields(line[26:68]), " "), text(l.Cur)+" "+text(l.Max))
		t.Observe(fmt.Sprint("name and unit ", r), "%s %s", strings.TrimSpace(line[:26]), strings.TrimSpace(line[68:]))
	}
}
