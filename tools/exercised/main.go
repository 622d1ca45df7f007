// SPDX-License-Identifier: Apache-2.0

// Command exercised counts what calls carried on native Linux, of the syscalls that the sandbox lacks or refuses: there
// the suite gets no further than ENOSYS or EPERM, and its own tracer sees little. It reads what strace(1) wrote with
// `-f -e raw=all`, and prints lines of syscall, tab, flag, command or errno, as fixtures/conformance/exercised.native.tsv
// has them. `make exercised` runs it.
//
//	go run ./tools/exercised --names <separator>     the syscalls that it counts
//	go run ./tools/exercised <out/native.strace
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	names := flag.String("names", "", "print the syscalls that are counted, with this between them")
	flag.Parse()
	if err := run(os.Stdin, os.Stdout, *names); err != nil {
		fmt.Fprintln(os.Stderr, "exercised:", err)
		os.Exit(1)
	}
}

func run(in io.Reader, out io.Writer, separator string) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	facts, err := table.Load(root)
	if err != nil {
		return err
	}
	counted, err := lacking(root, facts)
	if err != nil {
		return err
	}
	if separator != "" {
		fmt.Fprintln(out, strings.Join(counted, separator))
		return nil
	}
	lines, err := count(in, facts, counted)
	if err != nil {
		return err
	}
	fmt.Fprintln(out, "# What the suite's calls carried on native Linux, of the syscalls that the sandbox lacks or refuses. `make exercised` records it.")
	for _, line := range lines {
		fmt.Fprintln(out, line)
	}
	return nil
}

// lacking lists the syscalls without a handler that does something.
func lacking(root string, t *table.Table) ([]string, error) {
	directives, err := gen.Directives(t, filepath.Join(root, "kernel", "syscalls"))
	var names []string
	for i := range t.Syscalls {
		s := &t.Syscalls[i]
		if status := gen.Status(s, directives[s.Name]); status == gen.Missing || status == gen.Denied {
			names = append(names, s.Name)
		}
	}
	return names, err
}

var (
	begun  = regexp.MustCompile(`^(\d+) +(\w+)\(([^)<]*)`)
	ended  = regexp.MustCompile(`^(\d+) +<\.\.\. (\w+) resumed>`)
	failed = regexp.MustCompile(`\) += (?:-1|\?) (E\w+)`)
)

// count reads strace's lines. Another process's line may stand between a call and its result, and part of a line is no line.
func count(in io.Reader, t *table.Table, counted []string) ([]string, error) {
	seen := map[string]bool{}
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line, call := lines.Text(), ""
		if m := begun.FindStringSubmatch(line); m != nil && slices.Contains(counted, m[2]) {
			call = m[2]
			for _, name := range carried(t, t.ByName(call), strings.Split(m[3], ",")) {
				seen[call+"\t"+name] = true
			}
		} else if m := ended.FindStringSubmatch(line); m != nil && slices.Contains(counted, m[2]) {
			call = m[2]
		}
		if m := failed.FindStringSubmatch(line); m != nil && call != "" && !strings.HasPrefix(m[1], "ERESTART") {
			seen[call+"\t"+m[1]] = true
		}
	}
	var all []string
	for line := range seen {
		all = append(all, line)
	}
	slices.Sort(all)
	return all, lines.Err()
}

// carried names the flags and commands in a call's arguments, which are hexadecimal.
func carried(t *table.Table, s *table.Syscall, args []string) []string {
	var names []string
	for i, a := range s.Args {
		if a.Kind.Name != "flags" && a.Kind.Name != "cmd" || i >= len(args) {
			continue
		}
		v, err := strconv.ParseUint(strings.TrimSpace(args[i]), 0, 64)
		if err != nil {
			continue
		}
		if a.Class.Bits() == 32 {
			v &= 0xffffffff
		}
		for _, m := range t.Sets[a.Kind.Of].Members {
			mask := m.Mask
			if m.Cmd {
				mask = 0xffffffff
			}
			if v&mask == m.Value&mask && (m.Cmd || m.Field || m.Value != 0 || v == 0) {
				names = append(names, m.Name)
			}
		}
	}
	return names
}
