// SPDX-License-Identifier: Apache-2.0

// Package runner runs test programs on several sides (native Linux and sandboxes) and collects an outcome for every
// case. It reads the programs' lines as they come, so what a case reported survives the death of its program or its
// sandbox; the case that was running then is the one that is blamed, and the rest is run in a fresh start.
package runner

import (
	"context"
	"sync"
	"time"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

// A Side is a place where test programs run.
type Side struct {
	Name    string
	Command []string // stands before the program and its arguments
	Isolate bool     // in namespaces of its own, as a container has them
}

// Config says how to run.
type Config struct {
	Jobs    int           // programs at a time
	Batch   int           // cases per start of a program
	Silence time.Duration // a program that reports nothing for so long is killed
	Traces  string        // directory for what sandboxes say that hang; empty: don't keep it
	Report  func(side string, o result.Outcome)
}

// Defaults fills in what is not set.
func (c Config) Defaults() Config {
	if c.Jobs == 0 {
		c.Jobs = 2
	}
	if c.Batch == 0 {
		c.Batch = 25
	}
	if c.Silence == 0 {
		c.Silence = 60 * time.Second
	}
	if c.Report == nil {
		c.Report = func(string, result.Outcome) {}
	}
	return c
}

// Outcomes are by side, then by case.
type Outcomes map[string]map[string]result.Outcome

// A batch is some cases of one program on one side.
type batch struct {
	side  Side
	cases []suite.Case
}

// Run runs all cases on all sides. It fails only if the context ends.
func Run(ctx context.Context, c Config, sides []Side, cases []suite.Case) (Outcomes, error) {
	c = c.Defaults()
	var mu sync.Mutex // guards out and calls of Report
	out := Outcomes{}
	for _, s := range sides {
		out[s.Name] = map[string]result.Outcome{}
	}
	queue := make(chan batch)
	var wg sync.WaitGroup
	for range c.Jobs {
		wg.Go(func() {
			for b := range queue {
				runBatch(ctx, c, b, func(o result.Outcome) {
					mu.Lock()
					defer mu.Unlock()
					out[b.side.Name][o.Case] = o
					c.Report(b.side.Name, o)
				})
			}
		})
	}
	for _, b := range batches(c, sides, cases) {
		select {
		case queue <- b:
		case <-ctx.Done():
		}
	}
	close(queue)
	wg.Wait()
	return out, ctx.Err()
}

// batches cuts the cases up: one program each, small enough that all jobs have work, the sides by turns.
func batches(c Config, sides []Side, cases []suite.Case) []batch {
	size := min(c.Batch, max(1, (len(cases)+c.Jobs-1)/c.Jobs))
	byProgram := map[string][]suite.Case{}
	var programs []string
	for _, k := range cases {
		if byProgram[k.Binary] == nil {
			programs = append(programs, k.Binary)
		}
		byProgram[k.Binary] = append(byProgram[k.Binary], k)
	}
	var out []batch
	for _, p := range programs {
		for rest := byProgram[p]; len(rest) > 0; {
			n := min(size, len(rest))
			for _, s := range sides {
				out = append(out, batch{s, rest[:n]})
			}
			rest = rest[n:]
		}
	}
	return out
}
