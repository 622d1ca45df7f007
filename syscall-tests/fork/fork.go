// SPDX-License-Identifier: Apache-2.0

// Package fork tests fork from Go: a shell's subshells and pipes.
package fork

import (
	"os/exec"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("subshells", "", subshells)
}

func subshells(t *harness.T) {
	out, err := exec.Command("/bin/sh", "-c", `x=1
(x=2; echo $x)
echo $x
echo a b c | while read first rest; do echo $rest; done
for i in 1 2 3 4 5; do (exit $i); echo $?; done
(:) & wait $!
echo $(echo $(echo nested))`).CombinedOutput()
	t.ObserveErr("shell", err)
	t.Observe("output", "%s", out)
}
