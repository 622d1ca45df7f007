// SPDX-License-Identifier: Apache-2.0

package acceptance

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// TestOverload asks for much of everything, and for more than limits allow.
// Each time the sandbox answers as Linux does, and goes on.
func TestOverload(t *testing.T) {
	need(t, "gcc")
	dir := t.TempDir()
	program := filepath.Join(dir, "overload")
	out, err := exec.Command("gcc", "-O1", "-pthread", "-o", program, "testdata/overload.c").CombinedOutput()
	assert.NilError(t, err, "%s", out)
	for d := dir; d != os.TempDir() && d != "/"; d = filepath.Dir(d) {
		_ = os.Chmod(d, 0o755) // another user is to execute it
	}
	for _, what := range []string{
		"threads", "processes", "chain", "mappings", "fork-bomb", "thread-bomb", "memory-bomb", "data-bomb", "stack-bomb",
	} {
		t.Run(what, func(t *testing.T) {
			script := program + " " + what + "; echo status $?; echo $(echo goes on)"
			native := run(t, exec.Command("sh", "-c", script))
			if diff := cmp.Diff(native, run(t, do("sh", "-c", script))); diff != "" {
				t.Errorf("-native +ditto\n%s", diff)
			}
			t.Logf("%s", native.Stdout)
		})
	}
}
