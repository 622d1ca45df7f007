// SPDX-License-Identifier: Apache-2.0

// Package acceptance runs real programs natively and under `ditto do`, and
// wants the same output and exit status from both.
package acceptance

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// ditto is the command under test, built from this tree.
var ditto string

func TestMain(m *testing.M) {
	defaultSignals()
	dir, err := os.MkdirTemp("", "ditto-acceptance-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ditto = filepath.Join(dir, "ditto")
	build := exec.Command("go", "build", "-o", ditto, "../cmd/ditto")
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		fmt.Fprintf(os.Stderr, "go build: %v\n%s", err, out)
		os.Exit(1)
	}
	// Another user must be able to execute it.
	_ = os.Chmod(dir, 0o755)
	status := m.Run()
	_ = os.RemoveAll(dir)
	os.Exit(status)
}

// hang is how long a program may take before it counts as hung. Nothing here
// is a measurement of speed.
const hang = 5 * time.Minute

// outcome is what a caller sees of a program.
type outcome struct {
	Stdout, Stderr string
	Status         string
}

// run runs a command to its end.
func run(t *testing.T, cmd *exec.Cmd) outcome {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	assert.NilError(t, cmd.Start())
	ctx, cancel := context.WithTimeout(t.Context(), hang)
	defer cancel()
	stop := context.AfterFunc(ctx, func() { _ = cmd.Process.Kill() })
	defer stop()
	err := cmd.Wait()
	if ctx.Err() != nil {
		t.Fatalf("%v: still running after %v\nstdout: %.2000s\nstderr: %.2000s", cmd.Args, hang, stdout.String(), stderr.String())
	}
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatalf("%v: %v", cmd.Args, err)
	}
	return outcome{stdout.String(), stderr.String(), cmd.ProcessState.String()}
}

// do is a command line of `ditto do`.
func do(args ...string) *exec.Cmd {
	return exec.Command(ditto, append([]string{"do"}, args...)...)
}

// need fails the test if a program is not on this machine.
func need(t *testing.T, needs ...string) {
	t.Helper()
	for _, n := range needs {
		command, pkg, _ := strings.Cut(n, ":")
		if pkg == "" {
			pkg = command
		}
		if _, err := exec.LookPath(command); err != nil {
			t.Fatalf("%s is not on this machine: install package %s (tools/deps/deps does)", command, pkg)
		}
	}
}

// sameBothSides runs a script in an empty directory: natively, in the sandbox, and natively
// again. If the two native runs differ, something else changed the machine
// in between, and they prove nothing.
func sameBothSides(t *testing.T, script string, env ...string) {
	t.Helper()
	dir := t.TempDir()
	once := func(cmd *exec.Cmd) outcome {
		t.Helper()
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "LC_ALL=C", "TZ=UTC")
		cmd.Env = append(cmd.Env, env...)
		start := time.Now()
		o := run(t, cmd)
		t.Logf("%s: %v", cmd.Args[0], time.Since(start).Round(time.Millisecond))
		return o
	}
	native := func() outcome {
		t.Helper()
		o := once(exec.Command("bash", "-c", script))
		empty(t, dir)
		return o
	}
	for range 5 {
		before := native()
		inside := once(do("bash", "-c", script))
		left, err := os.ReadDir(dir)
		assert.NilError(t, err)
		assert.Equal(t, len(left), 0, "the sandbox left files on the host")
		if d := cmp.Diff(before, native()); d != "" {
			t.Logf("two native runs differ, so once more:\n%.2000s", d)
			continue
		}
		if before.Status != "exit status 0" {
			t.Fatalf("natively: %+v", before)
		}
		if d := cmp.Diff(before, inside); d != "" {
			t.Errorf("the sandbox (+) differs from native (-):\n%.10000s", d)
		}
		return
	}
	t.Fatal("no two native runs agree")
}

// empty removes what is in a directory.
func empty(t *testing.T, dir string) {
	t.Helper()
	entries, err := os.ReadDir(dir)
	assert.NilError(t, err)
	for _, e := range entries {
		assert.NilError(t, os.RemoveAll(filepath.Join(dir, e.Name())))
	}
}

// without is an environment less some variables.
func without(env []string, names ...string) []string {
	return slices.DeleteFunc(slices.Clone(env), func(kv string) bool {
		name, _, _ := strings.Cut(kv, "=")
		return slices.Contains(names, name)
	})
}
