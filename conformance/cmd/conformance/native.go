// SPDX-License-Identifier: Apache-2.0

// --native-only: whether cases are sound, and see the same every time.

package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/runner"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

func (o *options) runNative(ctx context.Context, side runner.Side, cases []suite.Case) error {
	p := newProgress(len(cases)*o.repeat, func(_ string, out result.Outcome) bool {
		return out.Result != "ok" && out.Result != "skip"
	})
	var runs []map[string]result.Outcome
	for range o.repeat {
		outcomes, err := runner.Run(ctx, runner.Config{Jobs: o.jobs, Silence: o.silence, Report: p.report}, []runner.Side{side}, cases)
		if err != nil {
			p.stop()
			return err
		}
		runs = append(runs, outcomes[side.Name])
	}
	p.stop()
	bad, skipped := 0, 0
	for _, c := range cases {
		if runs[0][c.ID].Result == "skip" {
			skipped++
			fmt.Printf("skipped  %s: %s\n", c.ID, runs[0][c.ID].Skip)
		}
		if text := unsound(c.ID, runs); text != "" {
			bad++
			fmt.Printf("broken   %s\n%s", c.ID, text)
		}
	}
	fmt.Printf("%d cases, %d times: %d sound, %d skipped, %d broken\n", len(cases), o.repeat, len(cases)-bad-skipped, skipped, bad)
	if bad > 0 {
		return errFailed
	}
	return nil
}

// unsound says what is wrong with a case over its runs, "" if nothing: a run that failed, or one that saw something
// else than the first.
func unsound(id string, runs []map[string]result.Outcome) string {
	var lines []string
	first := runs[0][id]
	for i, run := range runs {
		verdict, reason, diffs := result.Judge(first, run[id], nil)
		switch {
		case verdict == result.Broken:
			return "  " + reason + "\n"
		case first.Result == "skip" && run[id].Result != "skip" || verdict == result.Skipped && first.Result != "skip":
			lines = append(lines, fmt.Sprintf("  run %d: skipped in one run and not in the other: %s\n", i+1, reason))
		}
		for _, d := range diffs {
			lines = append(lines, fmt.Sprintf("  run %d: %s: %s, in the first run %s\n", i+1, d.Name, d.Sandbox, d.Native))
		}
	}
	slices.Sort(lines)
	return strings.Join(slices.Compact(lines), "")
}

// startLoad keeps every core busy with a process of its own until stop is called or this process ends.
func startLoad() (stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	var pipes []io.Closer
	stop = func() {
		for _, p := range pipes {
			p.Close()
		}
	}
	for range runtime.NumCPU() {
		cmd := exec.Command(self, "busy")
		in, err := cmd.StdinPipe()
		if err != nil {
			stop()
			return nil, err
		}
		if err := cmd.Start(); err != nil {
			stop()
			return nil, err
		}
		pipes = append(pipes, in)
		go cmd.Wait()
	}
	return stop, nil
}

// busyVerb spins until its stdin ends.
func busyVerb() error {
	var n atomic.Uint64
	go func() {
		for {
			n.Add(1)
		}
	}()
	_, err := io.Copy(io.Discard, os.Stdin)
	return err
}
