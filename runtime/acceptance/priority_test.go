// SPDX-License-Identifier: Apache-2.0

// This file is about priorities among the host's work.

package acceptance

import (
	"bytes"
	"fmt"
	"os/exec"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// A command of low priority that has its work done in system calls gives way to the host's other work, natively and in the sandbox: beside
// an ordinary command on the same processor it gets less than a tenth of what that one gets.
func TestLowPriorityGivesWay(t *testing.T) {
	need(t, "taskset")
	var mine unix.CPUSet
	assert.NilError(t, unix.SchedGetaffinity(0, &mine))
	cpu := 0
	for !mine.IsSet(cpu) {
		cpu++
	}
	pinned := []string{"taskset", "-c", fmt.Sprint(cpu)}
	dd := []string{"dd", "if=/dev/urandom", "of=/dev/null", "bs=64k"}
	for name, prefix := range map[string][]string{"natively": nil, "in the sandbox": do().Args} {
		t.Run(name, func(t *testing.T) {
			const blocks = 40_000
			high := command(slices.Concat(pinned, dd, []string{fmt.Sprintf("count=%d", blocks)}))
			assert.NilError(t, high.Start())
			low := command(slices.Concat(pinned, prefix, []string{"nice", "-n", "19"}, dd))
			var said bytes.Buffer
			low.Stderr = &said
			assert.NilError(t, low.Start())
			assert.NilError(t, high.Wait())
			assert.NilError(t, low.Process.Signal(unix.SIGINT)) // dd tells how far it came
			_ = low.Wait()
			got := -1
			_, _ = fmt.Sscanf(said.String(), "%d+", &got)
			assert.Assert(t, got >= 0 && got < blocks/10, "%d blocks, beside %d of an ordinary command\n%s", got, blocks, said.String())
			t.Logf("%d blocks, beside %d", got, blocks)
		})
	}
}

func command(words []string) *exec.Cmd { return exec.Command(words[0], words[1:]...) }
