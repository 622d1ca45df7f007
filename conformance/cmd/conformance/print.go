// SPDX-License-Identifier: Apache-2.0

// What a run tells its reader: differences side by side, complaints, the summary.

package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/ditto-kernel/ditto/conformance/result"
)

// printDiffs shows, for every case that is not the same, what each side saw.
func printDiffs(w io.Writer, f *result.File) {
	for _, r := range f.Rows {
		for _, s := range f.Sandboxes {
			c := r.Sandbox[s]
			if c.Verdict == result.Same {
				continue
			}
			fmt.Fprintf(w, "%-8s %s [%s]", c.Verdict, r.Case, s)
			if c.Reason != "" {
				fmt.Fprintf(w, " %s", c.Reason)
			}
			fmt.Fprintln(w)
			printTable(w, s, c.Diffs)
		}
	}
}

func printTable(w io.Writer, sandbox string, diffs []result.Difference) {
	if len(diffs) == 0 {
		return
	}
	nameWidth, nativeWidth := 4, 6
	for _, d := range diffs {
		nameWidth = min(max(nameWidth, len(d.Name)), 40)
		nativeWidth = min(max(nativeWidth, len(d.Native)), 50)
	}
	fmt.Fprintf(w, "    %-*s  %-*s  %s\n", nameWidth, "", nativeWidth, "native", sandbox)
	for _, d := range diffs {
		value := strings.ReplaceAll(d.Sandbox, "\n", "\n      ")
		fmt.Fprintf(w, "    %-*s  %-*s  %s\n", nameWidth, d.Name, nativeWidth, d.Native, value)
	}
}

// At most so many complaints are printed in full.
const maxComplaints = 200

// printComplaints names what is worse than the baseline, with what each side saw if tables: a run in CI can't be asked again.
func printComplaints(w io.Writer, complaints []result.Complaint, rows []result.Row, sandbox string, tables bool) {
	columns := map[string]result.Column{}
	for _, r := range rows {
		columns[r.Case] = r.Sandbox[sandbox]
	}
	for i, c := range complaints {
		if i == maxComplaints {
			fmt.Fprintf(w, "... and %d more\n", len(complaints)-i)
			break
		}
		fmt.Fprintf(w, "FAIL %s: %s", c.Case, c.Text)
		if reason := columns[c.Case].Reason; reason != "" {
			fmt.Fprintf(w, " (%s)", strings.ReplaceAll(reason, "\n", "\n  "))
		}
		fmt.Fprintln(w)
		if tables {
			printTable(w, sandbox, columns[c.Case].Diffs)
		}
	}
}

func printSummary(w io.Writer, f *result.File, baseline result.Baseline) {
	for _, s := range f.Sandboxes {
		count := map[result.Verdict]int{}
		skippedHere, fresh := 0, 0
		for _, r := range f.Rows {
			c := r.Sandbox[s]
			count[c.Verdict]++
			if c.Verdict == result.Skipped && r.Native.Result != "skip" {
				skippedHere++
			}
			if _, ok := baseline[r.Case]; !ok {
				fresh++
			}
		}
		fmt.Fprintf(w, "%s: %d cases in %.0f s:", s, len(f.Rows), f.Seconds)
		for _, v := range result.Verdicts {
			fmt.Fprintf(w, " %d %s", count[v], v)
		}
		if skippedHere > 0 {
			fmt.Fprintf(w, " (%d skipped only there)", skippedHere)
		}
		if s == f.Sandboxes[0] && fresh > 0 {
			fmt.Fprintf(w, "; %d not in the baseline", fresh)
		}
		fmt.Fprintln(w)
	}
}
