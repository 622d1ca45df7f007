// SPDX-License-Identifier: Apache-2.0

// The dashboard verb: the pages of the last results.

package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/ditto-kernel/ditto/conformance/dashboard"
)

func dashboardVerb(args []string) error {
	o := &options{}
	var out, source string
	f := pflag.NewFlagSet("conformance dashboard", pflag.ContinueOnError)
	f.StringVar(&o.root, "root", "", "the source tree (default: found upwards from here)")
	f.StringVar(&o.results, "results", "", "the results to draw (default out/conformance/results.json)")
	f.StringVar(&out, "out", "", "the folder to write (default out/dashboard)")
	f.StringVar(&source, "source", "", "what stands before a file's path in links to the source, as in https://example.org/ditto/blob/main/")
	if err := f.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			os.Exit(0)
		}
		return err
	}
	if err := o.settle(); err != nil {
		return err
	}
	if out == "" {
		out = o.path("out", "dashboard")
	}
	if err := dashboard.Draw(dashboard.Config{Root: o.root, Results: o.resultsFile(), Out: out, Source: source}); err != nil {
		return err
	}
	fmt.Println(filepath.Join(out, "index.html"))
	return nil
}
