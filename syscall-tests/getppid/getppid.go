// SPDX-License-Identifier: Apache-2.0

// Package getppid tests getppid from Go: in a chain of processes each names the one before.
package getppid

import (
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("chain", "", chain)
	harness.Child("getppid.chain", link)
}

// link prints its pid and its parent's, and starts the next link.
func link(args []string) int {
	n, _ := strconv.Atoi(args[0])
	fmt.Println(unix.Getpid(), unix.Getppid())
	if n == 0 {
		return 0
	}
	out, err := harness.Command("getppid.chain", strconv.Itoa(n-1)).Output()
	fmt.Print(string(out))
	if err != nil {
		return 1
	}
	return 0
}

func chain(t *harness.T) {
	out, err := harness.Command("getppid.chain", "4").Output()
	t.Must("chain", err)
	lines := strings.Split(strings.TrimSpace(string(out)), "\n")
	t.Equal("links", len(lines), 5)
	parent := fmt.Sprint(unix.Getpid())
	for i, line := range lines {
		pid, ppid, _ := strings.Cut(line, " ")
		t.Equal(fmt.Sprint("parent of link ", i), ppid, parent)
		parent = pid
	}
}
