// SPDX-License-Identifier: Apache-2.0

// Package getpgrp tests getpgrp from Go: a child is in its parent's group unless it asks for another.
package getpgrp

import (
	"fmt"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("of_children", "", ofChildren)
	harness.Child("getpgrp.child", func([]string) int {
		fmt.Print(unix.Getpgrp())
		return 0
	})
}

func ofChildren(t *harness.T) {
	t.Equal("case", unix.Getpgrp(), unix.Getpid())
	for _, own := range []bool{false, true} {
		cmd := harness.Command("getpgrp.child")
		cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: own}
		out, err := cmd.Output()
		t.Must("child", err)
		want := fmt.Sprint(unix.Getpgrp())
		if own {
			want = fmt.Sprint(cmd.Process.Pid)
		}
		t.Equal(fmt.Sprint("own group ", own), string(out), want)
	}
}
