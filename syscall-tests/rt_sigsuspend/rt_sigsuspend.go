// SPDX-License-Identifier: Apache-2.0

// Package rt_sigsuspend tests rt_sigsuspend from Go: a shell's wait, which suspends until a trapped signal or the child's end.
package rt_sigsuspend

import (
	"os/exec"
	"strings"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("shell_waits", "", shellWaits)
}

func shellWaits(t *harness.T) {
	out, err := exec.Command("/bin/sh", "-c", `trap 'echo trapped' USR1
(kill -USR1 $$; exit 5) &
wait $!
r=$?
[ $r -gt 128 ] && { echo interrupted; wait $!; r=$?; }
echo $r`).CombinedOutput()
	t.ObserveErr("shell", err)
	// The signal may come before the wait, or end it: either way it is trapped once.
	t.Observe("output", "%s", strings.ReplaceAll(string(out), "interrupted\n", ""))
}
