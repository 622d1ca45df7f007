// SPDX-License-Identifier: Apache-2.0

// This file draws the recorded runs.

package dashboard

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditto-kernel/ditto/conformance/result"
)

// trend is a chart of the last runs: a bar a run, as high as it had cases, in the colours of their verdicts.
type trend struct {
	Bars          []trendBar
	Width, Height int
	Most          int // cases of the tallest
	Rows          []result.Record
}

type trendBar struct {
	X, Width int
	Title    string
	Parts    []trendPart
}

type trendPart struct {
	State     string
	Y, Height float64
}

const (
	trendRuns   = 60
	trendHeight = 120
	barWidth    = 14
	barStep     = 18
)

// readTrend joins the tree's history and the local one.
func readTrend(root string) (*trend, error) {
	var runs []result.Record
	for _, dir := range []string{"fixtures", "out"} {
		h, err := result.ReadHistory(filepath.Join(root, dir, "conformance", "history.jsonl"))
		if err != nil {
			return nil, err
		}
		runs = append(runs, h...)
	}
	slices.SortStableFunc(runs, func(a, b result.Record) int { return a.Started.Compare(b.Started) })
	runs = slices.CompactFunc(runs, func(a, b result.Record) bool { return a.Started.Equal(b.Started) && a.Sandbox == b.Sandbox })
	return newTrend(runs[max(0, len(runs)-trendRuns):]), nil
}

func newTrend(runs []result.Record) *trend {
	t := &trend{Height: trendHeight, Width: max(1, len(runs)) * barStep}
	for _, r := range runs {
		t.Most = max(t.Most, r.Cases())
	}
	for i, r := range runs {
		b := trendBar{X: i * barStep, Width: barWidth}
		var words []string
		states := map[string]int{}
		for _, v := range result.Verdicts {
			states[stateOf(v)] += r.Verdicts[v]
		}
		y := float64(trendHeight)
		for _, s := range []string{"same", "known", "skipped", "differs"} {
			if states[s] == 0 {
				continue
			}
			words = append(words, fmt.Sprintf("%d %s", states[s], s))
			// A single case must be seen among thousands.
			h := max(float64(states[s])*(trendHeight-8)/float64(t.Most), 1.5)
			y -= h
			b.Parts = append(b.Parts, trendPart{s, y, h})
		}
		b.Title = fmt.Sprintf("%s, %s, %s: %s", r.Started.Format("2006-01-02 15:04"), r.Commit, r.Kernel, strings.Join(words, ", "))
		t.Bars = append(t.Bars, b)
	}
	for i := len(runs) - 1; i >= max(0, len(runs)-5); i-- {
		t.Rows = append(t.Rows, runs[i])
	}
	return t
}
