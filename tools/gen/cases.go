// SPDX-License-Identifier: Apache-2.0

// This file counts what the suite has of each syscall: the cases in its sources, the verdicts in the recorded baseline,
// and the flags and errnos that a recorded run exercised.

package gen

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// cases is what the suite has of one syscall.
type cases struct {
	c, golang int
	verdicts  map[string]int
}

var (
	caseInC  = regexp.MustCompile(`(?m)^CASE\(\w+`)
	caseInGo = regexp.MustCompile(`(?m)^\s*(?:func init\(\) \{ )?harness\.Case\(`)
)

// countCases counts by the folder's name, which is the syscall's.
func countCases(root string) (map[string]*cases, error) {
	counts := map[string]*cases{}
	of := func(name string) *cases {
		if counts[name] == nil {
			counts[name] = &cases{verdicts: map[string]int{}}
		}
		return counts[name]
	}
	files, err := filepath.Glob(filepath.Join(root, "syscall-tests", "*", "*"))
	if err != nil {
		return nil, err
	}
	for _, file := range files {
		name := filepath.Base(filepath.Dir(file))
		ext := filepath.Ext(file)
		if name == "harness" || ext != ".c" && ext != ".go" {
			continue
		}
		src, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		if ext == ".c" {
			of(name).c += len(caseInC.FindAll(src, -1))
		} else {
			of(name).golang += len(caseInGo.FindAll(src, -1))
		}
	}
	return counts, eachLine(filepath.Join(root, "fixtures", "conformance", "baseline.tsv"), func(f []string) {
		name, _, _ := strings.Cut(f[0], "/")
		of(name).verdicts[f[1]]++
	})
}

// readExercised reads fixtures/conformance/exercised.tsv: the flags, commands and errnos that the suite's calls carried
// while the tracer counted. It returns nil when no run was recorded.
func readExercised(root string) (map[string]map[string]bool, error) {
	file := filepath.Join(root, "fixtures", "conformance", "exercised.tsv")
	if _, err := os.Stat(file); os.IsNotExist(err) {
		return nil, nil
	}
	seen := map[string]map[string]bool{}
	return seen, eachLine(file, func(f []string) {
		if seen[f[0]] == nil {
			seen[f[0]] = map[string]bool{}
		}
		seen[f[0]][f[1]] = true
	})
}

// eachLine reads a file of two tab-separated columns; # starts a comment. A file that does not exist has no lines.
func eachLine(file string, f func([]string)) error {
	data, err := os.ReadFile(file)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(data)) {
		row := strings.Split(strings.TrimRight(line, "\n"), "\t")
		if !strings.HasPrefix(line, "#") && len(row) >= 2 {
			f(row)
		}
	}
	return nil
}

// Tested lists the syscalls that have at least one case.
func Tested(root string) (map[string]bool, error) {
	counts, err := countCases(root)
	tested := map[string]bool{}
	for name, c := range counts {
		tested[name] = c.c+c.golang > 0
	}
	return tested, err
}
