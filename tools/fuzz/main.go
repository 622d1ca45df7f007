// SPDX-License-Identifier: Apache-2.0

// Command fuzz runs random programs of system calls natively and in the sandbox, and compares what they saw.
//
//	go run ./tools/fuzz --time 3m                     programs of any calls
//	go run ./tools/fuzz --files --time 10m            long sequences of file operations, on each kind of file system
//	go run ./tools/fuzz --seed 4711 --programs 1      that program again
//	go run ./tools/fuzz --sum                         what all recorded runs have done
//
// A difference that stays is made small, reported, and written as a C case to out/fuzz. Those of
// fixtures/fuzz/known.tsv are only counted. fixtures/fuzz/open.tsv lists what was found and is not mended.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/tools/fuzz/engine"
	"github.com/ditto-kernel/ditto/tools/fuzz/generate"
	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
	"github.com/ditto-kernel/ditto/tools/table"
)

type options struct {
	files    bool
	places   []string
	seed     uint64
	programs int
	steps    int
	time     time.Duration
	sandbox  string
	out      string
	print    bool
	keep     bool
	most     int
	jobs     int
	spread   bool
	ledger   bool
	sum      bool
}

func main() {
	var o options
	s := pflag.CommandLine
	s.BoolVar(&o.files, "files", false, "file operations only, in long sequences")
	s.StringSliceVar(&o.places, "places", nil, "file systems to work on: "+strings.Join(engine.Places, ",")+" (default: all with --files, else tmpfs)")
	s.Uint64Var(&o.seed, "seed", 0, "the first program's seed; the others count up from it (default: by the clock)")
	s.IntVar(&o.programs, "programs", 0, "how many programs on each file system (default: as many as the time allows)")
	s.IntVar(&o.steps, "steps", 0, "operations of a program (default: 20, and 600 with --files)")
	s.DurationVar(&o.time, "time", time.Minute, "how long in all")
	s.StringVar(&o.sandbox, "sandbox", "bin/ditto do", "what stands before a command to run it in the sandbox")
	s.StringVar(&o.out, "out", "out/fuzz", "the `directory` for what is found")
	s.BoolVar(&o.print, "print", false, "print the programs and what both sides saw")
	s.BoolVar(&o.keep, "keep-going", false, "go on after a difference; --files always does")
	s.IntVar(&o.most, "most", 30, "when going on, stop after so many different differences")
	s.IntVar(&o.jobs, "jobs", 0, "how many programs at a time (default: one, and without --files one a processor, and two at least)")
	s.BoolVar(&o.spread, "spread", false, "let a program's processes run on all processors; --files always does")
	s.BoolVar(&o.ledger, "ledger", false, "enter the run into "+engine.Ledger)
	s.BoolVar(&o.sum, "sum", false, "print the sum of the ledger, and run nothing")
	pflag.Parse()
	if o.seed == 0 {
		o.seed = uint64(time.Now().UnixNano()) >> 10 << 10
	}
	if len(o.places) == 0 {
		o.places = []string{"tmpfs"}
		if o.files {
			o.places = engine.Places
		}
	}
	if o.jobs == 0 {
		o.jobs = max(2, runtime.NumCPU())
		if o.files {
			o.jobs = 1
		}
	}
	o.keep = o.keep || o.files
	if o.steps == 0 {
		o.steps = 20
		if o.files {
			o.steps = 600
		}
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := o.run(ctx); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		os.Exit(1)
	}
}

var errFound = errors.New("the sides differ")

func (o *options) run(ctx context.Context) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	if o.sum {
		text, err := engine.Sum(root)
		fmt.Print(text)
		return err
	}
	t, err := table.Load(root)
	if err != nil {
		return err
	}
	known, err := engine.LoadKnown(filepath.Join(root, "fixtures", "fuzz", "known.tsv"))
	if err != nil {
		return err
	}
	if !filepath.IsAbs(o.out) {
		o.out = filepath.Join(root, o.out)
	}
	executor, err := engine.Build(ctx, root, o.out)
	if err != nil {
		return err
	}
	dir, err := os.MkdirTemp("", "ditto-fuzz-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	found := false
	for i, place := range o.places {
		pairs, err := o.pairs(place, executor, dir)
		if err != nil {
			return err
		}
		r := &engine.Run{
			Place: place, Pairs: pairs, Known: known, First: o.seed, Programs: o.programs, KeepGoing: o.keep, Most: o.most, Out: o.out,
			Until:    time.Now().Add(o.time / time.Duration(len(o.places)-i)),
			Generate: func(seed uint64) *prog.Program { return o.generate(t, seed) },
			Report:   o.report,
		}
		if o.print {
			r.Show = func(p *prog.Program, native, sandbox []string) {
				fmt.Printf("%s\nnative:\n%s\n\nsandbox:\n%s\n\n", p, strings.Join(native, "\n"), strings.Join(sandbox, "\n"))
			}
		}
		started := time.Now()
		err = r.Go(ctx)
		o.time -= time.Since(started)
		for _, p := range pairs {
			p.Stop()
		}
		fmt.Printf("%s: %s\n", place, r.Summary(time.Since(started)))
		if o.ledger {
			err = errors.Join(err, engine.Enter(context.WithoutCancel(ctx), root, o.kind(), place, r))
		}
		if err != nil {
			return err
		}
		found = found || r.Found > 0 || r.Lost > 0
		if ctx.Err() != nil {
			return ctx.Err()
		}
	}
	if found {
		return errFound
	}
	return nil
}

func (o *options) kind() string {
	if o.files {
		return "files"
	}
	return "calls"
}

// pairs makes the sides, each pair with a directory of its own.
func (o *options) pairs(place, executor, dir string) ([]*engine.Pair, error) {
	var pairs []*engine.Pair
	for i := range o.jobs {
		p, err := engine.NewPair(place, executor, filepath.Join(dir, fmt.Sprint(i)), strings.Fields(o.sandbox))
		if err != nil {
			return nil, err
		}
		if !o.files && !o.spread {
			if err := p.Pin(i); err != nil {
				return nil, err
			}
		}
		pairs = append(pairs, p)
	}
	return pairs, nil
}

func (o *options) generate(t *table.Table, seed uint64) *prog.Program {
	if o.files {
		return generate.Files(t, seed, o.steps, 0)
	}
	return generate.Calls(t, seed, o.steps, 0)
}

// report prints a difference, and writes it as a case.
func (o *options) report(place string, d *engine.Difference) {
	fmt.Printf("\nDIFFERENCE on %s: %s\n%s\n", place, d.Signature(), d)
	name := fmt.Sprintf("%s_%d", place, d.Program.Seed)
	path := filepath.Join(o.out, name+".c")
	if err := os.WriteFile(path, []byte(d.Program.Case("seed_"+name, d.Signature())), 0o644); err != nil {
		fmt.Fprintln(os.Stderr, "fuzz:", err)
		return
	}
	fmt.Printf("as a case: %s\n\n", path)
}
