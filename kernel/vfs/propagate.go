// SPDX-License-Identifier: Apache-2.0

// This file is the propagation of mounts (mount_namespaces(7), "Shared
// subtrees"; fs/pnode.c): peer groups and their slaves. Its functions are called
// with mountMu held.

package vfs

import (
	"slices"
	"strconv"

	"golang.org/x/sys/unix"
)

// peerGroup is mounts that get what each other gets. Its slaves get it too,
// but give nothing back.
type peerGroup struct {
	id      int
	members []*Mount
	slaves  []*Mount
}

// groupIDs are the ids in use; the lowest free one is the next.
var groupIDs []bool

func newPeerGroup() *peerGroup {
	i := slices.Index(groupIDs, false)
	if i < 0 {
		i = len(groupIDs)
		groupIDs = append(groupIDs, false)
	}
	groupIDs[i] = true
	return &peerGroup{id: i + 1}
}

// join makes m a member, the last one.
func (g *peerGroup) join(m *Mount) {
	g.members = append(g.members, m)
	m.peers = g
}

// share makes m shared, if it isn't (set_mnt_shared).
func (m *Mount) share() {
	m.unbindable = false
	if m.peers == nil {
		newPeerGroup().join(m)
	}
}

// enslave makes m a slave of g, which may be nil, and of nobody else.
func (m *Mount) enslave(g *peerGroup) {
	if m.master != nil {
		m.master.slaves = without(m.master.slaves, m)
	}
	if m.master = g; g != nil {
		g.slaves = append([]*Mount{m}, g.slaves...)
	}
}

// leave takes m out of its peer group, whose slaves go to m's own master if
// it was the last member. It returns the group if that is still one, else
// m's master.
func (m *Mount) leave() *peerGroup {
	g := m.peers
	if g == nil {
		return m.master
	}
	m.peers = nil
	if g.members = without(g.members, m); len(g.members) > 0 {
		return g
	}
	groupIDs[g.id-1] = false
	for _, s := range slices.Clone(g.slaves) {
		s.enslave(m.master)
	}
	return m.master
}

// makePrivate ends all propagation to and from m.
func (m *Mount) makePrivate() {
	m.leave()
	m.enslave(nil)
}

// setPropagation is change_mnt_propagation: kind is one of MS_SHARED and its
// kin.
func (m *Mount) setPropagation(kind uint32) {
	switch kind {
	case unix.MS_SHARED:
		m.share()
	case unix.MS_SLAVE:
		m.enslave(m.leave())
	default:
		m.makePrivate()
		m.unbindable = kind == unix.MS_UNBINDABLE
	}
}

// placed is a copy of a tree with the place that it is for.
type placed struct {
	mount *Mount
	at    Path
}

// propagate copies a tree for every place that gets what is mounted at at:
// that of peers, of their slaves, and so on (propagate_mnt). The copies are
// not attached yet.
func propagate(m *Mount, at Path) ([]placed, error) {
	s := spreading{d: at.Dentry, from: at.Mount}
	err := s.group(at.Mount.peers, m)
	return s.copies, err
}

type spreading struct {
	d      *Dentry
	from   *Mount // has it already
	copies []placed
}

// group gives copies of a tree to the members of a group, and to its slaves.
func (s *spreading) group(g *peerGroup, tree *Mount) error {
	for _, m := range slices.Clone(g.members) {
		if err := s.give(m, tree, copying{}); err != nil {
			return err
		}
	}
	done := map[*peerGroup]bool{}
	for _, m := range slices.Clone(g.slaves) {
		switch {
		case m.peers == nil:
			if err := s.give(m, tree, copying{slave: true}); err != nil {
				return err
			}
		case !done[m.peers]:
			done[m.peers] = true
			if err := s.slaveGroup(m.peers, tree); err != nil {
				return err
			}
		}
	}
	return nil
}

// slaveGroup gives the first member of a group of slaves a slave of the tree,
// and all others, and its slaves, copies of that.
func (s *spreading) slaveGroup(g *peerGroup, tree *Mount) error {
	for _, m := range slices.Clone(g.members) {
		before := len(s.copies)
		if err := s.give(m, tree, copying{slave: true, makeShared: true}); err != nil {
			return err
		}
		if len(s.copies) > before {
			from := s.from
			s.from = m
			err := s.group(g, s.copies[before].mount)
			s.from = from
			return err
		}
	}
	// None of them shows the place, but their slaves may.
	for _, m := range slices.Clone(g.slaves) {
		if err := s.give(m, tree, copying{slave: true, makeShared: m.peers != nil}); err != nil {
			return err
		}
	}
	return nil
}

// give makes the copy for one mount, if that shows the place (propagate_one).
func (s *spreading) give(m, tree *Mount, how copying) error {
	ns := m.ns.Load()
	if m == s.from || ns == nil || !above(m.root, s.d) {
		return nil
	}
	c, err := how.tree(tree, tree.root)
	if err != nil {
		return err
	}
	if from := s.from.ns.Load(); from != nil && from.owner != ns.owner {
		lockTree(c)
	}
	s.copies = append(s.copies, placed{c, Path{m, s.d}})
	return nil
}

// receivers are the mounts that get what m gets, but not m.
func (m *Mount) receivers() (list []*Mount) {
	seen := map[*Mount]bool{m: true}
	var visit func(g *peerGroup)
	visit = func(g *peerGroup) {
		for _, o := range append(slices.Clone(g.members), g.slaves...) {
			if seen[o] {
				continue
			}
			seen[o] = true
			list = append(list, o)
			if o.peers != nil && o.peers != g {
				visit(o.peers)
			}
		}
	}
	if m.peers != nil {
		visit(m.peers)
	}
	return list
}

// spreadUmount is propagate_umount: what is to go elsewhere when list goes. A
// mount on which others are stays, unless they go as well, or cover all of it:
// then they take its place.
func spreadUmount(list []*Mount) []*Mount {
	going := map[*Mount]bool{}
	for _, m := range list {
		going[m] = true
	}
	var more []*Mount
	for _, m := range list {
		at := m.Point()
		if at.Mount == nil {
			continue
		}
		for _, r := range at.Mount.receivers() {
			if c := r.on(at.Dentry); c != nil && !going[c] {
				going[c] = true
				more = append(more, c)
			}
		}
	}
	for again := true; again; {
		again = false
		for _, c := range slices.Clone(more) {
			if c.staysFor(going) {
				delete(going, c)
				more = without(more, c)
				again = true
			}
		}
	}
	for _, c := range more {
		if over := c.on(c.root); over != nil && !going[over] {
			at := c.Point()
			over.detach()
			c.detach()
			over.attach(at)
		}
	}
	return more
}

// staysFor tells whether m can't go with those that go.
func (m *Mount) staysFor(going map[*Mount]bool) bool {
	if m.locked && !going[m.Point().Mount] {
		return true
	}
	return slices.ContainsFunc(m.children, func(c *Mount) bool { return !going[c] && c.Point().Dentry != m.root })
}

// busy is propagate_mount_busy: someone uses m, or what would go with it. used
// tells of roots and working directories.
func (m *Mount) busy(used func(*Mount) bool) bool {
	if len(m.children) > 0 || m.users.Load() > 0 || used(m) {
		return true
	}
	at := m.Point()
	if at.Mount == nil {
		return false
	}
	return slices.ContainsFunc(at.Mount.receivers(), func(r *Mount) bool {
		c := r.on(at.Dentry)
		return c != nil && len(c.children) == 0 && (c.users.Load() > 0 || used(c))
	})
}

// Propagation is a mount's optional fields in /proc/PID/mountinfo, for who has
// a root: " shared:1 master:2".
func (m *Mount) Propagation(root Path) string {
	mountMu.RLock()
	defer mountMu.RUnlock()
	s := ""
	if m.peers != nil {
		s += " shared:" + strconv.Itoa(m.peers.id)
	}
	if m.master != nil {
		s += " master:" + strconv.Itoa(m.master.id)
		if from := m.dominating(root); from != nil && from != m.master {
			s += " propagate_from:" + strconv.Itoa(from.id)
		}
	}
	if m.unbindable {
		s += " unbindable"
	}
	return s
}

// dominating is the nearest group that m gets mounts from with a member in m's
// namespace below root (get_dominating_id).
func (m *Mount) dominating(root Path) *peerGroup {
	for g := m.master; g != nil && len(g.members) > 0; g = g.members[0].master {
		for _, o := range g.members {
			if o.ns.Load() == m.ns.Load() && (Path{o, o.root}).beneath(root) {
				return g
			}
		}
	}
	return nil
}
