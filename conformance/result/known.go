// SPDX-License-Identifier: Apache-2.0

// Known differences: fixtures/known-differences/*.tsv, lines of case, observation, reason, separated by tabs.

package result

import (
	"bufio"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// KnownList is the list of known differences. A nil list knows none.
type KnownList struct {
	entries []*knownEntry
}

// case and observation are globs (path.Match); observation "*" stands for every observation and check of the case,
// but not for !crash and !timeout, which have to be named.
type knownEntry struct {
	caseGlob, obsGlob, reason, where string
	used                             bool
}

// ReadKnown reads all lists of a directory. No directory is an empty list.
func ReadKnown(dir string) (*KnownList, error) {
	files, err := filepath.Glob(filepath.Join(dir, "*.tsv"))
	if err != nil {
		return nil, err
	}
	slices.Sort(files)
	list := &KnownList{}
	for _, f := range files {
		if err := list.readFile(f); err != nil {
			return nil, err
		}
	}
	return list, nil
}

func (l *KnownList) readFile(name string) error {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer f.Close()
	in := bufio.NewScanner(f)
	for n := 1; in.Scan(); n++ {
		line := in.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		fields := strings.Split(line, "\t")
		where := fmt.Sprintf("%s:%d", name, n)
		if len(fields) != 3 || strings.TrimSpace(fields[2]) == "" {
			return fmt.Errorf("%s: want case, observation and reason, separated by tabs", where)
		}
		for _, glob := range fields[:2] {
			if _, err := path.Match(glob, ""); err != nil {
				return fmt.Errorf("%s: %q: %w", where, glob, err)
			}
		}
		l.entries = append(l.entries, &knownEntry{caseGlob: fields[0], obsGlob: fields[1], reason: fields[2], where: where})
	}
	return in.Err()
}

// Covers tells whether every one of the differences of a case is listed, and the reasons.
func (l *KnownList) Covers(id string, diffs []Difference) (reason string, ok bool) {
	if l == nil {
		return "", false
	}
	var used []*knownEntry
	for _, d := range diffs {
		e := l.find(id, d.Name)
		if e == nil {
			return "", false
		}
		if !slices.Contains(used, e) {
			used = append(used, e)
		}
	}
	var reasons []string
	for _, e := range used {
		e.used = true
		reasons = append(reasons, e.reason)
	}
	return strings.Join(reasons, "; "), true
}

func (l *KnownList) find(id, obs string) *knownEntry {
	for _, e := range l.entries {
		if !match(e.caseGlob, id) {
			continue
		}
		if e.obsGlob == "*" && obs != DiffCrash && obs != DiffTimeout {
			return e
		}
		if e.obsGlob == obs || match(e.obsGlob, obs) && !strings.HasPrefix(obs, "!") {
			return e
		}
	}
	return nil
}

func match(glob, s string) bool {
	ok, _ := path.Match(glob, s)
	return ok
}

// Unused lists the entries that covered nothing of the cases given: they are candidates for removal.
func (l *KnownList) Unused(ids []string) []string {
	if l == nil {
		return nil
	}
	var out []string
	for _, e := range l.entries {
		ran := slices.ContainsFunc(ids, func(id string) bool { return match(e.caseGlob, id) })
		if ran && !e.used {
			out = append(out, fmt.Sprintf("%s: %s %s", e.where, e.caseGlob, e.obsGlob))
		}
	}
	return out
}
