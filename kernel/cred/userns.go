// SPDX-License-Identifier: Apache-2.0

// This file is user namespaces (user_namespaces(7), kernel/user_namespace.c):
// who owns one, and which ids mean what in it. Creds and file attributes hold
// ids as the first namespace has them (Linux's kuid_t); only what comes from an
// application or goes to one is translated.

package cred

import (
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// NoUID and NoGID are no id: what an id without a mapping turns into.
const (
	NoUID = ^UID(0)
	NoGID = ^GID(0)
)

// OverflowUID and OverflowGID stand for ids that a namespace has no name for.
const (
	OverflowUID = 65534
	OverflowGID = 65534
)

// maxUserNSLevel is how deep user namespaces can lie in each other.
const maxUserNSLevel = 32

// lastNamespace numbers namespaces: the inode numbers of /proc/PID/ns. The
// first ones of each kind have fixed numbers below.
var lastNamespace atomic.Uint64

// NextNamespace is a fresh number for a namespace.
func NextNamespace() uint64 { return 4026532000 + lastNamespace.Add(1) }

// UserNS is a user namespace (struct user_namespace).
type UserNS struct {
	parent *UserNS // nil for the first
	level  int
	owner  UID // who made it
	group  GID
	number uint64
	// The parent could give files capabilities when it made this one: a
	// condition for mapping its root.
	mayMapRoot bool

	// mu serialises writers of the maps and guards denied.
	mu     sync.Mutex
	denied bool // setgroups(2) is

	uids, gids, projects atomic.Pointer[IDMap]

	limits limits // guarded by accounts
}

// InitialNS is the first user namespace, where ids are what they are.
var InitialNS = newInitialNS()

func newInitialNS() *UserNS {
	ns := &UserNS{number: 4026531837, limits: limits{max: [counts]int{MaxInotifyInstances, MaxInotifyWatches, MaxFanotifyGroups, MaxFanotifyMarks}}}
	all := &IDMap{{0, 0, 1<<32 - 1}}
	ns.uids.Store(all)
	ns.gids.Store(all)
	ns.projects.Store(all)
	return ns
}

// system is the namespace whose capabilities count for what belongs to the whole system.
var system = InitialNS

// Surround puts the first namespace, before anything is in it, into one that has names for no more than some ids, as it is with a container
// in a user namespace of the host's: First of an extent is what the container calls an id, Lower what is told
// of it where the container's own map is read. Nobody in the sandbox has capabilities over the whole system then
// (Linux's capable() asks for those of the host's first namespace); Kernel has.
func Surround(uids, gids IDMap, denySetgroups bool) {
	outer := &UserNS{level: -1, number: NextNamespace(), limits: unbounded()}
	for _, m := range []struct {
		ids         IDMap
		outer, mine *atomic.Pointer[IDMap]
	}{{uids, &outer.uids, &InitialNS.uids}, {gids, &outer.gids, &InitialNS.gids}} {
		var theirs, ours IDMap
		for _, e := range m.ids {
			theirs = append(theirs, Extent{e.Lower, e.First, e.Count})
			ours = append(ours, Extent{e.First, e.First, e.Count})
		}
		m.outer.Store(&theirs)
		m.mine.Store(&ours)
	}
	InitialNS.parent, InitialNS.denied, system = outer, denySetgroups, outer
}

// Kernel is a fresh copy of the credentials of the kernel itself.
func Kernel() *Creds {
	c := Root()
	c.kernel = true
	return c
}

// NewUserNS gives c a fresh user namespace below its own, with all
// capabilities in it and no id mapped yet (create_user_ns): ENOSPC, EPERM. c
// is a copy that nobody else uses.
func NewUserNS(c *Creds) error {
	parent := c.NS()
	if parent.level > maxUserNSLevel {
		return unix.ENOSPC
	}
	if _, ok := parent.FromUID(c.EUID); !ok {
		return unix.EPERM
	}
	if _, ok := parent.FromGID(c.EGID); !ok {
		return unix.EPERM
	}
	ns := &UserNS{
		parent: parent, level: parent.level + 1, owner: c.EUID, group: c.EGID, number: NextNamespace(),
		mayMapRoot: c.Effective.Has(unix.CAP_SETFCAP), limits: unbounded(),
	}
	parent.mu.Lock()
	ns.denied = parent.denied
	parent.mu.Unlock()
	c.Enter(ns)
	return nil
}

// Enter puts c into a user namespace, with every capability there
// (set_cred_user_ns).
func (c *Creds) Enter(ns *UserNS) {
	c.UserNS = ns
	c.Securebits = 0
	c.Inheritable, c.Ambient = 0, 0
	c.Permitted, c.Effective, c.Bounding = AllCaps, AllCaps, AllCaps
}

// NS is the user namespace that c belongs to.
func (c *Creds) NS() *UserNS {
	if c.UserNS == nil {
		return InitialNS
	}
	return c.UserNS
}

// Capable tells whether capability n is in force for what belongs to the
// whole system: the first user namespace, unless that is in another (Surround).
func (c *Creds) Capable(n uint) bool { return c.kernel || c.CapableIn(system, n) }

// CapableHere tells whether capability n is in force in c's own namespace.
func (c *Creds) CapableHere(n uint) bool { return c.Effective.Has(n) }

// CapableIn tells whether c has capability n over what ns owns (cap_capable):
// in ns itself or in one around it, as its maker has them all.
func (c *Creds) CapableIn(ns *UserNS, n uint) bool {
	mine := c.NS()
	for ; ; ns = ns.parent {
		switch {
		case ns == mine:
			return c.Effective.Has(n)
		case ns.level <= mine.level:
			return false
		case ns.parent == mine && ns.owner == c.EUID:
			return true
		}
	}
}

// CapableFor tells whether c has capability n over a file of these owners
// (capable_wrt_inode_uidgid): they must have names in its namespace.
func (c *Creds) CapableFor(uid UID, gid GID, n uint) bool {
	return c.Effective.Has(n) && (c.kernel || c.NS().Maps(uid, gid))
}

// Maps tells whether both ids have names in the namespace.
func (ns *UserNS) Maps(uid UID, gid GID) bool {
	if ns == system {
		return true
	}
	_, u := ns.FromUID(uid)
	_, g := ns.FromGID(gid)
	return u && g
}

// Holds tells whether what c may do is all that o may too, or more
// (cred_cap_issubset).
func (c *Creds) Holds(o *Creds) bool {
	mine := c.NS()
	if ns := o.NS(); ns != mine {
		for ; ns.parent != nil; ns = ns.parent {
			if ns.parent == mine && ns.owner == c.EUID {
				return true
			}
		}
		return false
	}
	return o.Permitted&^c.Permitted == 0
}

// Within tells whether ns is outer or lies in it.
func (ns *UserNS) Within(outer *UserNS) bool {
	for ; ns != nil; ns = ns.parent {
		if ns == outer {
			return true
		}
	}
	return false
}

// Parent is the namespace around ns; nil for the first.
func (ns *UserNS) Parent() *UserNS { return ns.parent }

// Number is the namespace's inode number.
func (ns *UserNS) Number() uint64 { return ns.number }

// Kind is CLONE_NEWUSER.
func (ns *UserNS) Kind() int { return unix.CLONE_NEWUSER }

// Owner is the user namespace that has power over this one: its parent.
func (ns *UserNS) Owner() *UserNS { return ns.parent }

// Creator is the effective user id of who made the namespace.
func (ns *UserNS) Creator() UID { return ns.owner }

// ToUID is the id that the namespace calls n (make_kuid), NoUID if none.
func (ns *UserNS) ToUID(n uint32) UID { return UID(ns.uids.Load().down(n)) }

// ToGID is ToUID for groups.
func (ns *UserNS) ToGID(n uint32) GID { return GID(ns.gids.Load().down(n)) }

// FromUID is what the namespace calls an id (from_kuid).
func (ns *UserNS) FromUID(id UID) (n uint32, ok bool) { return ns.uids.Load().up(uint32(id)) }

// FromGID is FromUID for groups.
func (ns *UserNS) FromGID(id GID) (n uint32, ok bool) { return ns.gids.Load().up(uint32(id)) }

// ShowUID is FromUID with the overflow id for what has no name there
// (from_kuid_munged).
func (ns *UserNS) ShowUID(id UID) uint32 {
	if n, ok := ns.FromUID(id); ok {
		return n
	}
	return OverflowUID
}

// ShowGID is ShowUID for groups.
func (ns *UserNS) ShowGID(id GID) uint32 {
	if n, ok := ns.FromGID(id); ok {
		return n
	}
	return OverflowGID
}

// Root is the id that is 0 in c's namespace, NoUID if none.
func (c *Creds) Root() UID { return c.NS().ToUID(0) }

// OwnsRoot tells whether id is root in the namespace or in one around it
// (rootid_owns_currentns).
func (ns *UserNS) OwnsRoot(id UID) bool {
	for ; ns != nil; ns = ns.parent {
		if n, ok := ns.FromUID(id); ok && n == 0 {
			return true
		}
	}
	return false
}
