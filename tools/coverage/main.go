// SPDX-License-Identifier: Apache-2.0

// Command coverage prints what the suite covers: cases, syscalls without tests in C or Go, and the share of the documented
// flags, commands and errnos that its calls carried in the recorded run. What was not exercised is listed with the reason in
// fixtures/conformance/unexercised.tsv, or without one as work to do. Beside that it counts pairs of flags, the faults of the last
// mutation check, and the programs of the fuzzer.
//
//	go run ./tools/coverage                 the figures
//	go run ./tools/coverage --list          and each name that was not exercised
package main

import (
	"bufio"
	"flag"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/ditto-kernel/ditto/tools/gen"
	"github.com/ditto-kernel/ditto/tools/table"
)

func main() {
	list := flag.Bool("list", false, "name everything that was not exercised, with its reason")
	flag.Parse()
	if err := run(os.Stdout, *list); err != nil {
		fmt.Fprintln(os.Stderr, "coverage:", err)
		os.Exit(1)
	}
}

func run(w io.Writer, list bool) error {
	root, err := table.Root()
	if err != nil {
		return err
	}
	facts, err := table.Load(root)
	if err != nil {
		return err
	}
	c, err := gen.Measure(root, facts)
	if err != nil {
		return err
	}
	reasons, err := readReasons(filepath.Join(root, "fixtures", "conformance", "unexercised.tsv"))
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "cases: %d, of these %d in C and %d in Go\n", c.InC+c.InGo, c.InC, c.InGo)
	fmt.Fprintf(w, "syscalls: %d; without a C file: %s; without a Go file: %s\n", len(facts.Syscalls), names(c.NoC), names(c.NoGo))
	print(w, "flags and commands", c.Flags, reasons, list)
	print(w, "errnos", c.Errnos, reasons, list)
	printPairs(w, c.Pairs)
	fmt.Fprintf(w, "not counted: %d errnos that manual pages name, but for another of the calls that they describe\n", c.Others)
	if err := printFaults(w, filepath.Join(root, "fixtures", "conformance", "mutants.tsv")); err != nil {
		return err
	}
	return printPrograms(w, filepath.Join(root, "fixtures", "fuzz"))
}

// printPairs says how many pairs of flags were exercised. Most say nothing together that they do not say alone.
func printPairs(w io.Writer, pairs []gen.Pairs) {
	var each []string
	seen, all := 0, 0
	for _, p := range pairs {
		each = append(each, fmt.Sprintf("%s %d/%d", p.Syscall, p.Seen, p.All))
		seen, all = seen+p.Seen, all+p.All
	}
	fmt.Fprintf(w, "pairs of flags: %d of %d exercised: %s\n", seen, all, strings.Join(each, ", "))
}

// printPrograms sums up the runs of the differential fuzzer, and what of their findings is open.
func printPrograms(w io.Writer, dir string) error {
	const programs, columns = 6, 12 // of ledger.tsv
	sum := 0
	err := eachRow(filepath.Join(dir, "ledger.tsv"), func(f []string) error {
		if len(f) != columns {
			return fmt.Errorf("ledger.tsv: %d columns, not %d: %v", len(f), columns, f)
		}
		n, err := strconv.Atoi(f[programs])
		sum += n
		return err
	})
	if err != nil {
		return err
	}
	open := 0
	err = eachRow(filepath.Join(dir, "open.tsv"), func([]string) error { open++; return nil })
	fmt.Fprintf(w, "random programs: %d run on both sides; differences found and neither mended nor explained: %d\n", sum, open)
	return err
}

// eachRow reads a file of tab-separated columns; # starts a comment.
func eachRow(file string, f func([]string) error) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	for line := range strings.Lines(string(text)) {
		if line = strings.TrimRight(line, "\n"); line != "" && !strings.HasPrefix(line, "#") {
			if err := f(strings.Split(line, "\t")); err != nil {
				return err
			}
		}
	}
	return nil
}

// printFaults counts the record of the mutation check (tools/mutate).
func printFaults(w io.Writer, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	verdicts := map[string]int{}
	for line := range strings.Lines(string(text)) {
		if f := strings.Split(line, "\t"); len(f) == 4 {
			verdicts[f[1]]++
		}
	}
	all := verdicts["caught"] + verdicts["missed"]
	fmt.Fprintf(w, "deliberate faults in handlers: %d tried, %d of them seen by a case (%.1f%%)\n", all, verdicts["caught"], percent(verdicts["caught"], all))
	return nil
}

func names(list []string) string {
	if len(list) == 0 {
		return "none"
	}
	return fmt.Sprintf("%d (%s)", len(list), strings.Join(list, " "))
}

// print says how many there are, and of those that were not exercised how many have a reason.
func print(w io.Writer, what string, s gen.Share, reasons []reason, list bool) {
	explained := map[string][]string{} // by reason: "syscall NAME"
	open := 0
	var work []string
	for _, m := range s.Left {
		if why := find(reasons, m.Syscall, m.Name); why != "" {
			explained[why] = append(explained[why], m.Syscall+" "+m.Name)
		} else {
			open++
			work = append(work, m.Syscall+" "+m.Name)
		}
	}
	fmt.Fprintf(w, "%s: %d of %d exercised (%.1f%%), %d of these only natively, by calls that the sandbox lacks or refuses; %d more have a reason, %d have none\n",
		what, s.Seen, s.All, percent(s.Seen, s.All), s.Native, len(s.Left)-open, open)
	fmt.Fprintf(w, "%s that can be exercised: %d of %d (%.1f%%)\n", what, s.Seen, s.Seen+open, percent(s.Seen, s.Seen+open))
	if !list {
		return
	}
	var order []string
	for why := range explained {
		order = append(order, why)
	}
	slices.Sort(order)
	for _, why := range order {
		fmt.Fprintf(w, "  %s:\n    %s\n", why, strings.Join(explained[why], ", "))
	}
	fmt.Fprintf(w, "  no reason, to do:\n    %s\n", strings.Join(work, ", "))
}

func percent(n, of int) float64 { return 100 * float64(n) / float64(max(of, 1)) }

// reason is a line of unexercised.tsv: globs of syscalls and of names, and why those are not exercised.
type reason struct {
	syscalls, names []string
	text            string
}

func readReasons(file string) ([]reason, error) {
	f, err := os.Open(file)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	var out []reason
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		if in.Text() == "" || strings.HasPrefix(in.Text(), "#") {
			continue
		}
		fields := strings.Split(in.Text(), "\t")
		if len(fields) != 3 || fields[2] == "" {
			return nil, fmt.Errorf("%s:%d: want syscalls, names and the reason, separated by tabs", file, n)
		}
		out = append(out, reason{strings.Fields(fields[0]), strings.Fields(fields[1]), fields[2]})
	}
	return out, in.Err()
}

func find(reasons []reason, syscall, name string) string {
	matches := func(globs []string, s string) bool {
		return slices.ContainsFunc(globs, func(g string) bool { ok, _ := path.Match(g, s); return ok })
	}
	for _, r := range reasons {
		if matches(r.syscalls, syscall) && matches(r.names, name) {
			return r.text
		}
	}
	return ""
}
