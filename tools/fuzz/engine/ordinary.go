// SPDX-License-Identifier: Apache-2.0

// This file is the third side, for overlays. Linux's overlay is in places not what an application expects of a file system
// ("non-standard behavior" in its documentation): a file that was opened before it was copied goes on being mapped from
// below, one that was deleted below can't be changed (EEXIST), RWF_NOAPPEND is lost on the way. The sandbox's root is to
// look like an ordinary file system instead. So where it differs from Linux's overlay, it must do as Linux's tmpfs does,
// which is where both keep what is written; anything else is a difference.

package engine

import (
	"strconv"
	"strings"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// step is what a side saw of one operation.
type step struct {
	at    int // the operation's place; -1 for the end
	lines []string
}

// steps cuts what a side saw. The lines of a dump start with a space, and belong to the step before them.
func steps(saw []string) (list []step) {
	for _, line := range saw {
		first, _, _ := strings.Cut(line, " ")
		if first == "" && len(list) > 0 {
			s := &list[len(list)-1]
			s.lines = append(s.lines, line)
			continue
		}
		at, err := strconv.Atoi(first)
		if err != nil {
			at = -1
		}
		list = append(list, step{at, []string{line}})
	}
	return list
}

func (s step) text() string { return strings.Join(s.lines, "\n") }

func byPlace(saw []string) map[int]string {
	m := map[int]string{}
	for _, s := range steps(saw) {
		m[s.at] += s.text()
	}
	return m
}

// differFromBoth finds the first step at which the sandbox saw what neither of the others did. When it has parted from both,
// what they see after that says nothing any more.
func differFromBoth(p *prog.Program, native, ordinary, sandbox []string) *Difference {
	n, o := byPlace(native), byPlace(ordinary)
	asNative, asOrdinary := true, true
	for at, seen := range ordered(sandbox) {
		isNative, isOrdinary := n[at] == seen, o[at] == seen
		if !isNative && !isOrdinary {
			if isMixed(seen, n[at], o[at]) {
				break
			}
			side := native
			if !asNative {
				side = ordinary
			}
			d := differ(p, only(side, at), only(sandbox, at))
			d.Step = at
			return d
		}
		asNative, asOrdinary = asNative && isNative, asOrdinary && isOrdinary
		if !asNative && !asOrdinary {
			break
		}
	}
	return nil
}

// isMixed tells whether each file of a dump is as one of the others has it.
func isMixed(seen, native, ordinary string) bool {
	s, n, o := dumped(seen), dumped(native), dumped(ordinary)
	for _, files := range []map[string]string{s, n, o} {
		for path := range files {
			if s[path] != n[path] && s[path] != o[path] {
				return false
			}
		}
	}
	return len(s) > 0
}

// dumped is the lines of a dump by the files that they are about.
func dumped(text string) map[string]string {
	files := map[string]string{}
	for line := range strings.SplitSeq(text, "\n") {
		if told, ok := strings.CutPrefix(line, "    "); ok {
			path, _, _ := strings.Cut(told, " ")
			files[path] = line
		}
	}
	return files
}

// ordered goes through the steps as they were seen, each once.
func ordered(saw []string) func(yield func(int, string) bool) {
	return func(yield func(int, string) bool) {
		all, done := byPlace(saw), map[int]bool{}
		for _, s := range steps(saw) {
			if !done[s.at] {
				done[s.at] = true
				if !yield(s.at, all[s.at]) {
					return
				}
			}
		}
	}
}

// only is what a side saw of one step.
func only(saw []string, at int) (lines []string) {
	for _, s := range steps(saw) {
		if s.at == at {
			lines = append(lines, s.lines...)
		}
	}
	return lines
}

// differ finds the first difference that counts. excused: there is another that doesn't.
func (p *Pair) differ(program *prog.Program, native, sandbox []string) (d *Difference, excused bool, err error) {
	d = differ(program, native, sandbox)
	if d == nil || p.Ordinary == nil {
		return d, false, nil
	}
	plain := *program
	plain.Flags = plain.Flags&^prog.Prepared | prog.NoLinks // a copy is no longer the file that the other name leads to
	ordinary, err := p.Ordinary.Run(&plain)
	if err != nil {
		return nil, false, err
	}
	d = differFromBoth(program, native, ordinary, sandbox)
	return d, d == nil, nil
}
