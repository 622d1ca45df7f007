// SPDX-License-Identifier: Apache-2.0

// This file reads what the suite says of its cases: results.json and the baseline (conformance/README.md).

package main

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"strings"
)

// readBaseline reads lines of case, tab, verdict.
func readBaseline(name string) (map[string]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	out := map[string]string{}
	for line := range strings.Lines(string(text)) {
		if c, verdict, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "\t"); ok && !strings.HasPrefix(line, "#") {
			out[c] = verdict
		}
	}
	return out, nil
}

// readVerdicts reads the verdicts of a run of one sandbox.
func readVerdicts(name string) (map[string]string, error) {
	text, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var run struct {
		Cases []struct {
			Case    string
			Sandbox map[string]struct{ Verdict string }
		}
	}
	if err := json.Unmarshal(text, &run); err != nil {
		return nil, err
	}
	out := map[string]string{}
	for _, row := range run.Cases {
		for _, column := range row.Sandbox {
			out[row.Case] = column.Verdict
		}
	}
	return out, nil
}

// worse are the cases that see a fault. One that is broken fails natively, and says nothing.
func worse(baseline, verdicts map[string]string) (cases []string) {
	for _, c := range slices.Sorted(maps.Keys(verdicts)) {
		switch v := verdicts[c]; v {
		case "broken":
		case "differs", "crash", "timeout":
			cases = append(cases, c)
		default:
			if baseline[c] == "same" && v != "same" {
				cases = append(cases, c)
			}
		}
	}
	return cases
}
