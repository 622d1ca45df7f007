// SPDX-License-Identifier: Apache-2.0

package result

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

func ok(obs ...[2]string) Outcome { return Outcome{Case: "dup/c/x", Result: "ok", Obs: obs} }

func TestJudge(t *testing.T) {
	a1, a2, b := [2]string{"a", "1"}, [2]string{"a", "2"}, [2]string{"b", "1"}
	for _, tt := range []struct {
		name            string
		native, sandbox Outcome
		known           string
		want            Verdict
		diffs           []Difference
	}{
		{name: "equal", native: ok(a1, b), sandbox: ok(a1, b), want: Same},
		{name: "order of observations does not matter", native: ok(a1, b), sandbox: ok(b, a1), want: Same},
		{name: "other value", native: ok(a1), sandbox: ok(a2), want: Differs, diffs: []Difference{{"a", "1", "2"}}},
		{name: "observation missing", native: ok(a1, b), sandbox: ok(a1), want: Differs, diffs: []Difference{{"b", "1", "-"}}},
		{name: "observation too many", native: ok(a1), sandbox: ok(a1, b), want: Differs, diffs: []Difference{{"b", "-", "1"}}},
		{name: "one name twice", native: ok(a1, a2), sandbox: ok(a1, a2), want: Broken},
		{name: "fails natively", native: Outcome{Result: "fail", Checks: []string{"no"}}, sandbox: ok(), want: Broken},
		{name: "crashes natively", native: Outcome{Result: "crash"}, sandbox: ok(), want: Broken},
		{name: "hangs natively", native: Outcome{Result: "timeout"}, sandbox: ok(), want: Broken},
		{name: "no native result", native: Outcome{}, sandbox: ok(), want: Broken},
		{name: "skipped natively", native: Outcome{Result: "skip", Skip: "root"}, sandbox: ok(), want: Skipped},
		{name: "skipped in the sandbox only", native: ok(), sandbox: Outcome{Result: "skip", Skip: "kernel>=6.6"}, want: Skipped},
		{
			name: "fails in the sandbox only", native: ok(a1),
			sandbox: Outcome{Result: "fail", Checks: []string{"x.c:3: no"}, Obs: [][2]string{a1}},
			want:    Differs, diffs: []Difference{{DiffCheck, "-", "x.c:3: no"}},
		},
		{
			name: "crash, and what came after is no news", native: ok(a1, b),
			sandbox: Outcome{Result: "crash", Detail: "SIGSEGV", Obs: [][2]string{a1}},
			want:    Crash, diffs: []Difference{{DiffCrash, "-", "SIGSEGV"}},
		},
		{
			name: "no outcome in the sandbox", native: ok(), sandbox: Outcome{},
			want: Differs, diffs: []Difference{{DiffCheck, "-", `result "" without a failed check`}},
		},
		{
			name: "a failure without a message", native: ok(), sandbox: Outcome{Result: "fail"},
			want: Differs, diffs: []Difference{{DiffCheck, "-", `result "fail" without a failed check`}},
		},
		{name: "timeout", native: ok(), sandbox: Outcome{Result: "timeout"}, want: Timeout, diffs: []Difference{{DiffTimeout, "-", ""}}},
		{
			name: "known by observation", native: ok(a1), sandbox: ok(a2), known: "dup/c/x\ta\twhy\n",
			want: Known, diffs: []Difference{{"a", "1", "2"}},
		},
		{
			name: "known for one of two observations", native: ok(a1, b), sandbox: ok(a2), known: "dup/c/x\ta\twhy\n",
			want: Differs, diffs: []Difference{{"a", "1", "2"}, {"b", "1", "-"}},
		},
		{
			name: "known by globs", native: ok(a1), sandbox: ok(a2), known: "dup/*/*\t?\twhy\n",
			want: Known, diffs: []Difference{{"a", "1", "2"}},
		},
		{
			name: "known for another case", native: ok(a1), sandbox: ok(a2), known: "dup2/c/x\t*\twhy\n",
			want: Differs, diffs: []Difference{{"a", "1", "2"}},
		},
		{
			name: "the star covers a failed check", native: ok(),
			sandbox: Outcome{Result: "fail", Checks: []string{"no"}}, known: "dup/c/x\t*\twhy\n",
			want: Known, diffs: []Difference{{DiffCheck, "-", "no"}},
		},
		{
			name: "the star does not cover a crash", native: ok(), sandbox: Outcome{Result: "crash"},
			known: "dup/c/x\t*\twhy\n", want: Crash, diffs: []Difference{{DiffCrash, "-", ""}},
		},
		{
			name: "a crash known by name", native: ok(), sandbox: Outcome{Result: "crash"},
			known: "dup/c/x\t!crash\twhy\n", want: Known, diffs: []Difference{{DiffCrash, "-", ""}},
		},
		{
			name: "a timeout known by name", native: ok(), sandbox: Outcome{Result: "timeout"},
			known: "dup/c/x\t!timeout\twhy\n", want: Known, diffs: []Difference{{DiffTimeout, "-", ""}},
		},
		{name: "known, and the same", native: ok(a1), sandbox: ok(a1), known: "dup/c/x\t*\twhy\n", want: Same},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.native.Case = "dup/c/x"
			got, _, diffs := Judge(tt.native, tt.sandbox, readKnown(t, tt.known))
			assert.Equal(t, got, tt.want)
			assert.Assert(t, cmp.Equal(diffs, tt.diffs), cmp.Diff(tt.diffs, diffs))
		})
	}
}

func readKnown(t *testing.T, text string) *KnownList {
	t.Helper()
	dir := t.TempDir()
	assert.NilError(t, os.WriteFile(filepath.Join(dir, "x.tsv"), []byte("# comment\n\n"+text), 0o644))
	list, err := ReadKnown(dir)
	assert.NilError(t, err)
	return list
}

func TestKnownWantsAReason(t *testing.T) {
	for _, text := range []string{"dup/c/x\ta\n", "dup/c/x\ta\t \n", "dup/c/x\n", "[\ta\twhy\n", "a\tb\tc\td\n"} {
		dir := t.TempDir()
		assert.NilError(t, os.WriteFile(filepath.Join(dir, "x.tsv"), []byte(text), 0o644))
		_, err := ReadKnown(dir)
		assert.ErrorContains(t, err, "x.tsv:1", "%q", text)
	}
}

func TestKnownUnused(t *testing.T) {
	list := readKnown(t, "dup/c/x\ta\twhy\ndup/c/x\tb\twhy\ndup/c/other\tc\twhy\n")
	Judge(ok([2]string{"a", "1"}), ok([2]string{"a", "2"}), list)
	got := list.Unused([]string{"dup/c/x"})
	assert.Equal(t, len(got), 1)
	assert.Assert(t, cmp.Equal(got[0][len(got[0])-len("dup/c/x b"):], "dup/c/x b"), got[0])
}

func TestComplaints(t *testing.T) {
	base := Baseline{"a": Same, "b": Same, "c": Same, "d": Same, "e": Known, "f": Skipped, "gone": Same, "gone too": Known}
	verdicts := map[string]Verdict{
		"a": Same, "b": Skipped, "c": Known, "d": Differs, "e": Known, "f": Same,
		"new same": Same, "new differs": Differs, "new known": Known, "broken": Broken, "crash": Crash, "timeout": Timeout,
	}
	want := []Complaint{
		{"b", "was same, is skipped"},
		{"broken", "broken: fails natively"},
		{"c", "was same, is known"},
		{"crash", "crash"},
		{"d", "differs, was same"},
		{"new differs", "differs"},
		{"timeout", "timeout"},
	}
	assert.DeepEqual(t, base.Complaints(verdicts, false), want)
	assert.DeepEqual(t, base.Complaints(verdicts, true), append(want, Complaint{"gone", "was same, is gone"}))
}

func TestBaselineRoundTrip(t *testing.T) {
	name := filepath.Join(t.TempDir(), "sub", "baseline.tsv")
	b, err := ReadBaseline(name)
	assert.NilError(t, err)
	assert.Equal(t, len(b), 0)
	b.Update(map[string]Verdict{"b/c/x": Same, "a/go/y": Skipped, "c/c/z": Known}, false)
	b.Update(map[string]Verdict{"a/go/y": Same}, false)
	assert.NilError(t, b.Write(name))
	text, err := os.ReadFile(name)
	assert.NilError(t, err)
	assert.Equal(t, string(text), "# case\tverdict\n# Written by conformance --update-baseline.\na/go/y\tsame\nb/c/x\tsame\nc/c/z\tknown\n")
	back, err := ReadBaseline(name)
	assert.NilError(t, err)
	assert.DeepEqual(t, back, b)
	b.Update(map[string]Verdict{"d/c/w": Same}, true)
	assert.DeepEqual(t, b, Baseline{"d/c/w": Same})
}

func TestBaselineRejectsNonsense(t *testing.T) {
	name := filepath.Join(t.TempDir(), "baseline.tsv")
	assert.NilError(t, os.WriteFile(name, []byte("a/c/b\tsame\na/c/d\tfine\n"), 0o644))
	_, err := ReadBaseline(name)
	assert.ErrorContains(t, err, ":2:")
}

func TestFileMerge(t *testing.T) {
	col := func(v Verdict) map[string]Column { return map[string]Column{"ditto": {Verdict: v}} }
	f := &File{Sandboxes: []string{"ditto"}, Rows: []Row{{Case: "b", Sandbox: col(Same)}, {Case: "c", Sandbox: col(Differs)}}}
	f.Merge(&File{Sandboxes: []string{"ditto", "other"}, Rows: []Row{
		{Case: "a", Sandbox: col(Same)},
		{Case: "c", Sandbox: map[string]Column{"other": {Verdict: Crash}}},
		{Case: "b", Sandbox: col(Timeout)},
	}})
	assert.DeepEqual(t, f.Sandboxes, []string{"ditto", "other"})
	assert.DeepEqual(t, f.Verdicts("ditto"), map[string]Verdict{"a": Same, "b": Timeout, "c": Differs})
	assert.DeepEqual(t, f.Verdicts("other"), map[string]Verdict{"c": Crash})
	assert.Equal(t, f.Rows[0].Case, "a")
	name := filepath.Join(t.TempDir(), "r.json")
	assert.NilError(t, f.Write(name))
	back, err := ReadFile(name)
	assert.NilError(t, err)
	assert.DeepEqual(t, back, f)
}
