// SPDX-License-Identifier: Apache-2.0

// Command bench measures the sandbox against native Linux: each case in turn on both sides, several times, and the median of
// the ratios. Its parts are calls (cases.c), files and trees of them, servers, the memory that things take, `ditto do true`
// as a whole with what an idle sandbox uses, and containers beside those of other runtimes.
package main

import (
	"bytes"
	_ "embed"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"
)

//go:embed cases/cases.c
var source []byte

// row is one case's outcome. Times in nanoseconds, medians.
type row struct {
	Case    string  `json:"case"`
	Native  float64 `json:"native_ns"`
	Sandbox float64 `json:"sandbox_ns"`
	Ratio   float64 `json:"ratio"`
	Min     float64 `json:"ratio_min"`
	Max     float64 `json:"ratio_max"`
	Aim     float64 `json:"aim,omitempty"`
}

// aims are the ratios that the project promises.
var aims = map[string]float64{
	"getppid": 3, "getppid-trapped": 30, "read-1": 3, "fork-exit-wait": 2,
	"vfork-exec-wait": 3, "mmap-touch-munmap": 1.5,
	"unix-ping-pong": 1.5, "unix-send-64k": 1.3, "tcp-ping-pong": 1.5, "tcp-send-64k": 1.5,
}

func main() {
	runs := pflag.IntP("runs", "n", 5, "measure each case this many times on each side")
	ditto := pflag.String("ditto", "bin/ditto", "the ditto binary")
	asJSON := pflag.Bool("json", false, "print JSON")
	only := pflag.String("case", "", "only cases whose name contains this, of calls and files")
	wanted := pflag.StringSlice("part", []string{"calls", "files", "servers", "memory", "whole", "containers"}, "what to measure")
	pflag.Parse()
	parts := map[string]func() error{
		"calls":      func() error { return calls(*runs, *ditto, *only, *asJSON) },
		"files":      func() error { return files(*runs, *ditto, *only) },
		"servers":    func() error { return servers(*runs, *ditto) },
		"memory":     func() error { return memory(*ditto) },
		"whole":      func() error { return whole(*runs, *ditto) },
		"containers": func() error { return containers(*runs, *ditto) },
	}
	if *asJSON {
		*wanted = []string{"calls"}
	}
	for _, name := range *wanted {
		part, ok := parts[name]
		if !ok {
			fmt.Fprintf(os.Stderr, "bench: no part %q: there are %v\n", name, slices.Sorted(maps.Keys(parts)))
			os.Exit(2)
		}
		if err := part(); err != nil {
			fmt.Fprintln(os.Stderr, "bench:", err)
			os.Exit(1)
		}
	}
}

func calls(runs int, ditto, only string, asJSON bool) error {
	dir, err := filepath.Abs("out/bench")
	if err != nil {
		return err
	}
	bin, err := build(dir, "cases", source)
	if err != nil {
		return err
	}
	names, err := exec.Command(bin).Output()
	if err != nil {
		return err
	}
	var rows []row
	for _, name := range strings.Fields(string(names)) {
		if !strings.Contains(name, only) {
			continue
		}
		r, err := measure(runs, name, []string{bin, name}, []string{ditto, "do", bin, name})
		if err != nil {
			return err
		}
		rows = append(rows, r)
		if !asJSON {
			fmt.Println(r)
		}
	}
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(rows)
	}
	return nil
}

// build compiles cases, statically: start-up is not what they measure.
func build(dir, name string, source []byte) (string, error) {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return "", err
	}
	src, bin := filepath.Join(dir, name+".c"), filepath.Join(dir, name)
	if err := os.WriteFile(src, source, 0o644); err != nil {
		return "", err
	}
	out, err := exec.Command("gcc", "-O2", "-static", "-pthread", "-o", bin, src).CombinedOutput()
	if err != nil {
		return "", fmt.Errorf("gcc: %w\n%s", err, out)
	}
	return bin, nil
}

func measure(runs int, name string, native, sandbox []string) (row, error) {
	var ns, ss []float64
	for range runs {
		n, err := once(native)
		if err != nil {
			return row{}, err
		}
		s, err := once(sandbox)
		if err != nil {
			return row{}, err
		}
		ns, ss = append(ns, n), append(ss, s)
	}
	return newRow(name, ns, ss, aims[name]), nil
}

// newRow is of times taken in turn.
func newRow(name string, native, sandbox []float64, aim float64) row {
	var ratios []float64
	for i := range native {
		ratios = append(ratios, sandbox[i]/native[i])
	}
	return row{name, median(native), median(sandbox), median(ratios), slices.Min(ratios), slices.Max(ratios), aim}
}

func once(command []string) (float64, error) {
	var stderr bytes.Buffer
	cmd := exec.Command(command[0], command[1:]...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		return 0, fmt.Errorf("%s: %w\n%s", strings.Join(command, " "), err, stderr.String())
	}
	return strconv.ParseFloat(strings.TrimSpace(string(out)), 64)
}

func median(v []float64) float64 {
	v = slices.Sorted(slices.Values(v))
	return v[len(v)/2]
}

func (r row) String() string {
	s := fmt.Sprintf("%-20s native %10.0f ns   sandbox %10.0f ns   ratio %6.2f (%.2f to %.2f)",
		r.Case, r.Native, r.Sandbox, r.Ratio, r.Min, r.Max)
	if r.Aim > 0 {
		s += fmt.Sprintf("   aim %g", r.Aim)
	}
	return s
}

// whole measures the command as a whole: start to end, and idle.
func whole(runs int, ditto string) error {
	var times []float64
	for range runs {
		start := time.Now()
		if out, err := exec.Command(ditto, "do", "true").CombinedOutput(); err != nil {
			return fmt.Errorf("%s do true: %w\n%s", ditto, err, out)
		}
		times = append(times, float64(time.Since(start).Milliseconds()))
	}
	fmt.Printf("%-20s median %.0f ms (%.0f to %.0f)   aim 150 ms\n", "ditto do true", median(times), slices.Min(times), slices.Max(times))
	return idle(ditto)
}

// idle starts a sandbox that sleeps, and looks at all of its processes.
func idle(ditto string) error {
	cmd := exec.Command(ditto, "do", "sh", "-c", "echo up; exec sleep 1000")
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	defer cmd.Wait()
	defer cmd.Process.Signal(os.Interrupt)
	if _, err := out.Read(make([]byte, 3)); err != nil {
		return err
	}
	time.Sleep(time.Second)
	before, _ := usage(cmd.Process.Pid)
	const span = 3 * time.Second
	time.Sleep(span)
	after, memory := usage(cmd.Process.Pid)
	fmt.Printf("%-20s %d ms of processor time in %v   aim 0\n", "idle sandbox", after-before, span)
	fmt.Printf("%-20s %.1f MiB in all its processes (PSS)   aim 40 MiB\n", "", float64(memory)/1024)
	return nil
}

// usage is the processor time (ms) and memory (KiB) of a process and its descendants.
func usage(pid int) (ms, kib int64) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0, 0
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	for _, field := range f[11:13] {
		ticks, _ := strconv.ParseInt(field, 10, 64)
		ms += ticks * 10
	}
	rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(rollup)) {
		if v, ok := strings.CutPrefix(line, "Pss:"); ok {
			n, _ := strconv.ParseInt(strings.Fields(v)[0], 10, 64)
			kib += n
		}
	}
	tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	for _, t := range tasks {
		children, _ := os.ReadFile(t)
		for _, c := range strings.Fields(string(children)) {
			n, _ := strconv.Atoi(c)
			m, k := usage(n)
			ms, kib = ms+m, kib+k
		}
	}
	return ms, kib
}
