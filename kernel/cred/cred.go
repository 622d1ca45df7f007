// SPDX-License-Identifier: Apache-2.0

// Package cred has the credentials of a task (credentials(7)): user and group
// ids, supplementary groups, capabilities. A Creds is never changed once it
// is in use: a task that changes its credentials takes a changed copy.
package cred

import "slices"

// UID and GID are ids inside the sandbox, as its first user namespace has them.
type (
	UID uint32
	GID uint32
)

// Caps is a set of capabilities, bit n being capability n (capabilities(7)).
type Caps uint64

// LastCap is the highest capability that exists (CAP_CHECKPOINT_RESTORE).
const LastCap = 40

// AllCaps is every capability.
const AllCaps Caps = 1<<(LastCap+1) - 1

// Has tells whether capability c is in the set.
func (s Caps) Has(c uint) bool { return s>>c&1 != 0 }

// Creds are the credentials of one task. Immutable once published.
type Creds struct {
	RUID, EUID, SUID, FSUID UID
	RGID, EGID, SGID, FSGID GID
	Groups                  []GID

	Permitted, Effective, Inheritable, Bounding, Ambient Caps

	Keyrings Keyrings // nil: none yet
	Domain   Domain   // nil: not restricted

	Securebits uint32
	NoNewPrivs bool

	UserNS *UserNS // whose capabilities these are; nil: the first (see NS)
	kernel bool    // nobody's but the kernel's own
}

// Keyrings are what credentials have of keys (package keys). They are never changed either.
type Keyrings interface {
	Forked(c *Creds, thread bool) Keyrings // those of a child of clone(2)
	Executed() Keyrings                    // those of a new program
	OfThread() bool                        // whether one is of the thread alone
}

// Domain is what restricts credentials beyond permissions and capabilities (package landlock). It is never changed either, and what comes of the
// credentials has it too.
type Domain interface {
	Layers() int // how many restrictions it is made of
}

// Forked is what a child of clone(2) has of the credentials: a process gets its own, even if they say the same
// (copy_creds), for whether two are one shows in linkat(2).
func (c *Creds) Forked(thread bool) *Creds {
	if thread && (c.Keyrings == nil || !c.Keyrings.OfThread()) {
		return c
	}
	child := c.Copy()
	if c.Keyrings != nil {
		child.Keyrings = c.Keyrings.Forked(c, thread)
	}
	return child
}

// Executed is what a new program has of them: its own, as Forked's.
func (c *Creds) Executed() *Creds {
	after := c.Copy()
	if c.Keyrings != nil {
		after.Keyrings = c.Keyrings.Executed()
	}
	return after
}

// Root is a fresh copy of the credentials of a privileged task.
func Root() *Creds {
	return &Creds{Permitted: AllCaps, Effective: AllCaps, Bounding: AllCaps}
}

// User is a fresh copy of the credentials of an ordinary task.
func User(uid UID, gid GID, groups []GID) *Creds {
	return &Creds{
		RUID: uid, EUID: uid, SUID: uid, FSUID: uid,
		RGID: gid, EGID: gid, SGID: gid, FSGID: gid,
		Groups: groups, Bounding: AllCaps,
	}
}

// Copy is a copy that may be changed.
func (c *Creds) Copy() *Creds {
	d := *c
	d.Groups = slices.Clone(c.Groups)
	return &d
}

// InGroup tells whether gid is the file-system group or a supplementary one.
func (c *Creds) InGroup(gid GID) bool {
	return c.FSGID == gid || slices.Contains(c.Groups, gid)
}
