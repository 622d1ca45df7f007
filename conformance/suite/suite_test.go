// SPDX-License-Identifier: Apache-2.0

package suite

import (
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/result"
)

// A tree with the real harness and the fake syscall of testdata.
func fakeTree(t *testing.T) Config {
	t.Helper()
	root := t.TempDir()
	top := filepath.Join("..", "..")
	harness := filepath.Join(top, "syscall-tests", "harness")
	files, err := os.ReadDir(harness)
	assert.NilError(t, err)
	for _, f := range files {
		copyFile(t, filepath.Join(harness, f.Name()), filepath.Join(root, "syscall-tests", "harness", f.Name()))
	}
	for _, f := range []string{"go.mod", "go.sum"} {
		copyFile(t, filepath.Join(top, f), filepath.Join(root, f))
	}
	return Config{Root: root, Out: filepath.Join(root, "out")}
}

func (c Config) add(t *testing.T, syscall, file, text string) {
	t.Helper()
	dir := filepath.Join(c.Root, "syscall-tests", syscall)
	assert.NilError(t, os.MkdirAll(dir, 0o755))
	assert.NilError(t, os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(from)
	assert.NilError(t, err)
	assert.NilError(t, os.MkdirAll(filepath.Dir(to), 0o755))
	assert.NilError(t, os.WriteFile(to, b, 0o644))
}

// build builds and runs all cases; outcomes by case without the syscall.
func build(t *testing.T, c Config) map[string]result.Outcome {
	t.Helper()
	cases, failed, err := Build(context.Background(), c)
	assert.NilError(t, err)
	assert.Equal(t, len(failed), 0)
	args := []string{"run", "--limit=2000"}
	for _, k := range cases {
		args = append(args, k.ID)
	}
	cmd := exec.Command(cases[0].Binary, args...)
	tmp := t.TempDir()
	cmd.Env = append(os.Environ(), "TMPDIR="+tmp)
	out, err := cmd.Output()
	assert.NilError(t, err)
	left, err := os.ReadDir(tmp)
	assert.NilError(t, err)
	assert.Equal(t, len(left), 0, "directories of cases left behind")
	outcomes := map[string]result.Outcome{}
	for line := range strings.Lines(string(out)) {
		var o result.Outcome
		assert.NilError(t, json.Unmarshal([]byte(line), &o), line)
		outcomes[result.Name(o.Case)] = o
	}
	assert.Equal(t, len(outcomes), len(cases))
	return outcomes
}

func obs(o result.Outcome) map[string]string {
	m := map[string]string{}
	for _, p := range o.Obs {
		m[p[0]] = p[1]
	}
	return m
}

func needCompiler(t *testing.T) {
	t.Helper()
	if _, err := exec.LookPath("cc"); err != nil {
		t.Skip("no C compiler")
	}
}

func TestCHarness(t *testing.T) {
	needCompiler(t)
	c := fakeTree(t)
	text, err := os.ReadFile("testdata/fake.c")
	assert.NilError(t, err)
	c.add(t, "fake", "fake.c", string(text))
	got := build(t, c)
	results := map[string]string{}
	for n, o := range got {
		results[n] = o.Result
	}
	assert.DeepEqual(t, results, map[string]string{
		"passes": "ok", "fails": "fail", "requires": "fail", "crashes": "crash", "exits": "crash",
		"crashes_with_child_alive": "crash", "child_fails": "fail", "skips": "skip", "unmet": "skip", "too_new": "skip",
		"old_enough": "ok", "is_in_an_empty_directory": "ok", "is_interrupted": "ok",
		"hangs": "timeout", "hangs_with_a_session": "timeout", "spins": "timeout",
	})
	assert.DeepEqual(t, obs(got["passes"]), map[string]string{
		"bad fd": "-1 EBADF", "fork": "ok", "text": "\"quoted\" \\ \t \a \u00ff", "status": "signal SIGKILL", "pid": "self -1",
	})
	assert.Equal(t, len(got["fails"].Checks), 5)
	assert.Assert(t, strings.Contains(got["fails"].Checks[1], "fake.c:") && strings.Contains(got["fails"].Checks[1], "is 2"))
	assert.DeepEqual(t, obs(got["fails"]), map[string]string{"still": "here"})
	assert.Equal(t, len(got["requires"].Obs), 0)
	assert.DeepEqual(t, obs(got["crashes"]), map[string]string{"before": "1"})
	assert.Assert(t, strings.Contains(got["crashes"].Detail, "SIGSEGV"), got["crashes"].Detail)
	assert.Assert(t, strings.Contains(got["exits"].Detail, "exit 0"))
	assert.Assert(t, strings.Contains(got["crashes_with_child_alive"].Detail, "SIGABRT"))
	assert.Equal(t, len(got["child_fails"].Checks), 2)
	assert.DeepEqual(t, obs(got["child_fails"]), map[string]string{"child": "exit 3"})
	assert.DeepEqual(t, obs(got["hangs"]), map[string]string{"before": "1"})
	assert.Equal(t, got["skips"].Skip, "no luck today")
	assert.Equal(t, got["too_new"].Skip, "kernel>=99.1")
}

func TestGoHarness(t *testing.T) {
	c := fakeTree(t)
	text, err := os.ReadFile("testdata/fake.go")
	assert.NilError(t, err)
	c.add(t, "fake", "fake.go", strings.Replace(string(text), "//go:build ignore\n", "", 1))
	c.Langs = []string{"go"}
	got := build(t, c)
	results := map[string]string{}
	for n, o := range got {
		results[n] = o.Result
	}
	assert.DeepEqual(t, results, map[string]string{
		"passes": "ok", "fails": "fail", "requires": "fail", "panics": "fail", "fails_silently": "fail",
		"crashes": "crash", "exits": "crash", "skips": "skip", "unmet": "skip", "hangs": "timeout",
	})
	assert.DeepEqual(t, obs(got["passes"]), map[string]string{"bad fd": "EBADF", "ret": "5", "wrapped": "ENOENT", "child": "exit 3"})
	assert.Equal(t, len(got["fails"].Checks), 3)
	assert.Assert(t, strings.Contains(got["fails"].Checks[0], "fake.go:") && strings.Contains(got["fails"].Checks[0], "because of 1"))
	assert.Equal(t, len(got["requires"].Obs), 0)
	assert.DeepEqual(t, obs(got["crashes"]), map[string]string{"before": "1"})
	assert.Assert(t, strings.Contains(got["crashes"].Detail, "SIGKILL"))
	assert.DeepEqual(t, obs(got["hangs"]), map[string]string{"before": "1"})
	assert.Equal(t, got["skips"].Skip, "no luck today")
}

func TestBrokenSourceCostsOnlyItself(t *testing.T) {
	needCompiler(t)
	c := fakeTree(t)
	c.Langs = []string{"c"}
	c.add(t, "good", "good.c", "#include \"../harness/harness.h\"\nCASE(x) {}\n")
	c.add(t, "bad", "bad.c", "#include \"../harness/harness.h\"\nCASE(x) { nonsense }\n")
	cases, failed, err := Build(context.Background(), c)
	assert.NilError(t, err)
	assert.Equal(t, len(cases), 1)
	assert.Equal(t, cases[0].ID, "good/c/x")
	assert.Equal(t, len(failed), 1)
	assert.ErrorContains(t, failed[0], "syscall-tests/bad/bad.c does not compile")
}

func TestBuildsOnlyWhatChanged(t *testing.T) {
	needCompiler(t)
	c := fakeTree(t)
	c.Langs = []string{"c"}
	c.add(t, "one", "one.c", "#include \"../harness/harness.h\"\nCASE(x) {}\n")
	c.add(t, "two", "two.c", "#include \"../harness/harness.h\"\nCASE(x) {}\n")
	objects := func() map[string]bool {
		cases, failed, err := Build(context.Background(), c)
		assert.NilError(t, err)
		assert.Equal(t, len(failed), 0)
		assert.Assert(t, len(cases) > 0)
		files, err := filepath.Glob(filepath.Join(c.Out, "obj", "*"))
		assert.NilError(t, err)
		m := map[string]bool{}
		for _, f := range files {
			m[f] = true
		}
		return m
	}
	first := objects()
	assert.DeepEqual(t, objects(), first)
	c.add(t, "two", "two.c", "#include \"../harness/harness.h\"\nCASE(x) {}\nCASE(y) {}\n")
	assert.Equal(t, len(objects()), len(first)+1)
	c.Syscalls = []string{"one"}
	assert.Equal(t, len(objects()), len(first)+1)
}

func TestTwice(t *testing.T) {
	assert.Equal(t, twice([]Case{{ID: "a/c/x"}, {ID: "a/go/x"}, {ID: "b/c/x"}}), "")
	assert.Equal(t, twice([]Case{{ID: "a/c/x"}, {ID: "b/c/x"}, {ID: "b/c/x"}}), "b/c/x")
}
