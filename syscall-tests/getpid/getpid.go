// SPDX-License-Identifier: Apache-2.0

// Package getpid tests getpid from Go: a started process has the number that its starter was told.
package getpid

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("started_processes_agree", "", agree)
	harness.Child("getpid.print", func([]string) int {
		fmt.Println(unix.Getpid())
		return 0
	})
}

func agree(t *harness.T) {
	seen := map[string]bool{}
	for range 10 {
		cmd := harness.Command("getpid.print")
		out, err := cmd.StdoutPipe()
		t.Must("pipe", err)
		t.Must("start", cmd.Start())
		b, err := io.ReadAll(out)
		t.Must("read", err)
		t.Equal("pid", strings.TrimSpace(string(b)), fmt.Sprint(cmd.Process.Pid))
		t.Equal("end", harness.Status(cmd), "exit 0")
		seen[string(b)] = true
	}
	t.Observe("distinct", "%d", len(seen))
	self, err := os.Readlink("/proc/self")
	t.Must("/proc/self", err)
	t.Equal("/proc/self", self, fmt.Sprint(unix.Getpid()))
}
