// SPDX-License-Identifier: Apache-2.0

// The file of results that a run leaves in out/conformance/results.json.

package result

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"time"
)

// File is a run's results.
type File struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Machine
	Sandboxes []string `json:"sandboxes"` // the first is the one that is judged by the baseline
	Rows      []Row    `json:"cases"`
}

// ReadFile reads a run's results.
func ReadFile(name string) (*File, error) {
	b, err := os.ReadFile(name)
	if err != nil {
		return nil, err
	}
	var f File
	if err := json.Unmarshal(b, &f); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return &f, nil
}

// Write writes the results, sorted by case, in one step.
func (f *File) Write(name string) error {
	SortRows(f.Rows)
	b, err := json.MarshalIndent(f, "", " ")
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	tmp := fmt.Sprintf("%s.%d", name, os.Getpid())
	if err := os.WriteFile(tmp, append(b, '\n'), 0o644); err != nil {
		return err
	}
	return os.Rename(tmp, name)
}

// Merge takes over the rows of another run: its columns replace the same sandbox's, others stay.
func (f *File) Merge(other *File) {
	byCase := map[string]int{}
	for i, r := range f.Rows {
		byCase[r.Case] = i
	}
	for _, r := range other.Rows {
		i, ok := byCase[r.Case]
		if !ok {
			f.Rows = append(f.Rows, r)
			continue
		}
		old := f.Rows[i].Sandbox
		f.Rows[i] = r
		for name, c := range old {
			if _, ok := r.Sandbox[name]; !ok {
				if f.Rows[i].Sandbox == nil {
					f.Rows[i].Sandbox = map[string]Column{}
				}
				f.Rows[i].Sandbox[name] = c
			}
		}
	}
	for _, s := range other.Sandboxes {
		if !slices.Contains(f.Sandboxes, s) {
			f.Sandboxes = append(f.Sandboxes, s)
		}
	}
	f.Seconds = max(f.Seconds, other.Seconds)
	if f.Kernel == "" {
		f.Machine, f.Started = other.Machine, other.Started
	}
	SortRows(f.Rows)
}

// Verdicts gives the verdicts of one sandbox by case.
func (f *File) Verdicts(sandbox string) map[string]Verdict {
	out := map[string]Verdict{}
	for _, r := range f.Rows {
		if c, ok := r.Sandbox[sandbox]; ok {
			out[r.Case] = c.Verdict
		}
	}
	return out
}

// Keep drops the rows of cases that are not among those given.
func (f *File) Keep(ids map[string]bool) {
	f.Rows = slices.DeleteFunc(f.Rows, func(r Row) bool { return !ids[r.Case] })
}
