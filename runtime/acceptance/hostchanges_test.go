// SPDX-License-Identifier: Apache-2.0

// This file is about changes that others on the host make to a volume: who watches its files in the sandbox hears of them.

package acceptance

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// What others do, a step at a time, in a directory that is watched, with the file and the directory sub in it.
var hostSteps = []string{
	"echo x >> file", "touch new", "chmod 600 file", "mv new newer", "mv newer sub/moved", "mv sub/moved back", "mkdir d", "rmdir d",
	"ln file hard", "rm hard", "mv file renamed", "cp renamed copy", "rm renamed", "chmod 700 sub", "echo y > sub/inner", "rm sub/inner",
	"ln -s x link", "rm link", "mv sub sub2", "rmdir sub2", "truncate -s 5 copy", "touch -d 2001-01-01 copy", "mkfifo fifo", "touch end",
}

func TestChangesOfOthersAreHeard(t *testing.T) {
	need(t, "python3")
	script, err := os.ReadFile("testdata/inotify.py")
	assert.NilError(t, err)
	hear := func(sandboxed bool) string {
		dir := t.TempDir()
		assert.NilError(t, os.Mkdir(filepath.Join(dir, "sub"), 0o755))
		assert.NilError(t, os.WriteFile(filepath.Join(dir, "file"), nil, 0o644))
		args := []string{"python3", "-c", string(script), ".", "file", "sub"}
		cmd := exec.Command(args[0], args[1:]...)
		if sandboxed {
			cmd = do(append([]string{"--volume", dir + ":" + dir, "--workdir", dir}, args...)...)
		} else {
			cmd.Dir = dir
		}
		cmd.Stderr = os.Stderr
		out, err := cmd.StdoutPipe()
		assert.NilError(t, err)
		assert.NilError(t, cmd.Start())
		lines := bufio.NewScanner(out)
		var heard strings.Builder
		// Each step has been heard when the marker behind it has.
		until := func(want string) {
			for lines.Scan() {
				fmt.Fprintln(&heard, lines.Text())
				if strings.HasPrefix(lines.Text(), want) {
					return
				}
			}
			t.Fatalf("%q never came:\n%s", want, heard.String())
		}
		until("ready")
		for i, step := range hostSteps {
			c := exec.Command("sh", "-c", fmt.Sprintf("%s && mkdir step-%d", step, i))
			c.Dir = dir
			assert.NilError(t, c.Run(), step)
			if step != "touch end" {
				until(fmt.Sprintf(". CREATE|ISDIR step-%d", i))
			}
		}
		for lines.Scan() {
			fmt.Fprintln(&heard, lines.Text())
		}
		assert.NilError(t, cmd.Wait())
		return heard.String()
	}
	native := hear(false)
	assert.Equal(t, cmp.Diff(native, hear(true)), "")
	assert.Assert(t, strings.Contains(native, "DELETE_SELF") && strings.Contains(native, "MOVED_TO"), native)
}
