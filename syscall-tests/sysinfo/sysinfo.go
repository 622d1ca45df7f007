// SPDX-License-Identifier: Apache-2.0

// Package sysinfo tests sysinfo from Go: against the files of /proc that tell the same.
package sysinfo

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_proc", "", agreesWithProc)
}

func agreesWithProc(t *harness.T) {
	mem := map[string]uint64{}
	b, err := os.ReadFile("/proc/meminfo")
	t.Must("meminfo", err)
	for line := range strings.Lines(string(b)) {
		var name string
		var kb uint64
		if n, _ := fmt.Sscanf(line, "%s %d kB", &name, &kb); n == 2 {
			mem[name] = kb
		}
	}
	var before, s unix.Sysinfo_t
	t.Must("sysinfo", unix.Sysinfo(&before))
	b, err = os.ReadFile("/proc/uptime")
	t.Must("uptime", err)
	t.Must("sysinfo", unix.Sysinfo(&s))
	unit := uint64(s.Unit)
	t.Equal("total memory", s.Totalram*unit/1024, mem["MemTotal:"])
	t.Equal("total swap", s.Totalswap*unit/1024, mem["SwapTotal:"])
	t.Check(mem["MemFree:"] > 0, "MemFree is not there")
	var up float64
	fmt.Sscan(string(b), &up)
	t.Check(int64(up) >= before.Uptime-1 && int64(up) <= s.Uptime, "uptime is %v in /proc, %d and then %d by the call", up, before.Uptime, s.Uptime)
}
