// SPDX-License-Identifier: Apache-2.0

// This file is control groups (cgroups(7), version 2): the tree of a container's groups, and which processes are in them.
// What their files say is package cgroupfs's matter.

package task

import (
	"cmp"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

// Cgroup is a control group: a container's own, or one that was made in another.
type Cgroup struct {
	kernel *Kernel // of what was made in another
	parent *Cgroup // nil: a container's own
	name   string
	serial int64

	// Files are what package cgroupfs has of it. Set before anybody else knows of the group.
	Files CgroupFiles

	// Kernel.mu guards these.
	children  map[string]*Cgroup
	removed   bool
	below     int // groups under it
	processes int // in it and in those under it, which are not dead. A container's own doesn't count
}

// CgroupFiles are told of a group's changes, without a lock.
type CgroupFiles interface {
	// Populated tells that there are processes in it and under it, or none any more.
	Populated()
}

// Cgroup is the container's own control group.
func (c *Container) Cgroup() *Cgroup { return &c.cgroup }

// Container is the task's.
func (t *Task) Container() *Container { return t.container }

// Make makes a control group in this one, with what fill gives it: ENODEV if this one is gone, EEXIST, and what check says.
func (c *Cgroup) Make(k *Kernel, name string, files func(*Cgroup) CgroupFiles, check func() error) (*Cgroup, error) {
	n := &Cgroup{kernel: k, parent: c, name: name}
	n.Files = files(n)
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case c.removed:
		return nil, unix.ENODEV
	case c.children[name] != nil:
		return nil, unix.EEXIST
	}
	if err := check(); err != nil {
		return nil, err
	}
	if c.children == nil {
		c.children = map[string]*Cgroup{}
	}
	k.lastCgroup++
	n.serial = k.lastCgroup
	c.children[name] = n
	n.countBelow(1)
	return n, nil
}

// Remove removes a control group: EBUSY if it has processes or other groups.
func (c *Cgroup) Remove() error {
	k := c.kernel
	k.mu.Lock()
	defer k.mu.Unlock()
	switch {
	case c.removed:
		return unix.ENOENT
	case c.processes > 0, len(c.children) > 0:
		return unix.EBUSY
	}
	c.removed = true
	c.countBelow(-1)
	delete(c.parent.children, c.name)
	return nil
}

// Child is the group of a name in this one, or nil.
func (c *Cgroup) Child(k *Kernel, name string) *Cgroup {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return c.children[name]
}

// Children are the groups in this one, from the oldest.
func (c *Cgroup) Children(k *Kernel) (list []*Cgroup) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, n := range c.children {
		list = append(list, n)
	}
	slices.SortFunc(list, func(a, b *Cgroup) int { return cmp.Compare(a.serial, b.serial) })
	return list
}

// Parent is the group that this one was made in; nil for a container's own.
func (c *Cgroup) Parent() *Cgroup { return c.parent }

// Name is what it is called there, and Serial tells it apart from all others; a container's own has 0.
func (c *Cgroup) Name() string  { return c.name }
func (c *Cgroup) Serial() int64 { return c.serial }

// Removed tells whether the group is gone.
func (c *Cgroup) Removed(k *Kernel) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return c.removed
}

// Populated tells whether there are processes in the group or under it.
func (c *Cgroup) Populated(k *Kernel) bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return c.parent == nil || c.processes > 0
}

// Descendants is how many groups are under this one. Caller holds Kernel.mu, as Make's check does.
func (c *Cgroup) Descendants() int { return c.below }

func (c *Cgroup) countBelow(n int) {
	for c = c.parent; c != nil; c = c.parent {
		c.below += n
	}
}

// CountDescendants is Descendants for who holds nothing.
func (c *Cgroup) CountDescendants(k *Kernel) int {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return c.Descendants()
}

// Within tells whether c is top or under it.
func (c *Cgroup) Within(top *Cgroup) bool {
	for ; c != nil; c = c.parent {
		if c == top {
			return true
		}
	}
	return false
}

// inCgroup is the group's control group. Caller holds Kernel.mu.
func (g *ThreadGroup) inCgroup() *Cgroup {
	if g.cgroup != nil {
		return g.cgroup
	}
	return &g.leader.container.cgroup
}

// Cgroup is the control group that a process is in.
func (g *ThreadGroup) Cgroup() *Cgroup {
	g.kernel.mu.RLock()
	defer g.kernel.mu.RUnlock()
	return g.inCgroup()
}

// CgroupMembers are the processes of a container that are not dead and in a control group, with deep in those under it as
// well, in the order of their ids.
func (k *Kernel) CgroupMembers(of *Container, c *Cgroup, deep bool) (list []*ThreadGroup) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	for _, g := range k.groups() {
		in := g.inCgroup()
		if g.leader.container == of && !g.zombie && (in == c || deep && in.Within(c)) {
			list = append(list, g)
		}
	}
	return list
}

// MoveTo puts a process into another control group of its container: ENODEV if that is gone, ESRCH if the process is.
func (g *ThreadGroup) MoveTo(c *Cgroup) error {
	k := g.kernel
	k.mu.Lock()
	err := unix.Errno(0)
	var changed []*Cgroup
	switch {
	case c.removed:
		err = unix.ENODEV
	case g.zombie:
		err = unix.ESRCH
	default:
		old := g.cgroup
		if g.cgroup = c; c.parent == nil {
			g.cgroup = nil
		}
		changed = append(g.cgroup.count(1), old.count(-1)...)
	}
	k.mu.Unlock()
	tellPopulated(changed)
	if err != 0 {
		return err
	}
	return nil
}

// count notes a process more or less, and returns the groups that had none, or have none any more. Caller holds Kernel.mu.
func (c *Cgroup) count(n int) (changed []*Cgroup) {
	for ; c != nil && c.parent != nil; c = c.parent {
		before := c.processes > 0
		c.processes += n
		if before != (c.processes > 0) {
			changed = append(changed, c)
		}
	}
	return changed
}

func tellPopulated(list []*Cgroup) {
	for _, c := range list {
		c.Files.Populated()
	}
}

// joinCgroup puts a new process into its parent's control group, or into another. Caller holds Kernel.mu.
func (g *ThreadGroup) joinCgroup(parent *ThreadGroup, into *Cgroup) (changed []*Cgroup) {
	if g.cgroup = parent.cgroup; into != nil {
		if g.cgroup = into; into.parent == nil {
			g.cgroup = nil
		}
	}
	return g.cgroup.count(1)
}

// leaveCgroup notes that a process is dead: it still shows where it was. What it returns is to be told without the lock,
// nil if there is nothing. Caller holds Kernel.mu.
func (g *ThreadGroup) leaveCgroup() func() {
	if changed := g.cgroup.count(-1); len(changed) > 0 {
		return func() { tellPopulated(changed) }
	}
	return nil
}

// CgroupPath is where a process's control group is, seen from the root of t's cgroup namespace (cgroup_path_ns).
func (t *Task) CgroupPath(g *ThreadGroup) string {
	k := t.kernel
	var root *Cgroup
	if n := t.Namespaces(); n != nil {
		root = n.Cgroup.root
	}
	k.mu.RLock()
	defer k.mu.RUnlock()
	c := g.inCgroup()
	if root == nil {
		root = &g.leader.container.cgroup
	}
	path := c.pathFrom(root)
	if c.removed {
		path += " (deleted)"
	}
	return path
}

func (c *Cgroup) pathFrom(root *Cgroup) string {
	up := ""
	for ; root.parent != nil && !c.Within(root); root = root.parent {
		up += "/.."
	}
	var names []string
	for ; c != root && c.parent != nil; c = c.parent {
		names = append(names, c.name)
	}
	slices.Reverse(names)
	if len(names) == 0 {
		return cmp.Or(up, "/")
	}
	return up + "/" + strings.Join(names, "/")
}

// KillCgroup ends every process in a control group and under it.
func (k *Kernel) KillCgroup(of *Container, c *Cgroup) {
	for _, g := range k.CgroupMembers(of, c, true) {
		g.sighand.mu.Lock()
		g.startExit(int32(abi.SIGKILL))
		g.sighand.mu.Unlock()
	}
}

// CgroupNS is a cgroup namespace: what its tasks take for the root.
type CgroupNS struct {
	common
	root *Cgroup // nil: the container's own
}

// Root is the group that is the namespace's root, for a task of a container.
func (n *CgroupNS) Root(c *Container) *Cgroup {
	if n.root != nil {
		return n.root
	}
	return &c.cgroup
}
