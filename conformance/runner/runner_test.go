// SPDX-License-Identifier: Apache-2.0

package runner

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

// This test binary is also the test program that the runner is tried on: with `run`, each case does what its name says.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == "run" {
		for _, id := range os.Args[2:] {
			fakeCase(id)
		}
		os.Exit(0)
	}
	if len(os.Args) > 1 && os.Args[1] == "list" {
		fmt.Println("fake/c/ok1\t")
		os.Exit(0)
	}
	os.Exit(m.Run())
}

func fakeCase(id string) {
	switch name := result.Name(id); {
	case strings.HasPrefix(name, "crash"):
		fmt.Fprintln(os.Stderr, "going down at", id)
		syscall.Kill(os.Getpid(), syscall.SIGKILL)
		syscall.Pause()
	case strings.HasPrefix(name, "quit"):
		os.Exit(5)
	case strings.HasPrefix(name, "silent"):
		return
	case strings.HasPrefix(name, "half"):
		fmt.Printf("{\"case\":%q,\"resu", id)
		os.Exit(1)
	case strings.HasPrefix(name, "hang"):
		syscall.Pause()
	case strings.HasPrefix(name, "orphan"):
		// A child keeps stdout open; killed with the session.
		p, err := os.StartProcess("/bin/sleep", []string{"sleep", "600"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, nil}})
		if err != nil {
			panic(err)
		}
		p.Release()
		os.Exit(4)
	case strings.HasPrefix(name, "noise"):
		fmt.Printf("not json\n{\"case\":\"another/c/case\",\"result\":\"ok\"}\n")
	}
	fmt.Printf("{\"case\":%q,\"result\":\"ok\",\"obs\":[[\"pid\",\"%d\"]]}\n", id, os.Getpid())
}

func fakeCases(t *testing.T, names string) []suite.Case {
	t.Helper()
	self, err := os.Executable()
	assert.NilError(t, err)
	var out []suite.Case
	for _, n := range strings.Fields(names) {
		out = append(out, suite.Case{ID: "fake/c/" + n, Binary: self})
	}
	return out
}

func TestOutcomes(t *testing.T) {
	for _, tt := range []struct{ name, cases, want string }{
		{"all well", "ok1 ok2 ok3", "ok1:ok ok2:ok ok3:ok"},
		{"crash in the middle", "ok1 crash1 ok2", "ok1:ok crash1:crash ok2:ok"},
		{"crash first and last", "crash1 ok1 crash2", "crash1:crash ok1:ok crash2:crash"},
		{"nothing but crashes", "crash1 crash2 crash3", "crash1:crash crash2:crash crash3:crash"},
		{"the program ends early", "ok1 quit1 ok2", "ok1:ok quit1:crash ok2:ok"},
		{"half a line is no result", "ok1 half1 ok2", "ok1:ok half1:crash ok2:ok"},
		{"a case without a line", "silent1 ok1", "silent1:crash ok1:ok"},
		{"a hang", "ok1 hang1 ok2", "ok1:ok hang1:timeout ok2:ok"},
		{"other output and other cases are ignored", "noise1 ok1", "noise1:ok ok1:ok"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			c := Config{Silence: 5 * time.Second}
			if strings.Contains(tt.cases, "hang") {
				c.Silence = 2 * time.Second
			}
			// One job and one batch, so that all cases share a program.
			c.Jobs = 1
			out, err := Run(context.Background(), c, []Side{{Name: "native"}}, fakeCases(t, tt.cases))
			assert.NilError(t, err)
			var got []string
			for _, n := range strings.Fields(tt.cases) {
				got = append(got, n+":"+out["native"]["fake/c/"+n].Result)
			}
			assert.Equal(t, strings.Join(got, " "), tt.want)
			assert.Equal(t, len(out["native"]), len(got))
		})
	}
}

func TestCrashTellsWhy(t *testing.T) {
	out, err := Run(context.Background(), Config{}, []Side{{Name: "native"}}, fakeCases(t, "crash1"))
	assert.NilError(t, err)
	detail := out["native"]["fake/c/crash1"].Detail
	assert.Assert(t, strings.Contains(detail, "killed") && strings.Contains(detail, "going down at fake/c/crash1"), detail)
}

// A sandbox that hangs is asked what it is doing.
func TestHangLeavesATrace(t *testing.T) {
	c := Config{Silence: 2 * time.Second, Traces: filepath.Join(t.TempDir(), "traces")}
	out, err := Run(context.Background(), c, []Side{{Name: "box", Command: []string{"env", "A=B"}}}, fakeCases(t, "hang1"))
	assert.NilError(t, err)
	o := out["box"]["fake/c/hang1"]
	assert.Equal(t, o.Result, "timeout")
	files, err := filepath.Glob(filepath.Join(c.Traces, "*"))
	assert.NilError(t, err)
	assert.Equal(t, len(files), 1)
	assert.Assert(t, strings.HasSuffix(o.Detail, "; all of it: "+files[0]), o.Detail)
	trace, err := os.ReadFile(files[0])
	assert.NilError(t, err)
	assert.Assert(t, strings.Contains(string(trace), "SIGABRT") && strings.Contains(string(trace), "goroutine 1"), string(trace))
}

// A descendant that holds the output open must not hold up the run for its whole life.
func TestOrphanHoldsStdout(t *testing.T) {
	out, err := Run(context.Background(), Config{Jobs: 1}, []Side{{Name: "native"}}, fakeCases(t, "orphan1 ok1"))
	assert.NilError(t, err)
	assert.Equal(t, out["native"]["fake/c/orphan1"].Result, "crash")
	assert.Equal(t, out["native"]["fake/c/ok1"].Result, "ok")
}

func TestEverySideRunsEveryCase(t *testing.T) {
	cases := fakeCases(t, "ok1 ok2 ok3 ok4 ok5 ok6 ok7")
	var mu sync.Mutex
	reports := map[string]int{}
	c := Config{Batch: 3, Report: func(side string, o result.Outcome) {
		mu.Lock()
		defer mu.Unlock()
		reports[side]++
	}}
	out, err := Run(context.Background(), c, []Side{{Name: "native"}, {Name: "box", Command: []string{"env", "A=B"}}}, cases)
	assert.NilError(t, err)
	assert.Equal(t, len(out["native"]), 7)
	assert.Equal(t, len(out["box"]), 7)
	assert.DeepEqual(t, reports, map[string]int{"native": 7, "box": 7})
	starts := map[string]bool{}
	for _, o := range out["box"] {
		starts[o.Obs[0][1]] = true
	}
	assert.Equal(t, len(starts), 3, "7 cases, 3 to a start")
}

func TestCancel(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cases := append(fakeCases(t, "ok1"), fakeCases(t, "hang1 ok2")...)
	c := Config{Jobs: 1, Report: func(string, result.Outcome) { cancel() }}
	out, err := Run(ctx, c, []Side{{Name: "native"}}, cases)
	assert.ErrorIs(t, err, context.Canceled)
	assert.Equal(t, len(out["native"]), 1)
}

func TestPreflight(t *testing.T) {
	self := fakeCases(t, "x")[0].Binary
	assert.NilError(t, Preflight(context.Background(), Side{Name: "good", Command: []string{"env"}}, self))
	assert.ErrorContains(t, Preflight(context.Background(), Side{Name: "bad", Command: []string{"false"}}, self), "bad does not run")
	assert.ErrorContains(t, Preflight(context.Background(), Side{Name: "quiet", Command: []string{"true"}}, self), "listed no cases")
	assert.ErrorContains(t, Preflight(context.Background(), Side{Name: "none", Command: []string{"/no/such"}}, self), "no such file")
}
