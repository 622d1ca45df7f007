// SPDX-License-Identifier: Apache-2.0

// Package result holds what a conformance run finds: the outcome of a case on each side, the verdict of comparing
// them, the file that a run leaves, and the two fixtures that it is judged by, the baseline and the known differences.
package result

import (
	"fmt"
	"slices"
	"strings"
)

// Outcome is what a case did on one side: the line that the test program prints.
type Outcome struct {
	Case   string      `json:"case"`
	Result string      `json:"result"` // ok, fail, skip, crash, timeout
	Checks []string    `json:"checks,omitempty"`
	Obs    [][2]string `json:"obs,omitempty"`
	Skip   string      `json:"skip,omitempty"`
	Detail string      `json:"detail,omitempty"`
	MS     int64       `json:"ms"`
}

// Verdict is what the comparison of the two sides of a case comes to.
type Verdict string

// The verdicts. Broken is about the test: it fails natively.
const (
	Same    Verdict = "same"
	Differs Verdict = "differs"
	Known   Verdict = "known"
	Skipped Verdict = "skipped"
	Broken  Verdict = "broken"
	Crash   Verdict = "crash"
	Timeout Verdict = "timeout"
)

// Verdicts in the order in which they are shown.
var Verdicts = []Verdict{Same, Differs, Known, Skipped, Broken, Crash, Timeout}

// A Difference is one thing that the two sides disagree on. Name is that of the observation, or one of the words
// below; Native or Sandbox is "-" for an observation that a side did not make.
type Difference struct {
	Name    string `json:"name"`
	Native  string `json:"native"`
	Sandbox string `json:"sandbox"`
}

// Names of differences that are no observations. A known difference names them in the same way.
const (
	DiffCheck   = "!check"
	DiffCrash   = "!crash"
	DiffTimeout = "!timeout"
)

// Judge compares the outcomes of one case and gives the verdict, the reason in words, and the differences. known may
// be nil.
func Judge(native, sandbox Outcome, known *KnownList) (Verdict, string, []Difference) {
	if v, reason := judgeNative(native); v != "" {
		return v, reason, nil
	}
	if sandbox.Result == "skip" {
		return Skipped, "only in the sandbox: " + sandbox.Skip, nil
	}
	diffs := Compare(native, sandbox)
	if len(diffs) == 0 {
		return Same, "", nil
	}
	if reason, ok := known.Covers(native.Case, diffs); ok {
		return Known, reason, diffs
	}
	switch sandbox.Result {
	case "crash":
		return Crash, sandbox.Detail, diffs
	case "timeout":
		return Timeout, sandbox.Detail, diffs
	}
	return Differs, "", diffs
}

// judgeNative is the verdict if the native side alone decides it, or "".
func judgeNative(native Outcome) (Verdict, string) {
	switch native.Result {
	case "ok":
		if name := repeatedName(native.Obs); name != "" {
			return Broken, fmt.Sprintf("two observations are called %q", name)
		}
		return "", ""
	case "skip":
		return Skipped, native.Skip
	case "fail":
		return Broken, strings.Join(native.Checks, "; ")
	case "crash", "timeout":
		return Broken, native.Result + ": " + native.Detail
	}
	return Broken, fmt.Sprintf("unknown result %q", native.Result)
}

func repeatedName(obs [][2]string) string {
	seen := map[string]bool{}
	for _, o := range obs {
		if seen[o[0]] {
			return o[0]
		}
		seen[o[0]] = true
	}
	return ""
}

// Compare lists the differences between two outcomes, by name in the native side's order. The order in which a case
// observes does not matter: several processes may observe.
func Compare(native, sandbox Outcome) []Difference {
	var diffs []Difference
	values := map[string]string{}
	for _, o := range sandbox.Obs {
		values[o[0]] = o[1]
	}
	// After a crash what is missing is no news.
	partial := sandbox.Result == "crash" || sandbox.Result == "timeout"
	for _, o := range native.Obs {
		v, ok := values[o[0]]
		switch {
		case !ok && !partial:
			diffs = append(diffs, Difference{o[0], o[1], "-"})
		case ok && v != o[1]:
			diffs = append(diffs, Difference{o[0], o[1], v})
		}
		delete(values, o[0])
	}
	for _, o := range sandbox.Obs {
		if _, ok := values[o[0]]; ok {
			diffs = append(diffs, Difference{o[0], "-", o[1]})
			delete(values, o[0])
		}
	}
	switch sandbox.Result {
	case "ok":
	case "crash":
		diffs = append(diffs, Difference{DiffCrash, "-", sandbox.Detail})
	case "timeout":
		diffs = append(diffs, Difference{DiffTimeout, "-", sandbox.Detail})
	default:
		if len(sandbox.Checks) == 0 {
			diffs = append(diffs, Difference{DiffCheck, "-", fmt.Sprintf("result %q without a failed check", sandbox.Result)})
		}
	}
	for _, c := range sandbox.Checks {
		diffs = append(diffs, Difference{DiffCheck, "-", c})
	}
	return diffs
}

// Row is one case of a run.
type Row struct {
	Case    string            `json:"case"`
	Needs   string            `json:"needs,omitempty"`
	Native  Outcome           `json:"native"`
	Sandbox map[string]Column `json:"sandbox,omitempty"` // by the sandbox's name
}

// Column is a case in one sandbox.
type Column struct {
	Outcome Outcome      `json:"outcome"`
	Verdict Verdict      `json:"verdict"`
	Reason  string       `json:"reason,omitempty"`
	Diffs   []Difference `json:"diffs,omitempty"`
}

// Syscall, Lang and Name are the three parts of a case's id.
func Syscall(id string) string { return part(id, 0) }

// Lang is "c" or "go".
func Lang(id string) string { return part(id, 1) }

// Name is the case's name within its file.
func Name(id string) string { return part(id, 2) }

func part(id string, n int) string {
	parts := strings.SplitN(id, "/", 3)
	if n >= len(parts) {
		return ""
	}
	return parts[n]
}

// SortRows sorts by case id.
func SortRows(rows []Row) {
	slices.SortFunc(rows, func(a, b Row) int { return strings.Compare(a.Case, b.Case) })
}
