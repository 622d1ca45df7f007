// SPDX-License-Identifier: Apache-2.0

// This file counts pairs: two flags, or a command and a flag, that one call carried together. They are counted of the calls
// whose flags say different things together than alone.

package gen

import "github.com/ditto-kernel/ditto/tools/table"

// pairSets are these calls, with the sets of the flags that they carry in memory; those of their arguments count too.
var pairSets = map[string][]string{
	"open": nil, "openat": nil, "openat2": {"open", "resolve"}, "mmap": nil, "clone": nil, "clone3": {"clone3"}, "waitid": nil, "futex": nil,
	"sendto": nil, "sendmsg": nil, "sendmmsg": nil, "recvfrom": nil, "recvmsg": nil, "recvmmsg": nil, "renameat2": nil,
}

// Pairs is how many pairs of a call's flags the recorded run carried, of those that an argument can have.
type Pairs struct {
	Syscall   string
	Seen, All int
}

// countPairs counts them, in the order of the table.
func countPairs(t *table.Table, seen map[string]map[string]bool) []Pairs {
	var list []Pairs
	for i := range t.Syscalls {
		s := &t.Syscalls[i]
		sets, counted := pairSets[s.Name]
		if !counted {
			continue
		}
		for _, a := range s.Args {
			if a.Kind.Name == "flags" || a.Kind.Name == "cmd" {
				sets = append(sets[:len(sets):len(sets)], a.Kind.Of)
			}
		}
		p := Pairs{Syscall: s.Name}
		for _, set := range sets {
			p.add(t.Sets[set].Members, seen[s.Name])
		}
		list = append(list, p)
	}
	return list
}

// add counts the pairs of a set: two names that decide different bits.
func (p *Pairs) add(members []table.Member, seen map[string]bool) {
	for i, a := range members {
		for _, b := range members[i+1:] {
			if a.Mask&b.Mask != 0 || a.Mask == 0 || b.Mask == 0 {
				continue
			}
			p.All++
			if seen[a.Name+"+"+b.Name] {
				p.Seen++
			}
		}
	}
}
