// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// TestMain lets the test's own program be the interpreter of scripts: it says
// what arguments Linux gave it.
func TestMain(m *testing.M) {
	if os.Getenv("LOADER_TEST_ARGS") != "" {
		_ = json.NewEncoder(os.Stdout).Encode(os.Args)
		os.Exit(0)
	}
	os.Exit(m.Run())
}

// TestScriptLineIsReadAsLinuxReadsIt runs each script natively and compares
// the arguments, or the error, with what parseScript makes of it.
func TestScriptLineIsReadAsLinuxReadsIt(t *testing.T) {
	self, err := os.Executable()
	assert.NilError(t, err)
	dir := t.TempDir()
	in := filepath.Join(dir, "i")
	assert.NilError(t, os.Link(self, in))
	pad := func(n int) string { return strings.Repeat("x", n) }
	for _, head := range []string{
		"#!" + in + "\n",
		"#! " + in + "\n",
		"#!\t  " + in + " \t \n",
		"#!" + in,
		"#!" + in + " one\n",
		"#!" + in + " one two  \nmore",
		"#!" + in + "  one\ttwo\t",
		"#!" + in + " one\x00two\n",
		"#!" + in + "\x00 one\n",
		"#!" + in + " \x00\n",
		"#!", "#!\n", "#! \n", "#!  ", "#!\x00\n", "#", "", "#?" + in,
		"#!" + in + " " + pad(300),
		"#!" + in + " " + pad(252-len(in)) + "\n",
		"#!" + in + " " + pad(253-len(in)) + "\n",
		"#!" + in + " " + pad(254-len(in)) + "\n",
		"#!/" + pad(300),
		"#!" + strings.Repeat(" ", 300),
		"#!" + strings.Repeat(" ", 254-len(in)) + in + "\n",
		"#!" + strings.Repeat(" ", 253-len(in)) + in + "\n",
		"#!" + strings.Repeat(" ", 252-len(in)) + in + "\n",
		"#!" + in + strings.Repeat(" ", 300),
	} {
		native, nativeErr := runScript(t, dir, head)
		var ours []string
		name, arg, hasArg, err := parseScript([]byte(head)[:min(len(head), scriptHead)])
		if err == nil {
			ours = []string{name}
			if hasArg {
				ours = append(ours, arg)
			}
			ours = append(ours, filepath.Join(dir, "s"), "last")
			if name == "" {
				err, ours = unix.EACCES, nil // see openInterpreter
			} else if name != in {
				err, ours = unix.ENOENT, nil // some other name, which is not there
			}
		}
		if nativeErr != nil || err != nil {
			assert.Assert(t, errors.Is(nativeErr, err), "%q: native %v, ours %v", head, nativeErr, err)
			continue
		}
		assert.Assert(t, cmp.Equal(native, ours), "%q: %s", head, cmp.Diff(native, ours))
	}
}

func runScript(t *testing.T, dir, head string) (args []string, err error) {
	script := filepath.Join(dir, "s")
	assert.NilError(t, os.WriteFile(script, []byte(head), 0o755))
	c := exec.Command(script, "last")
	c.Env = []string{"LOADER_TEST_ARGS=1"}
	out, err := c.Output()
	if err == nil {
		assert.NilError(t, json.Unmarshal(out, &args))
	}
	return args, err
}

func FuzzScript(f *testing.F) {
	f.Add([]byte("#!/bin/sh -e\n"))
	f.Fuzz(func(t *testing.T, head []byte) {
		name, arg, hasArg, err := parseScript(head[:min(len(head), scriptHead)])
		if err == nil && (strings.ContainsAny(name+arg, "\n\x00") || strings.ContainsAny(name, " \t") || arg != "" && !hasArg) {
			t.Fatalf("%q: %q %q", head, name, arg)
		}
	})
}
