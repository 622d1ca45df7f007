// SPDX-License-Identifier: Apache-2.0

// This file counts what the suite has of each syscall: the cases and their verdicts in the recorded baseline, and the
// flags and errnos that a recorded run exercised.

package gen

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/ditto-kernel/ditto/tools/table"
)

// cases is what the suite has of one syscall.
type cases struct {
	c, golang int
	verdicts  map[string]int
}

// countCases counts the lines of the baseline: what tables and headers make of a source is seen only when it is built,
// and a complete run records each case. An id begins with the syscall's name and the language.
func countCases(root string) (map[string]*cases, error) {
	counts := map[string]*cases{}
	return counts, eachLine(filepath.Join(root, "fixtures", "conformance", "baseline.tsv"), func(f []string) {
		id := strings.SplitN(f[0], "/", 3)
		of := counts[id[0]]
		if of == nil {
			of = &cases{verdicts: map[string]int{}}
			counts[id[0]] = of
		}
		of.verdicts[f[1]]++
		if len(id) > 1 && id[1] == "go" {
			of.golang++
		} else {
			of.c++
		}
	})
}

// exercisedFiles are the records of what the suite's calls carried: what the sandbox's tracer counted, and what strace
// saw on native Linux of the syscalls that the sandbox lacks or refuses.
var exercisedFiles = []string{"exercised.tsv", "exercised.native.tsv"}

// readExercised reads the records together. It returns nil when no run was recorded.
func readExercised(root string) (map[string]map[string]bool, error) {
	var seen map[string]map[string]bool
	for _, file := range exercisedFiles {
		err := eachLine(filepath.Join(root, "fixtures", "conformance", file), func(f []string) {
			if seen == nil {
				seen = map[string]map[string]bool{}
			}
			if seen[f[0]] == nil {
				seen[f[0]] = map[string]bool{}
			}
			seen[f[0]][f[1]] = true
		})
		if err != nil {
			return nil, err
		}
	}
	return seen, nil
}

// nativeOnly are the "syscall NAME" of the second record that the first lacks.
func nativeOnly(root string) (map[Missed]bool, error) {
	only := map[Missed]bool{}
	dir := filepath.Join(root, "fixtures", "conformance")
	if err := eachLine(filepath.Join(dir, exercisedFiles[1]), func(f []string) { only[Missed{f[0], f[1]}] = true }); err != nil {
		return nil, err
	}
	return only, eachLine(filepath.Join(dir, exercisedFiles[0]), func(f []string) { delete(only, Missed{f[0], f[1]}) })
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

// Tested lists the syscalls that have tests: a file in C or in Go.
func Tested(root string) (map[string]bool, error) {
	files, err := filepath.Glob(filepath.Join(root, "syscall-tests", "*", "*"))
	tested := map[string]bool{}
	for _, file := range files {
		if ext := filepath.Ext(file); ext == ".c" || ext == ".go" {
			tested[filepath.Base(filepath.Dir(file))] = true
		}
	}
	return tested, err
}

// Measured is what the suite covers.
type Measured struct {
	InC, InGo     int      // cases
	NoC, NoGo     []string // syscalls without a test in that language
	Flags, Errnos Share
	Pairs         []Pairs
	Others        int // errnos that manual pages name for another of their calls: not part of Errnos
}

// Share is how many of the documented names were exercised, and which were not.
type Share struct {
	Seen, All int
	Native    int // of those seen: on native Linux only, by calls that the sandbox lacks or refuses
	Left      []Missed
}

// Missed is a flag, command or errno that no recorded call of its syscall carried.
type Missed struct{ Syscall, Name string }

// Measure reads what COVERAGE.md is made of.
func Measure(root string, t *table.Table) (*Measured, error) {
	counts, err := countCases(root)
	if err != nil {
		return nil, err
	}
	seen, err := readExercised(root)
	if err != nil {
		return nil, err
	}
	native, err := nativeOnly(root)
	if err != nil {
		return nil, err
	}
	m := &Measured{Pairs: countPairs(t, seen)}
	for i := range t.Syscalls {
		s := &t.Syscalls[i]
		if c := counts[s.Name]; c != nil {
			m.InC, m.InGo = m.InC+c.c, m.InGo+c.golang
		}
		dir := filepath.Join(root, "syscall-tests", s.Name)
		if _, err := os.Stat(filepath.Join(dir, s.Name+".c")); err != nil {
			m.NoC = append(m.NoC, s.Name)
		}
		// The Go tool does not see files whose name begins with an underscore, as _sysctl's would.
		if _, err := os.Stat(filepath.Join(dir, strings.TrimPrefix(s.Name, "_")+".go")); err != nil {
			m.NoGo = append(m.NoGo, s.Name)
		}
		m.Flags.add(seen, s.Name, flagNames(t, s))
		m.Flags.addNative(native, s.Name, flagNames(t, s))
		m.Errnos.add(seen, s.Name, s.Errnos)
		m.Errnos.addNative(native, s.Name, s.Errnos)
		m.Others += len(s.Others)
		for _, errno := range s.Others {
			if seen[s.Name][errno] {
				return nil, fmt.Errorf("errnos.tsv has %s of %s among those of other calls, but a recorded call answered it", errno, s.Name)
			}
		}
	}
	return m, nil
}

func (s *Share) add(seen map[string]map[string]bool, syscall string, names []string) {
	for _, name := range names {
		s.All++
		if seen[syscall][name] {
			s.Seen++
		} else {
			s.Left = append(s.Left, Missed{syscall, name})
		}
	}
}

func (s *Share) addNative(native map[Missed]bool, syscall string, names []string) {
	for _, name := range names {
		if native[Missed{syscall, name}] {
			s.Native++
		}
	}
}
