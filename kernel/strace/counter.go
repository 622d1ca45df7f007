// SPDX-License-Identifier: Apache-2.0

// This file counts which flags, commands and errnos the traced calls carried: what the coverage page measures.

package strace

import (
	"encoding/binary"
	"fmt"
	"io"
	"slices"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
)

// Counter collects what calls carried. It is for any number of goroutines.
type Counter struct {
	mu   sync.Mutex
	seen map[string]map[string]bool // by syscall; mu
}

// Count notes one call that returned.
func (n *Counter) Count(nr uint64, args *[6]uint64, err error) {
	if nr >= uint64(len(calls)) || calls[nr].name == "" {
		return
	}
	c := &calls[nr]
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := n.of(c.name)
	for i, a := range c.args {
		if a.set != nil {
			a.set.mark(seen, a.narrow(args[i]), c.pairs)
		}
	}
	if errno, ok := err.(unix.Errno); ok && restarts[errno] == "" {
		seen[errnoName(errno)] = true
	}
}

// CountPointed notes the flags of one call, which is about to be made, that stand in memory.
func (n *Counter) CountPointed(nr uint64, args *[6]uint64, mem user.Memory) {
	var b [24]byte
	var at user.Addr
	switch nr {
	case unix.SYS_OPENAT2:
		at = user.Addr(args[2])
	case unix.SYS_CLONE3:
		at = user.Addr(args[0])
	default:
		return
	}
	if _, err := mem.CopyIn(at, b[:]); err != nil {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	seen := n.of(calls[nr].name)
	if nr == unix.SYS_CLONE3 {
		setClone3.mark(seen, binary.LittleEndian.Uint64(b[:]), true)
		return
	}
	setOpen.mark(seen, binary.LittleEndian.Uint64(b[:]), true)
	setResolve.mark(seen, binary.LittleEndian.Uint64(b[16:]), true)
}

// Interrupted notes that a call which was to be restarted answered EINTR, as a handler ran.
func (n *Counter) Interrupted(nr uint64) {
	if nr >= uint64(len(calls)) || calls[nr].name == "" {
		return
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	n.of(calls[nr].name)["EINTR"] = true
}

// of is what was seen of a call; n.mu is held.
func (n *Counter) of(call string) map[string]bool {
	if n.seen == nil {
		n.seen = map[string]map[string]bool{}
	}
	if n.seen[call] == nil {
		n.seen[call] = map[string]bool{}
	}
	return n.seen[call]
}

// mark notes the members that a value has, and perhaps which two of them it has together. Unlike format it counts each
// name by itself: O_SYNC carries O_DSYNC too.
func (s *set) mark(seen map[string]bool, v uint64, pairs bool) {
	for i, m := range s.members {
		if !m.in(v) {
			continue
		}
		seen[m.name] = true
		if !pairs {
			continue
		}
		for _, o := range s.members[i+1:] {
			if o.mask&m.mask == 0 && o.mask != 0 && m.mask != 0 && o.in(v) {
				seen[m.name+"+"+o.name] = true
			}
		}
	}
}

func (m *member) in(v uint64) bool {
	return v&m.mask == m.value && (m.field || m.value != 0 || v == 0)
}

// WriteTo writes what was seen as fixtures/conformance/exercised.tsv has it: syscall and name, sorted.
func (n *Counter) WriteTo(w io.Writer) (int64, error) {
	n.mu.Lock()
	defer n.mu.Unlock()
	var lines []string
	for call, names := range n.seen {
		for name := range names {
			lines = append(lines, call+"\t"+name+"\n")
		}
	}
	slices.Sort(lines)
	total := int64(0)
	for _, line := range lines {
		written, err := fmt.Fprint(w, line)
		total += int64(written)
		if err != nil {
			return total, err
		}
	}
	return total, nil
}
