// SPDX-License-Identifier: Apache-2.0

// The history: one line of JSON a complete run, which the dashboard draws.

package result

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Machine is where and of what a run was.
type Machine struct {
	Kernel string `json:"kernel"`
	CPU    string `json:"cpu,omitempty"`
	Cores  int    `json:"cores,omitempty"`
	Commit string `json:"commit,omitempty"`
}

// Record is a run in the history.
type Record struct {
	Started time.Time `json:"started"`
	Seconds float64   `json:"seconds"`
	Machine
	Sandbox  string          `json:"sandbox"`
	Verdicts map[Verdict]int `json:"verdicts"`
}

// NewRecord sums up what the judged sandbox did.
func NewRecord(f *File) Record {
	r := Record{Started: f.Started.UTC().Truncate(time.Second), Seconds: f.Seconds, Machine: f.Machine, Sandbox: f.Sandboxes[0], Verdicts: map[Verdict]int{}}
	for _, v := range f.Verdicts(r.Sandbox) {
		r.Verdicts[v]++
	}
	return r
}

// Count is how many cases had a verdict, by its name, as a page asks.
func (r Record) Count(verdict string) int { return r.Verdicts[Verdict(verdict)] }

// Cases is how many cases the run had.
func (r Record) Cases() int {
	n := 0
	for _, c := range r.Verdicts {
		n += c
	}
	return n
}

// AppendHistory adds a run to a history.
func AppendHistory(name string, r Record) error {
	line, err := json.Marshal(r)
	if err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return err
	}
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(append(line, '\n'))
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// ReadHistory reads the runs of a history in the order in which they were made; no file, no runs.
func ReadHistory(name string) ([]Record, error) {
	f, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []Record
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		var r Record
		if err := json.Unmarshal(in.Bytes(), &r); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", name, n, err)
		}
		out = append(out, r)
	}
	return out, in.Err()
}
