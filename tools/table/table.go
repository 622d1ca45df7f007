// SPDX-License-Identifier: Apache-2.0

// Package table loads the syscall facts of fixtures/syscalls: the numbers, names and prototypes of every x86_64
// Linux syscall, what kind of thing each argument is, the sets that flags and commands are drawn from, the sizes of
// the structures, and the errnos that the manual documents. It is the only reader of these files; generators, the
// tracer's tables, scaffolds and tests all start from what Load returns.
package table

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// Syscall is one row of the table.
type Syscall struct {
	Number   int
	ABI      string // "common" or "64"
	Name     string
	Entry    string // the kernel's entry point; empty when there is none
	NoReturn bool
	Guard    string // the kernel configuration that it depends on, if any
	Args     []Arg
	Result   string   // its kind: empty for a number, addr, octal, ready
	Errnos   []string // documented for it by its manual page, sorted
	Others   []string // errnos that the page documents for another of its calls only, sorted
	Users    int      // how many files of an ordinary system use it
}

// Absent reports whether Linux itself no longer implements the call: its number answers ENOSYS.
func (s *Syscall) Absent() bool { return s.Entry == "" || s.Entry == "sys_ni_syscall" }

// Arg returns the index of the argument of that name, or -1.
func (s *Syscall) Arg(name string) int {
	for i, a := range s.Args {
		if a.Name == name {
			return i
		}
	}
	return -1
}

// Table is everything that the fixtures say.
type Table struct {
	Syscalls []Syscall // by ascending number
	Sets     map[string]*Set
	Structs  map[string]Struct

	byName map[string]int
}

// ByName returns the syscall of that name, or nil.
func (t *Table) ByName(name string) *Syscall {
	if i, ok := t.byName[name]; ok {
		return &t.Syscalls[i]
	}
	return nil
}

// Newest is the highest number in the table.
func (t *Table) Newest() int { return t.Syscalls[len(t.Syscalls)-1].Number }

// Root finds the repository's root: the nearest directory above the working directory that holds go.mod.
func Root() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir, nil
		}
		up := filepath.Dir(dir)
		if up == dir {
			return "", fmt.Errorf("no go.mod at or above the working directory: run inside the repository")
		}
		dir = up
	}
}

// Load reads fixtures/syscalls below the repository's root, and checks that the files agree with each other.
func Load(root string) (*Table, error) {
	dir := filepath.Join(root, "fixtures", "syscalls")
	t := &Table{byName: map[string]int{}}
	for _, file := range []struct {
		name string
		load func(path string) error
	}{
		{"syscall_64.tsv", t.loadNumbers},
		{"prototypes.tsv", t.loadPrototypes},
		{"sets.tsv", t.loadSets},
		{"structs.tsv", t.loadStructs},
		{"arguments.tsv", t.loadArguments},
		{"errnos.tsv", t.loadErrnos},
		{"usage.tsv", t.loadUsage},
	} {
		if err := file.load(filepath.Join(dir, file.name)); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func (t *Table) loadNumbers(path string) error {
	return eachRow(path, 5, func(f []string) error {
		nr, err := strconv.Atoi(f[0])
		if err != nil {
			return err
		}
		if n := len(t.Syscalls); n > 0 && t.Newest() >= nr {
			return fmt.Errorf("number %d is out of order", nr)
		}
		if _, twice := t.byName[f[2]]; twice {
			return fmt.Errorf("%s is listed twice", f[2])
		}
		t.byName[f[2]] = len(t.Syscalls)
		t.Syscalls = append(t.Syscalls, Syscall{Number: nr, ABI: f[1], Name: f[2], Entry: f[3], NoReturn: f[4] != ""})
		return nil
	})
}

func (t *Table) loadPrototypes(path string) error {
	seen := map[string]bool{}
	err := eachRow(path, 10, func(f []string) error {
		s, err := t.row([]string{f[0], f[2]})
		if err != nil {
			return err
		}
		seen[s.Name] = true
		s.Guard = f[8]
		if s.Absent() {
			return nil
		}
		n, err := strconv.Atoi(f[5])
		if err != nil {
			return err
		}
		s.Args, err = parseArgs(f[6])
		if err == nil && len(s.Args) != n {
			err = fmt.Errorf("%s says %d arguments and lists %d", s.Name, n, len(s.Args))
		}
		return err
	})
	for _, s := range t.Syscalls {
		if err == nil && !seen[s.Name] && !s.Absent() {
			err = fmt.Errorf("%s: no prototype for %s", path, s.Name)
		}
	}
	return err
}

// eachRow calls f with the columns of each line of a tab-separated file, after its heading. Lines that start with #
// are comments. Missing trailing columns are empty strings.
func eachRow(path string, columns int, f func([]string) error) error {
	data, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	heading := true
	for i, line := range strings.Split(strings.TrimRight(string(data), "\n"), "\n") {
		if strings.HasPrefix(line, "#") || line == "" {
			continue
		}
		if heading {
			heading = false
			continue
		}
		row := strings.Split(line, "\t")
		for len(row) < columns {
			row = append(row, "")
		}
		if err := f(row); err != nil {
			return fmt.Errorf("%s:%d: %w", path, i+1, err)
		}
	}
	return nil
}
