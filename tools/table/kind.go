// SPDX-License-Identifier: Apache-2.0

// This file holds what an argument is beyond its C type: a descriptor, a path, a structure that goes in or out, flags
// of a set. The notation is explained at the top of arguments.tsv.

package table

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// Dir says which way the memory behind a pointer travels.
type Dir int

const (
	NoDir Dir = iota
	In
	Out
	InOut
)

// Kind is what one argument is.
type Kind struct {
	Name string // fd, path, flags, cmd, struct, ...
	Dir  Dir    // for pointers
	Of   string // the set of flags or commands, or the structure pointed to

	// How much memory a pointer covers, where one structure is not the answer.
	Elems   int // a fixed number of elements; 0 means 1
	Count   int // the index of the argument that counts the elements, or -1
	Bytes   int // the index of the argument that counts the bytes, or -1
	BytesAt int // the index of the pointer to an int that counts the bytes, or -1
}

// plain are the kinds that are one word, and whether they are pointers.
var plain = map[string]Dir{
	"fd": NoDir, "dirfd": NoDir, "pid": NoDir, "uid": NoDir, "gid": NoDir, "signal": NoDir, "dev": NoDir, "key": NoDir,
	"keyid": NoDir, "id": NoDir, "mode": NoDir, "octal": NoDir, "offset": NoDir, "size": NoDir, "int": NoDir,
	"uint": NoDir, "long": NoDir, "msecs": NoDir, "hex": NoDir, "addr": NoDir, "arg": NoDir,
	"path": In, "string": In, "argv": In, "envp": In,
}

var dirs = map[string]Dir{"in": In, "out": Out, "inout": InOut}

var pointed = regexp.MustCompile(`^(\w+)(?:\[(\w+)\]|/(\*?)(\w+))?$`)

func (t *Table) parseKind(s *Syscall, text string) (Kind, error) {
	k := Kind{Count: -1, Bytes: -1, BytesAt: -1}
	word, rest, found := strings.Cut(text, ":")
	if !found {
		dir, ok := plain[word]
		if !ok {
			return k, fmt.Errorf("%s: unknown kind %q", s.Name, word)
		}
		k.Name, k.Dir = word, dir
		return k, nil
	}
	if word == "flags" || word == "cmd" {
		k.Name, k.Of = word, rest
		if t.Sets[rest] == nil {
			return k, fmt.Errorf("%s: no set is named %q", s.Name, rest)
		}
		return k, nil
	}
	m := pointed.FindStringSubmatch(rest)
	dir, ok := dirs[word]
	if !ok || m == nil {
		return k, fmt.Errorf("%s: can't read %q", s.Name, text)
	}
	k.Name, k.Dir, k.Of = "struct", dir, m[1]
	if _, ok := t.Structs[k.Of]; !ok {
		return k, fmt.Errorf("%s: no structure is named %q", s.Name, k.Of)
	}
	return k, k.extent(s, m[2], m[3] != "", m[4])
}

// extent fills in how much memory a pointer covers: count elements, or as many bytes as another argument says.
func (k *Kind) extent(s *Syscall, count string, indirect bool, bytes string) error {
	name := count + bytes
	if name == "" {
		return nil
	}
	if n, err := strconv.Atoi(count); err == nil {
		k.Elems = n
		return nil
	}
	i := s.Arg(name)
	switch {
	case i < 0:
		return fmt.Errorf("%s has no argument named %q", s.Name, name)
	case indirect:
		k.BytesAt = i
	case bytes != "":
		k.Bytes = i
	default:
		k.Count = i
	}
	if pointer := s.Args[i].Class == Pointer; pointer != indirect {
		return fmt.Errorf("%s: %q does not fit as a length: it is a %s", s.Name, name, s.Args[i].CType)
	}
	return nil
}

// fitsClass refuses a kind that the C type contradicts.
func (k Kind) fitsClass(c Class) bool {
	switch k.Name {
	case "struct", "path", "string", "argv", "envp":
		return c == Pointer
	case "addr":
		return c == Pointer || c == Uint64
	case "arg", "hex":
		return true
	case "fd", "dirfd", "pid":
		return c != Pointer && c != Uint16
	}
	return c != Pointer
}
