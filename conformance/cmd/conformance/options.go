// SPDX-License-Identifier: Apache-2.0

// The flags that run and list share, and the choice of cases that they make.

package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

type options struct {
	root     string
	syscalls []string
	families []string
	langs    []string
	globs    []string
	verdicts []string
	shard    string

	sandboxes  []string
	nativeOnly bool
	repeat     int
	load       bool
	update     bool
	results    string
	junit      string
	jobs       int
	silence    time.Duration
	cut        bool // interrupted: not all of the chosen cases ran
	showDiffs  bool
}

func parse(verb string, args []string) (*options, error) {
	o := &options{}
	f := pflag.NewFlagSet("conformance "+verb, pflag.ContinueOnError)
	f.StringVar(&o.root, "root", "", "the source tree (default: found upwards from here)")
	f.StringSliceVar(&o.syscalls, "syscall", nil, "only these syscalls' cases")
	f.StringSliceVar(&o.families, "family", nil, "only the syscalls of these families (fixtures/conformance/families.tsv)")
	f.StringSliceVar(&o.langs, "lang", nil, "only c or go")
	f.StringArrayVar(&o.globs, "case", nil, "only cases whose id, or name, matches this glob")
	f.StringSliceVar(&o.verdicts, "verdict", nil, "only cases that had one of these verdicts in the last results")
	f.StringVar(&o.shard, "shard", "", "i/n: the i-th of n equal parts, from 1")
	if verb == "run" {
		f.StringArrayVar(&o.sandboxes, "sandbox", nil, "NAME='CMD ARGS': what stands before a test's command; repeatable; the first is judged (default ditto='bin/ditto do')")
		f.BoolVar(&o.nativeOnly, "native-only", false, "no sandbox: are the cases sound and deterministic?")
		f.IntVar(&o.repeat, "repeat", 1, "with --native-only: run each case so often and demand the same observations")
		f.BoolVar(&o.load, "load", false, "keep all cores busy meanwhile")
		f.BoolVar(&o.update, "update-baseline", false, "record this run's verdicts in fixtures/conformance/baseline.tsv")
		f.StringVar(&o.results, "results", "", "where the results go (default out/conformance/results.json)")
		f.StringVar(&o.junit, "junit", "", "a file for the results as JUnit's XML")
		f.IntVar(&o.jobs, "jobs", 2, "test programs at a time")
		f.DurationVar(&o.silence, "silence", time.Minute, "a test program that reports nothing for so long is ended, and the case that was running timed out")
		f.BoolVar(&o.showDiffs, "diffs", false, "show the observations of differing cases side by side (default with --syscall or --case)")
	}
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			os.Exit(0)
		}
		return nil, err
	}
	if f.NArg() > 0 {
		return nil, fmt.Errorf("unexpected argument %q\n%s", f.Arg(0), usage)
	}
	if o.repeat > 1 && !o.nativeOnly {
		return nil, errors.New("--repeat goes with --native-only: a sandbox is judged by one run")
	}
	if len(o.syscalls) > 0 || len(o.globs) > 0 {
		o.showDiffs = true
	}
	return o, o.settle()
}

// settle finds the tree and turns families into syscalls.
func (o *options) settle() error {
	if o.root == "" {
		dir, err := os.Getwd()
		if err != nil {
			return err
		}
		for !isRoot(dir) {
			if dir == "/" {
				return errors.New("not inside the source tree; go there or pass --root")
			}
			dir = filepath.Dir(dir)
		}
		o.root = dir
	}
	var err error
	if o.root, err = filepath.Abs(o.root); err != nil {
		return err
	}
	if len(o.families) == 0 {
		return nil
	}
	members, err := readFamilies(o.path("fixtures", "conformance", "families.tsv"))
	if err != nil {
		return err
	}
	for _, f := range o.families {
		if len(members[f]) == 0 {
			return fmt.Errorf("no such family: %s", f)
		}
		o.syscalls = append(o.syscalls, members[f]...)
	}
	return nil
}

func isRoot(dir string) bool {
	_, err := os.Stat(filepath.Join(dir, "syscall-tests", "harness", "harness.h"))
	return err == nil
}

func (o *options) path(elem ...string) string {
	return filepath.Join(append([]string{o.root}, elem...)...)
}

func (o *options) resultsFile() string {
	if o.results != "" {
		return o.results
	}
	return o.path("out", "conformance", "results.json")
}

// complete tells whether the run covers every case.
func (o *options) complete() bool {
	return len(o.syscalls) == 0 && len(o.langs) == 0 && len(o.globs) == 0 && len(o.verdicts) == 0 && o.shard == "" && !o.cut
}

func readFamilies(name string) (map[string][]string, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	members := map[string][]string{}
	for line := range strings.Lines(string(b)) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		family, list, ok := strings.Cut(line, "\t")
		if !ok {
			return nil, fmt.Errorf("%s: want a family and its syscalls, separated by a tab: %q", name, line)
		}
		members[family] = append(members[family], strings.Fields(list)...)
	}
	return members, nil
}

// build builds the programs and chooses the cases.
func (o *options) build(ctx context.Context) (cases []suite.Case, failed []*suite.BuildError, err error) {
	cases, failed, err = suite.Build(ctx, suite.Config{
		Root: o.root, Out: o.path("out", "conformance"), Syscalls: o.needed(), Langs: o.langs,
	})
	if err != nil {
		return nil, nil, err
	}
	cases, err = o.choose(cases)
	return cases, failed, err
}

// needed are the syscalls whose cases can be chosen, so that no others are built; none means all.
func (o *options) needed() []string {
	if len(o.syscalls) > 0 || len(o.globs) == 0 {
		return o.syscalls
	}
	var named []string
	for _, g := range o.globs {
		name, _, whole := strings.Cut(g, "/")
		if !whole || strings.ContainsAny(name, `*?[\`) {
			return nil
		}
		named = append(named, name)
	}
	return named
}

func (o *options) choose(cases []suite.Case) ([]suite.Case, error) {
	keep := func(wanted func(suite.Case) bool) {
		cases = slices.DeleteFunc(cases, func(c suite.Case) bool { return !wanted(c) })
	}
	if len(o.globs) > 0 {
		for _, g := range o.globs {
			if _, err := path.Match(g, ""); err != nil {
				return nil, fmt.Errorf("--case %q: %w", g, err)
			}
		}
		keep(func(c suite.Case) bool {
			return slices.ContainsFunc(o.globs, func(g string) bool { return globMatches(g, c.ID) })
		})
	}
	if len(o.verdicts) > 0 {
		last, err := result.ReadFile(o.resultsFile())
		if err != nil {
			return nil, fmt.Errorf("--verdict needs the last run's results: %w", err)
		}
		had := map[string]bool{}
		for _, s := range last.Sandboxes {
			for id, v := range last.Verdicts(s) {
				had[id] = had[id] || slices.Contains(o.verdicts, string(v))
			}
		}
		keep(func(c suite.Case) bool { return had[c.ID] })
	}
	if o.shard != "" {
		var i, n int
		if k, err := fmt.Sscanf(o.shard, "%d/%d", &i, &n); k != 2 || err != nil || i < 1 || i > n {
			return nil, fmt.Errorf("--shard %q: want i/n with 1 <= i <= n", o.shard)
		}
		var part []suite.Case
		for k, c := range cases {
			if k%n == i-1 {
				part = append(part, c)
			}
		}
		cases = part
	}
	return cases, nil
}

func globMatches(glob, id string) bool {
	whole, _ := path.Match(glob, id)
	name, _ := path.Match(glob, result.Name(id))
	return whole || name
}
