// SPDX-License-Identifier: Apache-2.0

// The baseline: fixtures/conformance/baseline.tsv, the verdict of every case when it was last recorded. It catches
// what a run alone can't see: a case that was the same and now is skipped, or gone.

package result

import (
	"bufio"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// Baseline is a verdict by case id.
type Baseline map[string]Verdict

// ReadBaseline reads a baseline; a file that doesn't exist is an empty one.
func ReadBaseline(name string) (Baseline, error) {
	b := Baseline{}
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return b, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		line := in.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		id, verdict, ok := strings.Cut(line, "\t")
		if !ok || !slices.Contains(Verdicts, Verdict(verdict)) {
			return nil, fmt.Errorf("%s:%d: want a case and its verdict, separated by a tab", name, n)
		}
		b[id] = Verdict(verdict)
	}
	return b, in.Err()
}

// Write writes the baseline, sorted.
func (b Baseline) Write(name string) error {
	var s strings.Builder
	s.WriteString("# case\tverdict\n# Written by conformance --update-baseline.\n")
	for _, id := range slices.Sorted(maps.Keys(b)) {
		fmt.Fprintf(&s, "%s\t%s\n", id, b[id])
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	return os.WriteFile(name, []byte(s.String()), 0o644)
}

// Update takes over the verdicts of a run. A complete run also drops the cases that no longer exist.
func (b Baseline) Update(verdicts map[string]Verdict, complete bool) {
	if complete {
		clear(b)
	}
	maps.Copy(b, verdicts)
}

// A Complaint is a reason for which a run fails.
type Complaint struct {
	Case, Text string
}

// Complaints judges the verdicts of a run: what is broken, what differs and isn't listed as known, and what was the
// same in the baseline and no longer is.
func (b Baseline) Complaints(verdicts map[string]Verdict, complete bool) []Complaint {
	var out []Complaint
	for _, id := range slices.Sorted(maps.Keys(verdicts)) {
		v := verdicts[id]
		switch {
		case v == Broken:
			out = append(out, Complaint{id, "broken: fails natively"})
		case v == Differs || v == Crash || v == Timeout:
			text := string(v)
			if b[id] == Same {
				text += ", was same"
			}
			out = append(out, Complaint{id, text})
		case b[id] == Same && v != Same:
			out = append(out, Complaint{id, fmt.Sprintf("was same, is %s", v)})
		}
	}
	if complete {
		for _, id := range slices.Sorted(maps.Keys(b)) {
			if _, ok := verdicts[id]; !ok && b[id] == Same {
				out = append(out, Complaint{id, "was same, is gone"})
			}
		}
	}
	return out
}
