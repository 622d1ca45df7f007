// SPDX-License-Identifier: Apache-2.0

// This file reads arguments.tsv, sets.tsv, structs.tsv and errnos.tsv.

package table

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
)

// Set is a set of flags or commands, in the order of the file.
type Set struct {
	Name    string
	Members []Member
}

// Member is one name of a set.
type Member struct {
	Name  string
	Value uint64
	Mask  uint64 // the bits that it decides; a flag's own bits
	Cmd   bool   // the whole argument is this one value
	Field bool   // one value of a field within the argument
	Since string // the Linux version that added it, where known
	C     string // the C expression that it is checked by
}

// Struct is a structure that travels between the application and the kernel.
type Struct struct {
	Name   string
	Size   int
	C      string // its type in the system headers, if they have one
	Growth string // "", extensible or variable
}

func (t *Table) loadSets(path string) error {
	t.Sets = map[string]*Set{}
	return eachRow(path, 6, func(f []string) error {
		m := Member{Name: f[1], Since: f[4], C: f[5]}
		value, err := strconv.ParseInt(f[2], 0, 64)
		if err != nil {
			return err
		}
		m.Value = uint64(value)
		switch f[3] {
		case "":
			m.Mask = m.Value
		case "all":
			m.Cmd, m.Mask = true, ^uint64(0)
		default:
			m.Field = true
			if m.Mask, err = strconv.ParseUint(f[3], 0, 64); err != nil {
				return err
			}
		}
		if m.Value&^m.Mask != 0 {
			return fmt.Errorf("%s has bits outside of its mask", m.Name)
		}
		if m.C == "" {
			m.C = m.Name
		}
		set := t.Sets[f[0]]
		if set == nil {
			set = &Set{Name: f[0]}
			t.Sets[f[0]] = set
		}
		for _, o := range set.Members {
			if o.Name == m.Name {
				return fmt.Errorf("%s is twice in %s", m.Name, set.Name)
			}
			if o.Mask != 0 && m.Mask&o.Mask == o.Mask && m.Mask != o.Mask {
				return fmt.Errorf("%s of %s includes %s, and must stand before it", m.Name, set.Name, o.Name)
			}
		}
		set.Members = append(set.Members, m)
		return nil
	})
}

func (t *Table) loadStructs(path string) error {
	t.Structs = map[string]Struct{}
	return eachRow(path, 4, func(f []string) error {
		size, err := strconv.Atoi(f[1])
		if err != nil {
			return err
		}
		if _, twice := t.Structs[f[0]]; twice {
			return fmt.Errorf("%s is listed twice", f[0])
		}
		t.Structs[f[0]] = Struct{Name: f[0], Size: size, C: f[2], Growth: f[3]}
		return nil
	})
}

// results are the kinds of result.
var results = []string{"", "addr", "octal", "ready"}

func (t *Table) loadArguments(path string) error {
	seen := map[string]bool{}
	err := eachRow(path, 9, func(f []string) error {
		s, err := t.row(f)
		if err != nil {
			return err
		}
		seen[s.Name] = true
		if s.Result = f[2]; !slices.Contains(results, s.Result) {
			return fmt.Errorf("%s: unknown kind of result %q", s.Name, s.Result)
		}
		kinds := f[3:]
		for len(kinds) > 0 && kinds[len(kinds)-1] == "" {
			kinds = kinds[:len(kinds)-1]
		}
		if len(kinds) != len(s.Args) {
			return fmt.Errorf("%s takes %d arguments, not %d", s.Name, len(s.Args), len(kinds))
		}
		for i, text := range kinds {
			if s.Args[i].Kind, err = t.parseKind(s, text); err != nil {
				return err
			}
			if a := s.Args[i]; !a.Kind.fitsClass(a.Class) {
				return fmt.Errorf("%s: %q is no %s", s.Name, a.CType+" "+a.Name, text)
			}
		}
		return nil
	})
	for _, s := range t.Syscalls {
		if err == nil && !seen[s.Name] && !s.Absent() {
			err = fmt.Errorf("%s: nothing about the arguments of %s", path, s.Name)
		}
	}
	return err
}

func (t *Table) loadErrnos(path string) error {
	return eachRow(path, 5, func(f []string) error {
		s, err := t.row(f)
		if err == nil {
			s.Errnos, s.Others = strings.Fields(f[2]), strings.Fields(f[4])
		}
		return err
	})
}

func (t *Table) loadUsage(path string) error {
	return eachRow(path, 3, func(f []string) (err error) {
		s := t.ByName(f[0])
		if s == nil {
			return fmt.Errorf("%s is not in syscall_64.tsv", f[0])
		}
		s.Users, err = strconv.Atoi(f[1])
		return err
	})
}

// row finds the syscall that a row speaks of by its first two columns, number and name.
func (t *Table) row(f []string) (*Syscall, error) {
	s := t.ByName(f[1])
	if s == nil || strconv.Itoa(s.Number) != f[0] {
		return nil, fmt.Errorf("%s, number %s, is not in syscall_64.tsv", f[1], f[0])
	}
	return s, nil
}
