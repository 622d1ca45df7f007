// SPDX-License-Identifier: Apache-2.0

// The run verb: build, run on every side, compare, write the results, judge.

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/runner"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

func runVerb(ctx context.Context, args []string) error {
	o, err := parse("run", args)
	if err != nil {
		return err
	}
	sides, err := o.sides()
	if err != nil {
		return err
	}
	cases, failed, err := o.build(ctx)
	if err != nil {
		return err
	}
	for _, f := range failed {
		fmt.Fprintln(os.Stderr, f)
	}
	if len(cases) == 0 {
		return errors.New("no cases: nothing matches")
	}
	if err := preflight(ctx, sides, cases[0].Binary); err != nil {
		return err
	}
	if o.load {
		stop, err := startLoad()
		if err != nil {
			return err
		}
		defer stop()
	}
	if o.nativeOnly {
		err = o.runNative(ctx, sides[0], cases)
	} else {
		err = o.runCompare(ctx, sides, cases)
	}
	if err == nil && len(failed) > 0 {
		fmt.Printf("%d sources do not compile\n", len(failed))
		err = errFailed
	}
	return err
}

// preflight tries every side. Where namespaces are not to be had, the native side goes without.
func preflight(ctx context.Context, sides []runner.Side, program string) error {
	for i, s := range sides {
		err := runner.Preflight(ctx, s, program)
		if err != nil && s.Isolate {
			fmt.Fprintf(os.Stderr, "the native side runs without namespaces of its own: %v\n", err)
			sides[i] = runner.Side{Name: s.Name}
			err = runner.Preflight(ctx, sides[i], program)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// sides is native first, then the sandboxes.
func (o *options) sides() ([]runner.Side, error) {
	native, err := runner.Native()
	if err != nil {
		return nil, err
	}
	sides := []runner.Side{native}
	if o.nativeOnly {
		return sides, nil
	}
	list := o.sandboxes
	if len(list) == 0 {
		list = []string{"ditto=" + o.path("bin", "ditto") + " do"}
	}
	for _, s := range list {
		name, line, ok := strings.Cut(s, "=")
		words, err := splitWords(line)
		if !ok || name == "" || name == "native" || err != nil || len(words) == 0 {
			return nil, fmt.Errorf("--sandbox %q: want NAME='CMD ARGS'", s)
		}
		if strings.Contains(words[0], "/") {
			if words[0], err = filepath.Abs(words[0]); err != nil {
				return nil, err
			}
		}
		sides = append(sides, runner.Side{Name: name, Command: words})
	}
	return sides, nil
}

// splitWords splits a command line at blanks outside of single and double quotes.
func splitWords(s string) ([]string, error) {
	var words []string
	var word strings.Builder
	var quote rune
	inWord := false
	for _, r := range s {
		switch {
		case quote != 0 && r == quote:
			quote = 0
		case quote == 0 && (r == '\'' || r == '"'):
			quote, inWord = r, true
		case quote == 0 && (r == ' ' || r == '\t'):
			if inWord {
				words = append(words, word.String())
				word.Reset()
				inWord = false
			}
		default:
			word.WriteRune(r)
			inWord = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if inWord {
		words = append(words, word.String())
	}
	return words, nil
}

func (o *options) runCompare(ctx context.Context, sides []runner.Side, cases []suite.Case) error {
	known, err := result.ReadKnown(o.path("fixtures", "known-differences"))
	if err != nil {
		return err
	}
	started := time.Now()
	p := newProgress(len(cases)*len(sides), func(side string, out result.Outcome) bool {
		return out.Result == "crash" || out.Result == "timeout" || out.Result == "fail"
	})
	outcomes, runErr := runner.Run(ctx, runner.Config{Jobs: o.jobs, Silence: o.silence, Traces: o.path("out", "conformance"), Report: p.report}, sides, cases)
	p.stop()
	if runErr != nil {
		// Interrupted: what is there is worth keeping, as a partial run.
		o.cut = true
		cases = slices.DeleteFunc(cases, func(c suite.Case) bool {
			return slices.ContainsFunc(sides, func(s runner.Side) bool { return outcomes[s.Name][c.ID].Case == "" })
		})
	}
	file := &result.File{Started: started, Seconds: time.Since(started).Seconds(), Machine: o.machine(ctx)}
	for _, s := range sides[1:] {
		file.Sandboxes = append(file.Sandboxes, s.Name)
	}
	for _, c := range cases {
		row := result.Row{Case: c.ID, Needs: c.Needs, Native: outcomes["native"][c.ID], Sandbox: map[string]result.Column{}}
		for i, s := range file.Sandboxes {
			list := known
			if i > 0 {
				list = nil // the list is about the first
			}
			col := result.Column{Outcome: outcomes[s][c.ID]}
			col.Verdict, col.Reason, col.Diffs = result.Judge(row.Native, col.Outcome, list)
			row.Sandbox[s] = col
		}
		file.Rows = append(file.Rows, row)
	}
	if err := o.writeResults(file); err != nil {
		return err
	}
	if err := o.record(file); err != nil {
		return err
	}
	if err := o.judge(file, known); runErr == nil {
		return err
	}
	return runErr
}

// writeResults writes a complete run as it is; a partial one is merged into what is there.
func (o *options) writeResults(file *result.File) error {
	if !o.complete() && o.shard == "" {
		if old, err := result.ReadFile(o.resultsFile()); err == nil {
			old.Merge(file)
			return old.Write(o.resultsFile())
		}
	}
	return file.Write(o.resultsFile())
}

// judge prints what a reader needs to know of a run, updates the baseline if asked to, and decides.
func (o *options) judge(file *result.File, known *result.KnownList) error {
	baseline, err := result.ReadBaseline(o.baselineFile())
	if err != nil {
		return err
	}
	judged := file.Sandboxes[0]
	verdicts := file.Verdicts(judged)
	if o.update {
		baseline.Update(verdicts, o.complete())
		if err := baseline.Write(o.baselineFile()); err != nil {
			return err
		}
	}
	if o.showDiffs {
		printDiffs(os.Stdout, file)
	}
	var ids []string
	for id := range verdicts {
		ids = append(ids, id)
	}
	complaints := baseline.Complaints(verdicts, o.complete())
	printComplaints(os.Stdout, complaints, file.Rows, judged, !o.showDiffs)
	for _, u := range known.Unused(ids) {
		fmt.Printf("known difference that covers nothing any more: %s\n", u)
	}
	printSummary(os.Stdout, file, baseline)
	if len(complaints) > 0 {
		return errFailed
	}
	return nil
}

func (o *options) baselineFile() string { return o.path("fixtures", "conformance", "baseline.tsv") }
