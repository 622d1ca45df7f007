// SPDX-License-Identifier: Apache-2.0

// The merge verb: shards ran on several machines; their results are joined and judged as one complete run.

package main

import (
	"errors"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/conformance/result"
)

func mergeVerb(args []string) error {
	o := &options{}
	f := pflag.NewFlagSet("conformance merge", pflag.ContinueOnError)
	f.StringVar(&o.root, "root", "", "the source tree (default: found upwards from here)")
	f.StringVarP(&o.results, "output", "o", "", "where the joined results go (default out/conformance/results.json)")
	f.StringVar(&o.junit, "junit", "", "a file for the results as JUnit's XML")
	f.BoolVar(&o.update, "update-baseline", false, "record the verdicts in fixtures/conformance/baseline.tsv")
	if err := f.Parse(args); err != nil {
		return err
	}
	if f.NArg() == 0 {
		return errors.New("merge: which result files?")
	}
	if err := o.settle(); err != nil {
		return err
	}
	joined := &result.File{}
	for _, name := range f.Args() {
		part, err := result.ReadFile(name)
		if err != nil {
			return err
		}
		joined.Merge(part)
	}
	if len(joined.Sandboxes) == 0 {
		return errors.New("merge: the files hold no sandbox's results")
	}
	if err := joined.Write(o.resultsFile()); err != nil {
		return err
	}
	if err := o.record(joined); err != nil {
		return err
	}
	return o.judge(joined, nil)
}
