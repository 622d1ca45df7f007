// SPDX-License-Identifier: Apache-2.0

// Package suite builds the two test programs, the C one and the Go one, from the folders of syscall-tests, and lists
// their cases. What has not changed is not built again: files are named after the hash of all that went into them.
package suite

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
)

// A Case is one case as the programs list it.
type Case struct {
	ID, Needs string
	Binary    string // the program that has it
}

// Config says what to build.
type Config struct {
	Root     string   // the tree
	Out      string   // where objects and programs go
	Syscalls []string // only these; none means all
	Langs    []string // only these ("c", "go"); none means both
}

// BuildError is about a test that does not compile: the rest of the suite is there.
type BuildError struct {
	File, Output string
}

func (e *BuildError) Error() string { return e.File + " does not compile:\n" + e.Output }

// Build builds the programs and returns their cases, sorted. Sources that don't compile are left out and returned as
// errors beside the cases; err is for everything else.
func Build(ctx context.Context, c Config) (cases []Case, failed []*BuildError, err error) {
	var programs []string
	if c.wants("c") {
		p, bad, err := buildC(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		failed = bad
		programs = append(programs, p)
	}
	if c.wants("go") {
		p, err := buildGo(ctx, c)
		if err != nil {
			return nil, nil, err
		}
		programs = append(programs, p)
	}
	prune(c.Out, programs)
	for _, p := range programs {
		if p == "" {
			continue
		}
		listed, err := List(ctx, p)
		if err != nil {
			return nil, nil, err
		}
		cases = append(cases, listed...)
	}
	slices.SortFunc(cases, func(a, b Case) int { return strings.Compare(a.ID, b.ID) })
	if id := twice(cases); id != "" {
		return nil, nil, fmt.Errorf("two cases are called %s: rename one", id)
	}
	return cases, failed, nil
}

// twice is an id that two of the sorted cases have; files of one syscall share its names.
func twice(cases []Case) string {
	for i := 1; i < len(cases); i++ {
		if cases[i].ID == cases[i-1].ID {
			return cases[i].ID
		}
	}
	return ""
}

func (c Config) wants(lang string) bool { return len(c.Langs) == 0 || slices.Contains(c.Langs, lang) }

// sources lists the test files of a language, by syscall. C tests of one syscall may
// stand in several files, with a topic in their names: ptrace.c, ptrace.regs.c.
func (c Config) sources(ext string) ([]string, error) {
	all, err := filepath.Glob(filepath.Join(c.Root, "syscall-tests", "*", "*"+ext))
	if err != nil {
		return nil, err
	}
	var out []string
	for _, f := range all {
		dir := filepath.Base(filepath.Dir(f))
		name := filepath.Base(f)
		ofTest := ext == ".go" && name == goFile(dir) || ext == ".c" && strings.HasPrefix(name, dir+".")
		if ofTest && (len(c.Syscalls) == 0 || slices.Contains(c.Syscalls, dir)) {
			out = append(out, f)
		}
	}
	return out, nil
}

// goFile is the name of a syscall's Go file. The Go tool does not see files whose name begins with an underscore, as
// _sysctl's would.
func goFile(syscall string) string { return strings.TrimPrefix(syscall, "_") + ".go" }

// List asks a test program for its cases.
func List(ctx context.Context, program string) ([]Case, error) {
	out, err := exec.CommandContext(ctx, program, "list").Output()
	if err != nil {
		return nil, fmt.Errorf("%s list: %w", program, err)
	}
	var cases []Case
	for line := range strings.Lines(string(out)) {
		id, needs, ok := strings.Cut(strings.TrimRight(line, "\n"), "\t")
		if !ok {
			return nil, fmt.Errorf("%s list: unreadable line %q", program, line)
		}
		cases = append(cases, Case{ID: id, Needs: needs, Binary: program})
	}
	return cases, nil
}

// hash of strings and of files: their names, as seen from root, and contents. So checkouts can share what was built.
func hash(root string, files []string, more ...string) (string, error) {
	h := sha256.New()
	for _, s := range more {
		fmt.Fprintf(h, "%q\n", s)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			return "", err
		}
		fmt.Fprintf(h, "%q %d\n", strings.TrimPrefix(f, root), len(b))
		h.Write(b)
	}
	return hex.EncodeToString(h.Sum(nil))[:16], nil
}

func exists(name string) bool {
	_, err := os.Stat(name)
	return err == nil
}

// run runs a build command that writes its result to the file that it is given, and puts it in place in one step, so
// that two builds at the same time don't see each other's halves.
func run(ctx context.Context, dir, target string, command func(tmp string) []string) (output string, err error) {
	tmp := fmt.Sprintf("%s.%d", target, os.Getpid())
	args := command(tmp)
	cmd := exec.CommandContext(ctx, args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		os.Remove(tmp)
		return string(out), fmt.Errorf("%s: %w", strings.Join(args, " "), err)
	}
	return string(out), os.Rename(tmp, target)
}
