// SPDX-License-Identifier: Apache-2.0

// This file is about the verbs for whoever runs the host: doctor, install, completion.

package acceptance

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"
	is "gotest.tools/v3/assert/cmp"
)

// Where the other tests pass, the doctor finds nothing that keeps a sandbox from running.
func TestDoctor(t *testing.T) {
	o := run(t, exec.Command(ditto, "doctor", "--format", "json"))
	assert.Equal(t, o.Status, "exit status 0", "%s%s", o.Stdout, o.Stderr)
	var list []struct{ Check, Level, Detail string }
	assert.NilError(t, json.Unmarshal([]byte(o.Stdout), &list))
	assert.Assert(t, len(list) > 5)
	for _, f := range list {
		assert.Assert(t, f.Level != "failure", "%s: %s", f.Check, f.Detail)
	}
	assert.Equal(t, list[len(list)-1].Check, "sandbox")
}

// In a sandbox no other can be made, and the doctor says so: it does not claim what it did not see.
func TestDoctorSeesWhatIsMissing(t *testing.T) {
	o := run(t, do(ditto, "doctor"))
	assert.Equal(t, o.Status, "exit status 1", "%s%s", o.Stdout, o.Stderr)
	assert.Assert(t, is.Contains(o.Stdout, "FAIL  sandbox"))
	assert.Assert(t, is.Contains(o.Stdout, "-> "))
}

func TestInstall(t *testing.T) {
	config := filepath.Join(t.TempDir(), "daemon.json")
	assert.NilError(t, os.WriteFile(config, []byte(`{"log-level": "warn", "runtimes": {"other": {"path": "/x"}}}`), 0o600))
	install := func(args ...string) outcome {
		return run(t, exec.Command(ditto, append([]string{"install", "--config", config}, args...)...))
	}
	read := func() (c struct {
		LogLevel string `json:"log-level"`
		Runtimes map[string]struct {
			Path        string
			RuntimeArgs []string
		}
	}) {
		text, err := os.ReadFile(config)
		assert.NilError(t, err)
		assert.NilError(t, json.Unmarshal(text, &c))
		return c
	}
	o := install("--runtime", "box", "--", "--debug")
	assert.Equal(t, o.Status, "exit status 0", o.Stderr)
	c := read()
	assert.Equal(t, c.LogLevel, "warn")
	assert.Equal(t, len(c.Runtimes), 2)
	assert.Equal(t, c.Runtimes["box"].Path, ditto)
	assert.DeepEqual(t, c.Runtimes["box"].RuntimeArgs, []string{"--debug"})
	assert.Assert(t, is.Contains(install("--runtime", "box", "--", "--debug").Stdout, "nothing to do"))
	assert.Equal(t, install("--runtime", "box", "--remove").Status, "exit status 0")
	assert.Equal(t, len(read().Runtimes), 1)

	for _, bad := range [][]string{{"--path", "/no/such"}, {"--path", "/etc/passwd"}, {"--path", "/"}, {"--runtime", "runc"}, {"--remove", "--path", ditto}} {
		o := install(bad...)
		assert.Equal(t, o.Status, "exit status 1", "%v", bad)
		assert.Equal(t, strings.Count(o.Stderr, "\n"), 1, o.Stderr)
	}
	assert.Equal(t, len(read().Runtimes), 1)
}

func TestCompletion(t *testing.T) {
	for _, c := range []struct{ line, want string }{
		{"ditto pau", "pause"}, {"ditto do --work", "--workdir"}, {"ditto completion f", "fish"}, {"ditto install --con", "--config"},
	} {
		words := strings.Fields(c.line)
		// _init_completion is of the package bash-completion, which need not be here.
		script := `_init_completion() { words=("${COMP_WORDS[@]}"); cword=$COMP_CWORD; cur=${words[cword]}; prev=${words[cword-1]}; }
source <("$0" completion bash); ditto() { "$DITTO" "$@"; }; COMP_LINE=$1; COMP_POINT=${#1}; COMP_WORDS=($1); COMP_CWORD=$2
__start_ditto ditto "${COMP_WORDS[$2]}" "${COMP_WORDS[$2-1]}"; echo "${COMPREPLY[@]}"`
		cmd := exec.Command("bash", "-c", script, ditto, c.line, string(rune('0'+len(words)-1)))
		cmd.Env = append(os.Environ(), "DITTO="+ditto)
		o := run(t, cmd)
		assert.Assert(t, is.Contains(o.Stdout, c.want), "%s: %s", c.line, o.Stderr)
	}
	for _, shell := range []string{"zsh", "fish"} {
		o := run(t, exec.Command(ditto, "completion", shell))
		assert.Equal(t, o.Status, "exit status 0", o.Stderr)
		assert.Assert(t, is.Contains(o.Stdout, "ditto"))
	}
	o := run(t, exec.Command(ditto, "completion", "csh"))
	assert.Equal(t, o.Status, "exit status 1")
	assert.Equal(t, o.Stderr, "ditto: completion: which shell? bash, zsh or fish, not \"csh\"\n")
}
