// SPDX-License-Identifier: Apache-2.0

// Package rt_sigaction tests rt_sigaction from Go: what a shell that traps and ignores signals hands to the programs that it starts.
package rt_sigaction

import (
	"os/exec"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("traps_of_a_shell", "", trapsOfAShell)
}

func trapsOfAShell(t *harness.T) {
	out, err := exec.Command("/bin/sh", "-c", `trap 'echo usr1' USR1
trap '' USR2
trap 'echo exit' EXIT
kill -USR1 $$
kill -USR2 $$
sh -c 'kill -USR2 $$; echo ignored here too'
sh -c 'kill -USR1 $$; echo not reached'
echo $?
grep SigIgn /proc/self/status`).CombinedOutput()
	t.ObserveErr("shell", err)
	t.Observe("output", "%s", out)
}
