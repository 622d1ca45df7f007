// SPDX-License-Identifier: Apache-2.0

// Command newsyscall writes the files of a new syscall: a handler with its decoded arguments, a C test and a Go test with
// one failing case each. It overwrites nothing.
//
//	go run ./tools/newsyscall mseal
package main

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	if len(os.Args) != 2 || os.Args[1] == "" || os.Args[1][0] == '-' {
		fmt.Fprintln(os.Stderr, "usage: newsyscall NAME    (for example: newsyscall mseal)")
		os.Exit(2)
	}
	if err := run(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "newsyscall:", err)
		os.Exit(1)
	}
}

func run(name string) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	facts, err := table.Load(root)
	if err != nil {
		return err
	}
	directives, err := gen.Directives(facts, filepath.Join(root, "kernel", "syscalls"))
	if err != nil {
		return err
	}
	s := facts.ByName(name)
	switch {
	case s == nil:
		return fmt.Errorf("no syscall is named %q: see fixtures/syscalls/syscall_64.tsv", name)
	case s.Absent():
		return fmt.Errorf("%s: Linux itself no longer implements it", name)
	}
	files := tests(s)
	if d := directives[name]; d == nil {
		files["kernel/syscalls/"+name+".go"] = handler(s)
	} else {
		fmt.Printf("%s has its directive at kernel/syscalls/%s: no handler written\n", name, d.Pos)
	}
	if err := write(root, files); err != nil {
		return err
	}
	known, err := knownAsAWhole(root, name)
	if err != nil {
		return err
	}
	for _, at := range known {
		fmt.Printf("take out %s: it excuses every difference of %s\n", at, name)
	}
	fmt.Printf("next: make generate, then fill them in; make check SYSCALL=%s compares both sides\n", name)
	return nil
}

// knownAsAWhole are the lines of known differences that excuse all cases of a syscall: while they are there, none is red.
func knownAsAWhole(root, name string) ([]string, error) {
	files, err := filepath.Glob(filepath.Join(root, "fixtures", "known-differences", "*.tsv"))
	if err != nil {
		return nil, err
	}
	var found []string
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err != nil {
			return nil, err
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			if n++; strings.HasPrefix(line, name+"/*/*\t") {
				found = append(found, fmt.Sprintf("fixtures/known-differences/%s:%d", filepath.Base(f), n))
			}
		}
	}
	return found, nil
}

func write(root string, files map[string]string) error {
	var names []string
	for name := range files {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		path := filepath.Join(root, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			return err
		}
		f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
		if os.IsExist(err) {
			fmt.Println("kept ", name)
			continue
		}
		if err != nil {
			return err
		}
		_, err = f.WriteString(files[name])
		if e := f.Close(); err == nil {
			err = e
		}
		if err != nil {
			return err
		}
		fmt.Println("wrote", name)
	}
	return nil
}
