// SPDX-License-Identifier: Apache-2.0

// This file is the maps of a user namespace: uid_map, gid_map, projid_map and
// setgroups, with the rules of who may write what (user_namespaces(7)).

package cred

import (
	"bytes"
	"fmt"

	"golang.org/x/sys/unix"
)

// maxExtents is how many lines a map may have.
const maxExtents = 340

// maxMapText is what a write to a map stays below.
const maxMapText = 4096

// Extent says that Count ids from First on, in a namespace, are those from
// Lower on.
type Extent struct{ First, Lower, Count uint32 }

// IDMap translates ids of a namespace. Lower is an id of the first namespace
// once the map is in force.
type IDMap []Extent

func (m *IDMap) down(id uint32) uint32 {
	if m != nil {
		for _, e := range *m {
			if id >= e.First && id-e.First < e.Count {
				return e.Lower + (id - e.First)
			}
		}
	}
	return ^uint32(0)
}

func (m *IDMap) up(id uint32) (uint32, bool) {
	if m != nil {
		for _, e := range *m {
			if id >= e.Lower && id-e.Lower < e.Count {
				return e.First + (id - e.Lower), true
			}
		}
	}
	return ^uint32(0), false
}

// downRange is down for a whole range, which one extent must cover.
func (m *IDMap) downRange(first, count uint32) uint32 {
	if m != nil {
		for _, e := range *m {
			if first >= e.First && first-e.First < e.Count && count-1 <= e.Count-1-(first-e.First) {
				return e.Lower + (first - e.First)
			}
		}
	}
	return ^uint32(0)
}

// Which map of a namespace.
const (
	UIDMap = iota
	GIDMap
	ProjectMap
)

// WriteMap is a write to /proc/PID/uid_map and its kin by a task with creds
// writer, to a file that opener opened. The write takes effect as a whole, and
// only once: EPERM, EINVAL.
func (ns *UserNS) WriteMap(which int, text []byte, opener, writer *Creds) error {
	if ns.parent == nil || opener.NS() != ns && opener.NS() != ns.parent {
		return unix.EPERM
	}
	if len(text) >= maxMapText {
		return unix.EINVAL
	}
	slot, lower := &ns.uids, ns.parent.uids.Load()
	switch which {
	case GIDMap:
		slot, lower = &ns.gids, ns.parent.gids.Load()
	case ProjectMap:
		slot, lower = &ns.projects, ns.parent.projects.Load()
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if slot.Load() != nil {
		return unix.EPERM
	}
	// Both the opener and the writer must be in charge of the namespace; the
	// map of projects asks for no more than to see it.
	if which != ProjectMap && !(opener.CapableIn(ns, unix.CAP_SYS_ADMIN) && writer.CapableIn(ns, unix.CAP_SYS_ADMIN)) {
		return unix.EPERM
	}
	m, err := parseMap(text)
	if err != nil {
		return err
	}
	if !ns.mayMap(which, m, opener, writer) {
		return unix.EPERM
	}
	for i := range m {
		e := &m[i]
		if e.Lower = lower.downRange(e.Lower, e.Count); e.Lower == ^uint32(0) {
			return unix.EPERM
		}
	}
	slot.Store(&m)
	return nil
}

// mayMap is new_idmap_permitted: without privilege over the parent only its
// maker's own id can be given a name.
func (ns *UserNS) mayMap(which int, m IDMap, opener, writer *Creds) bool {
	if which == UIDMap && !ns.mayMapZero(m, opener) {
		return false
	}
	if len(m) == 1 && m[0].Count == 1 && ns.owner == opener.EUID {
		id := m[0].Lower
		switch {
		case which == UIDMap && ns.parent.ToUID(id) == opener.EUID:
			return true
		case which == GIDMap && ns.denied && ns.parent.ToGID(id) == opener.EGID:
			return true
		}
	}
	capability := uint(unix.CAP_SETUID)
	switch which {
	case GIDMap:
		capability = unix.CAP_SETGID
	case ProjectMap:
		return true
	}
	return writer.CapableIn(ns.parent, capability) && opener.CapableIn(ns.parent, capability)
}

// mayMapZero is verify_root_map: whoever maps the parent's root could give
// files capabilities there, so must have had the right to.
func (ns *UserNS) mayMapZero(m IDMap, opener *Creds) bool {
	for _, e := range m {
		if e.Lower == 0 {
			if opener.NS() == ns {
				return ns.mayMapRoot
			}
			return opener.CapableIn(ns.parent, unix.CAP_SETFCAP)
		}
	}
	return true
}

// parseMap reads lines of three numbers: EINVAL.
func parseMap(text []byte) (IDMap, error) {
	var m IDMap
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	for more := true; more; {
		var line []byte
		line, text, more = bytes.Cut(text, []byte("\n"))
		more = more && len(text) > 0
		e, ok := parseExtent(line)
		if !ok || e.First+e.Count <= e.First || e.Lower+e.Count <= e.Lower || m.overlaps(e) || len(m)+1 == maxExtents && more {
			return nil, unix.EINVAL
		}
		m = append(m, e)
	}
	return m, nil
}

func parseExtent(line []byte) (e Extent, ok bool) {
	line = skipSpaces(line)
	for i, field := range [3]*uint32{&e.First, &e.Lower, &e.Count} {
		// Linux takes no number for 0 here, and more than 64 bits wrap.
		var n uint64
		for len(line) > 0 && line[0] >= '0' && line[0] <= '9' {
			n = n*10 + uint64(line[0]-'0')
			line = line[1:]
		}
		*field = uint32(n)
		rest := skipSpaces(line)
		if i < 2 && len(rest) == len(line) {
			return e, false
		}
		line = rest
	}
	return e, len(line) == 0 && e.First != ^uint32(0) && e.Lower != ^uint32(0)
}

// skipSpaces drops what isspace of the kernel's own table calls space.
func skipSpaces(b []byte) []byte {
	for len(b) > 0 && (b[0] == ' ' || b[0] >= '\t' && b[0] <= '\r' || b[0] == 0xa0) {
		b = b[1:]
	}
	return b
}

func (m IDMap) overlaps(n Extent) bool {
	for _, e := range m {
		if n.First <= e.First+e.Count-1 && e.First <= n.First+n.Count-1 ||
			n.Lower <= e.Lower+e.Count-1 && e.Lower <= n.Lower+n.Count-1 {
			return true
		}
	}
	return false
}

// Map is the text of a map as the namespace viewer sees it.
func (ns *UserNS) Map(which int, viewer *UserNS) []byte {
	if viewer == ns && ns.parent != nil {
		viewer = ns.parent
	}
	mine, theirs := ns.uids.Load(), viewer.uids.Load()
	switch which {
	case GIDMap:
		mine, theirs = ns.gids.Load(), viewer.gids.Load()
	case ProjectMap:
		mine, theirs = ns.projects.Load(), viewer.projects.Load()
	}
	if mine == nil {
		return nil
	}
	var b []byte
	for _, e := range *mine {
		lower, _ := theirs.up(e.Lower)
		b = fmt.Appendf(b, "%10d %10d %10d\n", e.First, lower, e.Count)
	}
	return b
}

// Setgroups is the text of /proc/PID/setgroups.
func (ns *UserNS) Setgroups() []byte {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if ns.denied {
		return []byte("deny\n")
	}
	return []byte("allow\n")
}

// WriteSetgroups is a write to /proc/PID/setgroups: setgroups(2) can be denied
// for good, as long as no group is mapped.
func (ns *UserNS) WriteSetgroups(text []byte) error {
	if len(text) >= 8 {
		return unix.EINVAL
	}
	if i := bytes.IndexByte(text, 0); i >= 0 {
		text = text[:i]
	}
	rest, allow := bytes.CutPrefix(text, []byte("allow"))
	deny := false
	if !allow {
		rest, deny = bytes.CutPrefix(text, []byte("deny"))
	}
	if !allow && !deny || len(skipSpaces(rest)) > 0 {
		return unix.EINVAL
	}
	ns.mu.Lock()
	defer ns.mu.Unlock()
	if allow {
		if ns.denied {
			return unix.EPERM
		}
		return nil
	}
	if ns.gids.Load() != nil {
		return unix.EPERM
	}
	ns.denied = true
	return nil
}

// MaySetgroups tells whether setgroups(2) works in the namespace at all.
func (ns *UserNS) MaySetgroups() bool {
	ns.mu.Lock()
	defer ns.mu.Unlock()
	return ns.gids.Load() != nil && !ns.denied
}
