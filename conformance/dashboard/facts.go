// SPDX-License-Identifier: Apache-2.0

// This file reads what is documented of each syscall, what of it the recorded run exercised, and where its handler stands.

package dashboard

import (
	"bufio"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// mark is a documented name, and whether a call of the suite carried it.
type mark struct {
	Name string
	Seen bool
}

// marks are those of one argument, or the errnos.
type marks struct {
	Title string
	Marks []mark
	Seen  int
}

// readMatrix fills in each page's flags, commands and errnos.
func readMatrix(root string, pages []*syscallPage) error {
	seen := map[string]bool{}
	fixtures := filepath.Join(root, "fixtures")
	for _, file := range []string{"exercised.tsv", "exercised.native.tsv"} {
		err := eachRow(filepath.Join(fixtures, "conformance", file), func(f []string) {
			if len(f) > 1 {
				seen[f[0]+"\t"+f[1]] = true
			}
		})
		if err != nil {
			return err
		}
	}
	sets := map[string][]string{}
	err := eachRow(filepath.Join(fixtures, "syscalls", "sets.tsv"), func(f []string) {
		if len(f) > 1 {
			sets[f[0]] = append(sets[f[0]], f[1])
		}
	})
	if err != nil {
		return err
	}
	byName := map[string]*syscallPage{}
	for _, p := range pages {
		byName[p.Name] = p
	}
	add := func(p *syscallPage, title string, names []string) {
		m := marks{Title: title}
		for _, n := range names {
			s := seen[p.Name+"\t"+n]
			m.Marks = append(m.Marks, mark{n, s})
			if s {
				m.Seen++
			}
		}
		if len(names) > 0 {
			p.Matrix = append(p.Matrix, m)
		}
	}
	err = eachRow(filepath.Join(fixtures, "syscalls", "arguments.tsv"), func(f []string) {
		for i := 3; i < len(f); i++ {
			kind, set, _ := strings.Cut(f[i], ":")
			if p := byName[f[1]]; p != nil && (kind == "flags" || kind == "cmd") {
				add(p, map[string]string{"flags": "Flags: ", "cmd": "Commands: "}[kind]+strings.ReplaceAll(set, "_", " "), sets[set])
			}
		}
	})
	if err != nil {
		return err
	}
	return eachRow(filepath.Join(fixtures, "syscalls", "errnos.tsv"), func(f []string) {
		if len(f) > 2 && byName[f[1]] != nil {
			add(byName[f[1]], "Errnos", strings.Fields(f[2]))
		}
	})
}

// readFamilies gives each page the family that it is in.
func readFamilies(root string, pages []*syscallPage) error {
	family := map[string]string{}
	err := eachRow(filepath.Join(root, "fixtures", "conformance", "families.tsv"), func(f []string) {
		if len(f) > 1 {
			for _, name := range strings.Fields(f[1]) {
				family[name] = f[0]
			}
		}
	})
	for _, p := range pages {
		p.Family = family[p.Name]
	}
	return err
}

// eachRow reads a file of tab-separated columns. Comments are left out; no file has no rows.
func eachRow(name string, f func([]string)) error {
	in, err := os.Open(name)
	if os.IsNotExist(err) {
		return nil
	}
	if err != nil {
		return err
	}
	defer in.Close()
	lines := bufio.NewScanner(in)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		if text := lines.Text(); text != "" && text[0] != '#' {
			f(strings.Split(text, "\t"))
		}
	}
	return lines.Err()
}

var directive = regexp.MustCompile(`^//ditto:syscall (\w+)`)

// findHandlers finds the files of the handlers, by their directives.
func findHandlers(root string, pages []*syscallPage) error {
	files, err := filepath.Glob(filepath.Join(root, "kernel", "syscalls", "*.go"))
	if err != nil {
		return err
	}
	at := map[string]place{}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		n := 0
		for line := range strings.Lines(string(text)) {
			n++
			if m := directive.FindStringSubmatch(line); m != nil {
				at[m[1]] = place{"kernel/syscalls/" + filepath.Base(file), n}
			}
		}
	}
	for _, p := range pages {
		p.handler = at[p.Name]
	}
	return nil
}
