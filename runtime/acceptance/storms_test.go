// SPDX-License-Identifier: Apache-2.0

// This file is about thousands of connections at once, and about thousands that come one after the other.

package acceptance

import (
	"os/exec"
	"path/filepath"
	"testing"

	"gotest.tools/v3/assert"
)

// TestAcceptStorm has the same counts of connections, answers, ends and resets on both sides.
func TestAcceptStorm(t *testing.T) {
	need(t, "cc:gcc")
	storm := filepath.Join(t.TempDir(), "storm")
	out, err := exec.Command("cc", "-O2", "-Wall", "-Werror", "-o", storm, "testdata/storm.c").CombinedOutput()
	assert.NilError(t, err, "%s", out)
	for _, kind := range []string{"inet", "inet6", "unix"} {
		t.Run(kind, func(t *testing.T) { sameBothSides(t, storm+" "+kind+" 5000") })
	}
}
