// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/runner"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

func TestSplitWords(t *testing.T) {
	for _, tt := range []struct {
		in   string
		want []string
	}{
		{"runsc do", []string{"runsc", "do"}},
		{"  a   b ", []string{"a", "b"}},
		{`sh -c 'exec "$@"' --`, []string{"sh", "-c", `exec "$@"`, "--"}},
		{`a "b c"d ''`, []string{"a", "b cd", ""}},
		{"", nil},
	} {
		got, err := splitWords(tt.in)
		assert.NilError(t, err)
		assert.DeepEqual(t, got, tt.want)
	}
	_, err := splitWords("a 'b")
	assert.ErrorContains(t, err, "quote")
}

func TestSandboxFlag(t *testing.T) {
	o := &options{root: "/tree"}
	sides, err := o.sides()
	assert.NilError(t, err)
	assert.DeepEqual(t, sides[1], runner.Side{Name: "ditto", Command: []string{"/tree/bin/ditto", "do"}})
	o.sandboxes = []string{"one=a b", "two='my program' c=d"}
	sides, err = o.sides()
	assert.NilError(t, err)
	assert.DeepEqual(t, sides[1:], []runner.Side{{Name: "one", Command: []string{"a", "b"}}, {Name: "two", Command: []string{"my program", "c=d"}}})
	for _, bad := range []string{"a", "=b", "a=", "native=x", "a='b"} {
		o.sandboxes = []string{bad}
		_, err := o.sides()
		assert.ErrorContains(t, err, "want NAME=", bad)
	}
}

func ids(cases []suite.Case) string {
	var out []string
	for _, c := range cases {
		out = append(out, c.ID)
	}
	return strings.Join(out, " ")
}

func someCases() []suite.Case {
	var out []suite.Case
	for _, id := range []string{"dup/c/a", "dup/c/b", "dup/go/a", "openat/c/flags", "openat/go/races"} {
		out = append(out, suite.Case{ID: id})
	}
	return out
}

func TestChoose(t *testing.T) {
	for _, tt := range []struct {
		name string
		o    options
		want string
	}{
		{"all", options{}, "dup/c/a dup/c/b dup/go/a openat/c/flags openat/go/races"},
		{"by name", options{globs: []string{"a"}}, "dup/c/a dup/go/a"},
		{"by id", options{globs: []string{"dup/*/b", "openat/c/*"}}, "dup/c/b openat/c/flags"},
		{"shards", options{shard: "2/2"}, "dup/c/b openat/c/flags"},
		{"last verdict", options{verdicts: []string{"differs", "crash"}}, "dup/c/b openat/go/races"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.o.root = t.TempDir()
			f := &result.File{Sandboxes: []string{"ditto"}, Rows: []result.Row{
				{Case: "dup/c/a", Sandbox: map[string]result.Column{"ditto": {Verdict: result.Same}}},
				{Case: "dup/c/b", Sandbox: map[string]result.Column{"ditto": {Verdict: result.Differs}}},
				{Case: "openat/go/races", Sandbox: map[string]result.Column{"ditto": {Verdict: result.Crash}}},
			}}
			assert.NilError(t, f.Write(tt.o.resultsFile()))
			got, err := tt.o.choose(someCases())
			assert.NilError(t, err)
			assert.Equal(t, ids(got), tt.want)
		})
	}
	for _, bad := range []string{"0/2", "3/2", "x", "1"} {
		_, err := (&options{shard: bad}).choose(someCases())
		assert.ErrorContains(t, err, "want i/n")
	}
}

// All shards together are the whole, and no case is in two.
func TestShardsAreAPartition(t *testing.T) {
	var got []string
	for _, s := range []string{"1/3", "2/3", "3/3"} {
		part, err := (&options{shard: s}).choose(someCases())
		assert.NilError(t, err)
		got = append(got, strings.Fields(ids(part))...)
	}
	slices.Sort(got)
	assert.Equal(t, strings.Join(got, " "), ids(someCases()))
}

func TestUnsound(t *testing.T) {
	run := func(res string, obs ...[2]string) map[string]result.Outcome {
		return map[string]result.Outcome{"a/c/b": {Case: "a/c/b", Result: res, Obs: obs}}
	}
	x1, x2 := [2]string{"x", "1"}, [2]string{"x", "2"}
	for _, tt := range []struct {
		name string
		runs []map[string]result.Outcome
		want string
	}{
		{"the same", []map[string]result.Outcome{run("ok", x1), run("ok", x1)}, ""},
		{"another value", []map[string]result.Outcome{run("ok", x1), run("ok", x1), run("ok", x2)}, "run 3: x: 2, in the first run 1"},
		{"fails later", []map[string]result.Outcome{run("ok", x1), run("fail", x1)}, "run 2"},
		{"crashes later", []map[string]result.Outcome{run("ok"), run("crash")}, "run 2: !crash"},
		{"fails at once", []map[string]result.Outcome{run("fail"), run("ok")}, "\n"},
		{"skipped", []map[string]result.Outcome{run("skip"), run("skip")}, ""},
		{"skipped later", []map[string]result.Outcome{run("ok"), run("skip")}, "skipped in one run"},
		{"skipped first", []map[string]result.Outcome{run("skip"), run("ok")}, "skipped in one run"},
	} {
		got := unsound("a/c/b", tt.runs)
		if tt.want == "" {
			assert.Equal(t, got, "", tt.name)
		} else {
			assert.Assert(t, strings.Contains(got, tt.want), "%s: %q", tt.name, got)
		}
	}
}

// A failing check is a difference to the first run even if it observes the same.
func TestUnsoundCheck(t *testing.T) {
	first := result.Outcome{Result: "ok"}
	later := result.Outcome{Result: "fail", Checks: []string{"x.c:1: no"}}
	got := unsound("a", []map[string]result.Outcome{{"a": first}, {"a": later}})
	assert.Assert(t, strings.Contains(got, "x.c:1: no"), got)
}

func TestPrintDiffs(t *testing.T) {
	f := &result.File{Sandboxes: []string{"ditto"}, Rows: []result.Row{
		{Case: "dup/c/a", Sandbox: map[string]result.Column{"ditto": {Verdict: result.Same}}},
		{Case: "dup/c/b", Sandbox: map[string]result.Column{"ditto": {Verdict: result.Differs, Diffs: []result.Difference{
			{Name: "bad fd", Native: "-1 EBADF", Sandbox: "0"}, {Name: "x", Native: "1", Sandbox: "-"},
		}}}},
	}}
	var b bytes.Buffer
	printDiffs(&b, f)
	assert.Equal(t, b.String(), "differs  dup/c/b [ditto]\n"+
		"            native    ditto\n"+
		"    bad fd  -1 EBADF  0\n"+
		"    x       1         -\n")
}

// The exit status is what makes a run red: judge each way in which it can be.
func TestPrintComplaints(t *testing.T) {
	rows := []result.Row{
		{Case: "a/c/x", Sandbox: map[string]result.Column{"d": {Verdict: result.Differs, Diffs: []result.Difference{{Name: "err", Native: "0", Sandbox: "EINTR"}}}}},
		{Case: "a/c/y", Sandbox: map[string]result.Column{"d": {Verdict: result.Crash, Reason: "SIGSEGV"}}},
	}
	var out bytes.Buffer
	printComplaints(&out, []result.Complaint{{Case: "a/c/x", Text: "differs, was same"}, {Case: "a/c/y", Text: "crash, was same"}}, rows, "d", true)
	assert.Equal(t, out.String(), `FAIL a/c/x: differs, was same
          native  d
    err   0       EINTR
FAIL a/c/y: crash, was same (SIGSEGV)
`)
}

func TestJudgeDecides(t *testing.T) {
	file := func(v result.Verdict) *result.File {
		return &result.File{Sandboxes: []string{"ditto"}, Rows: []result.Row{
			{Case: "dup/c/a", Native: result.Outcome{Result: "ok"}, Sandbox: map[string]result.Column{"ditto": {Verdict: v}}},
		}}
	}
	for _, tt := range []struct {
		baseline string
		verdict  result.Verdict
		red      bool
	}{
		{"", result.Same, false}, {"", result.Known, false}, {"", result.Skipped, false},
		{"", result.Differs, true}, {"", result.Crash, true}, {"", result.Timeout, true}, {"", result.Broken, true},
		{"dup/c/a\tsame\n", result.Same, false}, {"dup/c/a\tsame\n", result.Skipped, true}, {"dup/c/a\tsame\n", result.Known, true},
		{"dup/c/a\tknown\n", result.Known, false}, {"dup/c/a\tdiffers\n", result.Differs, true},
		{"dup/c/a\tsame\ndup/c/gone\tsame\n", result.Same, true}, {"dup/c/gone\tskipped\n", result.Same, false},
	} {
		o := &options{root: t.TempDir()}
		assert.NilError(t, os.MkdirAll(filepath.Dir(o.baselineFile()), 0o755))
		assert.NilError(t, os.WriteFile(o.baselineFile(), []byte(tt.baseline), 0o644))
		err := o.judge(file(tt.verdict), nil)
		assert.Equal(t, err != nil, tt.red, "%q, then %s", tt.baseline, tt.verdict)
		o.update = true
		o.judge(file(tt.verdict), nil)
		b, err := result.ReadBaseline(o.baselineFile())
		assert.NilError(t, err)
		assert.DeepEqual(t, b, result.Baseline{"dup/c/a": tt.verdict})
	}
}

// A partial run neither forgets the other results nor takes their absence for a loss.
func TestPartialRunsMerge(t *testing.T) {
	o := &options{root: t.TempDir(), syscalls: []string{"dup"}}
	row := func(id string, v result.Verdict) result.Row {
		return result.Row{Case: id, Sandbox: map[string]result.Column{"ditto": {Verdict: v}}}
	}
	whole := &result.File{Started: time.Unix(1, 0), Sandboxes: []string{"ditto"}, Rows: []result.Row{row("dup/c/a", result.Differs), row("open/c/a", result.Same)}}
	assert.NilError(t, whole.Write(o.resultsFile()))
	assert.NilError(t, result.Baseline{"open/c/a": result.Same}.Write(o.baselineFile()))
	part := &result.File{Started: time.Unix(2, 0), Sandboxes: []string{"ditto"}, Rows: []result.Row{row("dup/c/a", result.Same)}}
	assert.NilError(t, o.writeResults(part))
	assert.NilError(t, o.judge(part, nil))
	got, err := result.ReadFile(o.resultsFile())
	assert.NilError(t, err)
	assert.DeepEqual(t, got.Verdicts("ditto"), map[string]result.Verdict{"dup/c/a": result.Same, "open/c/a": result.Same})
}

func TestFamiliesCoverTheTable(t *testing.T) {
	root := filepath.Join("..", "..", "..")
	families, err := readFamilies(filepath.Join(root, "fixtures", "conformance", "families.tsv"))
	assert.NilError(t, err)
	in := map[string]string{}
	for f, members := range families {
		for _, m := range members {
			assert.Equal(t, in[m], "", "%s is in two families", m)
			in[m] = f
		}
	}
	table, err := os.ReadFile(filepath.Join(root, "fixtures", "syscalls", "syscall_64.tsv"))
	assert.NilError(t, err)
	count := 0
	for line := range strings.Lines(string(table)) {
		if f := strings.Split(line, "\t"); len(f) > 2 && f[0] != "number" && f[1] != "x32" {
			assert.Assert(t, in[f[2]] != "", "%s is in no family", f[2])
			count++
		}
	}
	assert.Equal(t, len(in), count)
}

func TestUnknownVerb(t *testing.T) {
	assert.ErrorContains(t, dispatch(context.Background(), []string{"nonsense"}), "no such command")
	assert.ErrorContains(t, dispatch(context.Background(), []string{"--repeat", "2"}), "--native-only")
}

func TestProgressLine(t *testing.T) {
	assert.Equal(t, progressLine(0, 100, 0, time.Second), "[........................] 0 of 100, 0 bad, 1s")
	assert.Equal(t, progressLine(50, 100, 2, 10*time.Second), "[############............] 50 of 100, 2 bad, 10s, 5/s, 10s left")
	assert.Equal(t, progressLine(100, 100, 2, 20*time.Second), "[########################] 100 of 100, 2 bad, 20s, 5/s, 0s left")
}
