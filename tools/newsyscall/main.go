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
	return write(root, files)
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
	fmt.Println("next: make generate, then fill them in; make check SYSCALL= compares both sides")
	return nil
}
