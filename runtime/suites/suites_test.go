// SPDX-License-Identifier: Apache-2.0

// Package suites runs the test suites of other projects natively and under
// `ditto do`, and wants the same verdict from both, test by test. They take long,
// so they are not part of `make test`: `make suites` runs them.
package suites

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"
)

// ditto is the command under test, built from this tree.
var ditto string

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "ditto-suites-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	ditto = filepath.Join(dir, "ditto")
	build := exec.Command("go", "build", "-trimpath", "-o", ditto, "../cmd/ditto")
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

// suite is a command whose output says how each of its tests ended.
type suite struct {
	name   string
	argv   []string
	env    []string
	native []string      // stands before argv natively
	flags  []string      // of ditto do
	limit  time.Duration // to hang; 0 is half an hour
	parse  func(output string) verdicts
	differ []difference
}

// verdict is how one test ended.
type verdict struct {
	Word   string // as the suite has it: ok, FAIL, skipped, ...
	Detail string // what the suite says about it; not compared
}

// verdicts are those of a run, by the tests' names.
type verdicts map[string]verdict

// difference is one that stays, with a reason that would satisfy someone who
// knows the kernel. Test is a name or a pattern of path.Match.
type difference struct {
	test, reason string
}

// status is the name that the exit status of the whole suite has among its tests.
const status = "(exit status)"

// compare runs a suite on both sides. What differs is run once more on both, so that
// a test which fails now and then natively as well accuses nobody: only a test
// that differs in both rounds is an error, the others are named in the log.
func compare(t *testing.T, s suite) {
	t.Helper()
	first := s.round(t)
	if len(first) == 0 {
		return
	}
	t.Logf("%d tests differ: once more", len(first))
	second := s.round(t)
	for _, name := range slices.Sorted(maps.Keys(first)) {
		if second[name] == "" {
			t.Logf("differed once: %s", first[name])
		} else {
			t.Errorf("%s", second[name])
		}
	}
	for _, name := range slices.Sorted(maps.Keys(second)) {
		if first[name] == "" {
			t.Logf("differed once: %s", second[name])
		}
	}
}

// round runs a suite natively and in the sandbox. It returns what is to be said
// of each test that differs and is not known to.
func (s *suite) round(t *testing.T) map[string]string {
	t.Helper()
	native := s.run(t, slices.Concat(s.native, s.argv))
	inside := s.run(t, slices.Concat([]string{ditto, "do"}, s.flags, s.argv))
	differing, known := s.differing(native, inside)
	for _, d := range s.differ {
		if known[d.test] {
			t.Logf("differs as is known: %s: %s", d.test, d.reason)
		} else {
			t.Logf("listed as a difference, but the same: %s", d.test)
		}
	}
	// One failure more is another status of the whole.
	if len(known) > 0 || len(differing) > 1 {
		delete(differing, status)
	}
	return differing
}

// differing says what differs between two runs, and which of the known differences did.
func (s *suite) differing(native, inside verdicts) (differing map[string]string, known map[string]bool) {
	differing, known = map[string]string{}, map[string]bool{}
	names := maps.Clone(native)
	maps.Copy(names, inside)
	for name := range names {
		n, i := native[name], inside[name]
		if n.Word == i.Word {
			continue
		}
		if d := s.known(name); d != nil {
			known[d.test] = true
			continue
		}
		differing[name] = fmt.Sprintf("%s: natively %s, in the sandbox %s\n%s", name, n, i, sides(n.Detail, i.Detail))
	}
	return differing, known
}

// sides puts what both sides say one below the other.
func sides(native, inside string) string {
	var b strings.Builder
	for _, side := range []struct{ name, detail string }{{"natively", native}, {"in the sandbox", inside}} {
		if side.detail != "" {
			fmt.Fprintf(&b, "--- %s:\n%s\n", side.name, side.detail)
		}
	}
	return b.String()
}

func (v verdict) String() string {
	if v.Word == "" {
		return "not run"
	}
	return v.Word
}

func (s *suite) known(name string) *difference {
	for i, d := range s.differ {
		if ok, err := path.Match(d.test, name); d.test == name || err == nil && ok {
			return &s.differ[i]
		}
	}
	return nil
}

// run runs a command in an empty directory to its end.
func (s *suite) run(t *testing.T, argv []string) verdicts {
	t.Helper()
	limit := s.limit
	if limit == 0 {
		limit = 30 * time.Minute
	}
	ctx, cancel := context.WithTimeout(t.Context(), limit)
	defer cancel()
	// What the tests inherit must not depend on who started the run.
	cmd := exec.CommandContext(ctx, "env", append([]string{"--default-signal"}, argv...)...)
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "LC_ALL=C.UTF-8", "TZ=UTC")
	cmd.Env = append(cmd.Env, s.env...)
	// What a suite leaves running must not keep the run from ending.
	cmd.WaitDelay = 10 * time.Second
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	start := time.Now()
	err := cmd.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) && !errors.Is(err, exec.ErrWaitDelay) {
		t.Fatalf("%v: %v", argv, err)
	}
	got := s.parse(out.String())
	state := cmd.ProcessState.String()
	if ctx.Err() != nil {
		state = fmt.Sprintf("still running after %v", limit)
	}
	t.Logf("%s: %s, %d tests, %v", filepath.Base(argv[0]), state, len(got), time.Since(start).Round(time.Second))
	if dir := os.Getenv("SUITES_OUT"); dir != "" {
		file := strings.ReplaceAll(s.name+"."+filepath.Base(argv[0]), "/", "_")
		assert.NilError(t, os.WriteFile(filepath.Join(dir, file), out.Bytes(), 0o644))
	}
	if len(got) == 0 {
		t.Fatalf("%v: no verdicts: %s\n%s", argv, state, tail(out.String()))
	}
	got[status] = verdict{state, tail(out.String())}
	return got
}

// tail is the end of an output, where it says what went wrong.
func tail(s string) string {
	return s[max(0, len(s)-3000):]
}
