// SPDX-License-Identifier: Apache-2.0

// What is kept of a run beside its results: a line of the history, and JUnit's form for other tools.

package main

import (
	"context"
	"os"
	"os/exec"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/conformance/result"
)

// record adds a complete run to the history: the local one, and the tree's own when the baseline is renewed.
func (o *options) record(file *result.File) error {
	if o.junit != "" {
		if err := writeJUnit(o.junit, file); err != nil {
			return err
		}
	}
	if !o.complete() {
		return nil
	}
	r := result.NewRecord(file)
	if o.update {
		if err := result.AppendHistory(o.path("fixtures", "conformance", "history.jsonl"), r); err != nil {
			return err
		}
	}
	return result.AppendHistory(o.path("out", "conformance", "history.jsonl"), r)
}

func writeJUnit(name string, file *result.File) error {
	f, err := os.Create(name)
	if err != nil {
		return err
	}
	err = file.WriteJUnit(f)
	if e := f.Close(); err == nil {
		err = e
	}
	return err
}

// machine says where the run is, and of which commit.
func (o *options) machine(ctx context.Context) result.Machine {
	m := result.Machine{CPU: processor(), Cores: runtime.NumCPU()}
	var u unix.Utsname
	if unix.Uname(&u) == nil {
		m.Kernel = unix.ByteSliceToString(u.Release[:])
	}
	cmd := exec.CommandContext(ctx, "git", "describe", "--always", "--dirty", "--abbrev=12", "--exclude=*")
	cmd.Dir = o.root
	if out, err := cmd.Output(); err == nil {
		m.Commit = strings.TrimSpace(string(out))
	}
	return m
}

// processor is the model's name as /proc/cpuinfo has it.
func processor() string {
	text, err := os.ReadFile("/proc/cpuinfo")
	if err != nil {
		return ""
	}
	for line := range strings.Lines(string(text)) {
		if name, ok := strings.CutPrefix(line, "model name"); ok {
			return strings.Trim(name, "\t :\n")
		}
	}
	return ""
}
