// SPDX-License-Identifier: Apache-2.0

// Package close_range tests close_range from Go: what a child process inherits.
package close_range

import (
	"os/exec"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("exec_inherits_the_rest", "", execInheritsTheRest)
	harness.Case("errors", "", errors)
}

func execInheritsTheRest(t *harness.T) {
	t.Put("f")
	for fd := 20; fd < 30; fd++ {
		t.Must("dup", unix.Dup3(t.FD("f", unix.O_RDONLY), fd, 0))
	}
	t.Errno("close_range", harness.Err(unix.SYS_CLOSE_RANGE, 22, 24, 0), 0)
	t.Errno("close_range", harness.Err(unix.SYS_CLOSE_RANGE, 26, 27, unix.CLOSE_RANGE_CLOEXEC), 0)
	cmd := exec.Command("/bin/sh", "-c", "for i in 20 21 22 23 24 25 26 27 28 29; do test -e /proc/self/fd/$i && echo $i; done; exit 0")
	out, err := cmd.Output()
	t.Must("sh", err)
	t.Observe("inherited", "%v", strings.Fields(string(out)))
}

func errors(t *harness.T) {
	call := func(from, to, flags int) error { return harness.Err(unix.SYS_CLOSE_RANGE, from, to, flags) }
	t.Tries(
		harness.Try("backwards", unix.EINVAL, call(500, 400, 0)),
		harness.Try("unknown flag", unix.EINVAL, call(500, 600, 1)),
		harness.Try("unknown flag beside a known one", unix.EINVAL, call(500, 600, unix.CLOSE_RANGE_CLOEXEC|8)),
		harness.Try("nothing open there", 0, call(500, 600, 0)),
		harness.Try("mark nothing", 0, call(500, 600, unix.CLOSE_RANGE_CLOEXEC)),
	)
}
