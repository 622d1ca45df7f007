// SPDX-License-Identifier: Apache-2.0

// Package prlimit64 tests prlimit from Go: every resource's limits set for another process, and read back.
package prlimit64

import (
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("every_resource_of_a_child", "", everyResource)
	harness.Child("prlimit64.wait", func([]string) int {
		var b [1]byte
		unix.Read(0, b[:])
		return 0
	})
}

func everyResource(t *harness.T) {
	cmd := harness.Command("prlimit64.wait")
	in, err := cmd.StdinPipe()
	t.Must("pipe", err)
	t.Must("start", cmd.Start())
	pid := cmd.Process.Pid
	for r := range 16 {
		var old, now unix.Rlimit
		t.Must("read", unix.Prlimit(pid, r, nil, &old))
		lower := unix.Rlimit{Cur: old.Cur / 2, Max: old.Max}
		t.Errno(fmt.Sprint("lower ", r), unix.Prlimit(pid, r, &lower, &now), 0)
		t.Equal(fmt.Sprint("old ", r), now, old)
		t.Errno(fmt.Sprint("read back ", r), unix.Prlimit(pid, r, nil, &now), 0)
		t.Equal(fmt.Sprint("new ", r), now, lower)
		bad := unix.Rlimit{Cur: 2, Max: 1}
		t.Errno(fmt.Sprint("soft above hard ", r), unix.Prlimit(pid, r, &bad, nil), unix.EINVAL)
		t.Errno(fmt.Sprint("restore ", r), unix.Prlimit(pid, r, &old, nil), 0)
	}
	io.WriteString(in, "x")
	t.Observe("child", "%s", harness.Status(cmd))
}
