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
	"math"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

// ditto is the command under test, built from this tree.
var ditto string

func TestMain(m *testing.M) {
	// Natively the suites would inherit what this process did; in a sandbox they don't.
	if err := unix.CloseRange(3, math.MaxInt32, unix.CLOSE_RANGE_CLOEXEC); err != nil {
		fmt.Fprintln(os.Stderr, "close_range:", err)
		os.Exit(1)
	}
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

// compare runs a suite on both sides. What differs is run once more on both: natively, a test may fail now
// and then. What the sandbox said in either round must be what some native
// round said; a test that fails now and then in the sandbox only is an error.
func compare(t *testing.T, s suite) {
	t.Helper()
	rounds := []round{s.round(t)}
	if len(s.differing(rounds)) > 0 {
		t.Logf("%d tests differ: once more", len(s.differing(rounds)))
		rounds = append(rounds, s.round(t))
	}
	differing := s.differing(rounds)
	for _, name := range slices.Sorted(maps.Keys(differing)) {
		t.Errorf("%s", differing[name])
	}
	for _, d := range s.differ {
		if s.seen(d, rounds) {
			t.Logf("differs as is known: %s: %s", d.test, d.reason)
		} else {
			t.Logf("listed as a difference, but the same: %s", d.test)
		}
	}
}

// round is what both sides said.
type round struct{ native, inside verdicts }

// round runs a suite natively and in the sandbox.
func (s *suite) round(t *testing.T) round {
	t.Helper()
	native := s.run(t, slices.Concat(s.native, s.argv))
	return round{native, s.run(t, slices.Concat([]string{ditto, "do"}, s.flags, s.argv))}
}

// differing says what the sandbox said and native did not, of each test that is not known to differ.
func (s *suite) differing(rounds []round) map[string]string {
	differing, known := map[string]string{}, false
	for _, r := range rounds {
		for name := range union(r.native, r.inside) {
			i := r.inside[name]
			if slices.ContainsFunc(rounds, func(o round) bool { return o.native[name].Word == i.Word }) {
				continue
			}
			if s.known(name) != nil {
				known = true
				continue
			}
			n := r.native[name]
			differing[name] = fmt.Sprintf("%s: natively %s, in the sandbox %s\n%s", name, n, i, sides(n.Detail, i.Detail))
		}
	}
	// One failure more is another status of the whole.
	if known || len(differing) > 1 {
		delete(differing, status)
	}
	return differing
}

func union(a, b verdicts) verdicts {
	names := maps.Clone(a)
	maps.Copy(names, b)
	return names
}

// seen tells whether a known difference was one in some round.
func (s *suite) seen(d difference, rounds []round) bool {
	for _, r := range rounds {
		for name := range union(r.native, r.inside) {
			if k := s.known(name); k != nil && k.test == d.test && r.native[name].Word != r.inside[name].Word {
				return true
			}
		}
	}
	return false
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

func TestDiffering(t *testing.T) {
	words := func(of ...string) verdicts {
		v := verdicts{}
		for i, w := range of {
			v[string(rune('a'+i))] = verdict{Word: w}
		}
		return v
	}
	s := suite{differ: []difference{{"c", "it is known"}}}
	for _, tt := range []struct {
		name   string
		rounds []round
		want   []string
	}{
		{"the same", []round{{words("ok", "FAIL"), words("ok", "FAIL")}}, nil},
		{"differs", []round{{words("ok", "ok"), words("ok", "FAIL")}}, []string{"b"}},
		{"not run", []round{{words("ok", "ok"), words("ok")}}, []string{"b"}},
		{"known", []round{{words("ok", "ok", "ok"), words("ok", "ok", "FAIL")}}, nil},
		{"fails now and then natively", []round{{words("ok"), words("FAIL")}, {words("FAIL"), words("ok")}}, nil},
		{"fails now and then in the sandbox", []round{{words("ok"), words("FAIL")}, {words("ok"), words("ok")}}, []string{"a"}},
	} {
		got := slices.Sorted(maps.Keys(s.differing(tt.rounds)))
		assert.DeepEqual(t, got, tt.want)
	}
	assert.Assert(t, s.seen(s.differ[0], []round{{words("ok", "ok", "ok"), words("ok", "ok", "FAIL")}}))
	assert.Assert(t, !s.seen(s.differ[0], []round{{words("ok", "ok", "ok"), words("ok", "ok", "ok")}}))
}
