// SPDX-License-Identifier: Apache-2.0

// Command pick lists what is worth doing next: the syscalls that are missing or partial, those that have no tests, and
// those with flags that no test carried; those first that most programs use.
//
//	go run ./tools/pick -n 20
package main

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sort"
	"strings"
	"text/tabwriter"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	n := flag.Int("n", 30, "how many to list; 0 lists all")
	flag.Parse()
	if err := run(os.Stdout, *n); err != nil {
		fmt.Fprintln(os.Stderr, "pick:", err)
		os.Exit(1)
	}
}

// task is one line of the list.
type task struct {
	name, status, todo string
	files              int
}

func run(w io.Writer, n int) error {
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
	tested, err := gen.Tested(root)
	if err != nil {
		return err
	}
	left, err := gen.Unexercised(root, facts)
	if err != nil {
		return err
	}
	list := pick(facts, directives, tested, left)
	if n > 0 && len(list) > n {
		list = list[:n]
	}
	out := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(out, "SYSCALL\tUSED BY\tSTATUS\tTO DO")
	for _, t := range list {
		fmt.Fprintf(out, "%s\t%d files\t%s\t%s\n", t.name, t.files, t.status, t.todo)
	}
	return out.Flush()
}

// pick lists the syscalls with something to do, the most used first.
func pick(facts *table.Table, directives map[string]*gen.Directive, tested map[string]bool, left map[string][]string) []task {
	var list []task
	for i := range facts.Syscalls {
		s := &facts.Syscalls[i]
		t := task{name: s.Name, status: gen.Status(s, directives[s.Name]), files: s.Users}
		switch {
		case t.status == gen.Missing:
			t.todo = "make new SYSCALL=" + s.Name
		case t.status == gen.Partial:
			t.todo = directives[s.Name].Note
		case !tested[s.Name]:
			t.todo = "write its tests"
		case len(left[s.Name]) > 0:
			t.todo = "never exercised: " + strings.Join(left[s.Name], " ")
		default:
			continue
		}
		list = append(list, t)
	}
	sort.SliceStable(list, func(i, j int) bool { return list[i].files > list[j].files })
	return list
}
