// SPDX-License-Identifier: Apache-2.0

// Package landlock is Landlock (landlock(7)): rulesets that processes make, and the domains that they restrict themselves to. Rules of
// files are of what lies beneath a place, rules of networks of TCP ports; scopes keep signals and abstract Unix sockets to the domain.
//
// A domain never changes: it is a chain of layers, one for each ruleset that was enforced, and what is done must be allowed by each. A ruleset's lock is a leaf.
package landlock

import (
	"maps"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// ABI is the version that is told (LANDLOCK_CREATE_RULESET_VERSION), and Errata are those of it that are mended.
const (
	ABI    = 7
	Errata = 7
)

const maxLayers = 16

// Ports are the rights of networks.
type Ports uint64

// They are for TCP.
const (
	BindTCP Ports = 1 << iota
	ConnectTCP
	PortsAll = ConnectTCP<<1 - 1
)

// Scopes are what is kept to the domain.
type Scopes uint64

// Abstract Unix sockets, and signals.
const (
	ScopeAbstract Scopes = 1 << iota
	ScopeSignal
	ScopesAll = ScopeSignal<<1 - 1
)

// Handled is what a ruleset speaks of. Of that only what its rules allow is allowed.
type Handled struct {
	Files  vfs.Rights
	Ports  Ports
	Scopes Scopes
}

// Ruleset is one in the making. Its methods are safe for concurrent use.
type Ruleset struct {
	handled Handled

	mu    sync.Mutex
	files map[vfs.Inode]fileRule
	ports map[uint16]Ports
}

// fileRule is what may be done beneath a file. The dentry keeps the inode in memory.
type fileRule struct {
	dentry *vfs.Dentry
	rights vfs.Rights
}

// NewRuleset makes one of what is handled: EINVAL for unknown rights, ENOMSG if there are none.
func NewRuleset(h Handled) (*Ruleset, error) {
	if h.Files&^vfs.RightsAll != 0 || h.Ports&^PortsAll != 0 || h.Scopes&^ScopesAll != 0 {
		return nil, unix.EINVAL
	}
	if h == (Handled{}) {
		return nil, unix.ENOMSG
	}
	return &Ruleset{handled: h, files: map[vfs.Inode]fileRule{}, ports: map[uint16]Ports{}}, nil
}

// Handles tells whether the ruleset speaks of all of the rights, and there are any: ENOMSG, EINVAL.
func (r *Ruleset) Handles(rights vfs.Rights) error { return handles(r.handled.Files, rights) }

// HandlesPorts is Handles for networks.
func (r *Ruleset) HandlesPorts(rights Ports) error { return handles(r.handled.Ports, rights) }

func handles[R vfs.Rights | Ports](handled, rights R) error {
	switch {
	case rights == 0:
		return unix.ENOMSG
	case rights&^handled != 0:
		return unix.EINVAL
	}
	return nil
}

// AllowBeneath adds rights to what may be done with a file, or with what is beneath a directory: EINVAL for rights of directories on something else.
func (r *Ruleset) AllowBeneath(d *vfs.Dentry, rights vfs.Rights) error {
	if !d.IsDir() && rights&^vfs.RightsOfFiles != 0 {
		return unix.EINVAL
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.files[d.Inode()] = fileRule{d, r.files[d.Inode()].rights | rights}
	return nil
}

// AllowPort adds rights to what may be done with a port: EINVAL for one that is none.
func (r *Ruleset) AllowPort(port uint64, rights Ports) error {
	if port > 0xffff {
		return unix.EINVAL
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.ports[uint16(port)] |= rights
	return nil
}

// Domain is a restriction that is enforced.
type Domain struct {
	handled Handled
	files   map[vfs.Inode]fileRule
	ports   map[uint16]Ports

	layers []*Domain // those before, and the domain itself
}

// Of is the domain of credentials; nil if there is none.
func Of(c *cred.Creds) *Domain {
	d, _ := c.Domain.(*Domain)
	return d
}

// Restrict is what comes of domain d (nil: none yet) by enforcing a ruleset as it is now: E2BIG if there are too many layers.
func (d *Domain) Restrict(r *Ruleset) (*Domain, error) {
	n := &Domain{handled: r.handled}
	if d != nil {
		if len(d.layers) == maxLayers {
			return nil, unix.E2BIG
		}
		n.layers = append(n.layers, d.layers...)
	}
	n.layers = append(n.layers, n)
	r.mu.Lock()
	defer r.mu.Unlock()
	n.files, n.ports = maps.Clone(r.files), maps.Clone(r.ports)
	return n, nil
}

// Layers implements cred.Domain.
func (d *Domain) Layers() int { return len(d.layers) }

// within tells whether d is o, or came of it. Both may be nil: everything is within none.
func (d *Domain) within(o *Domain) bool {
	return o == nil || d != nil && len(d.layers) >= len(o.layers) && d.layers[len(o.layers)-1] == o
}

// MayTrace tells whether who has the credentials may look into a process (ptrace(2)): not into one that is restricted less.
func MayTrace(c, target *cred.Creds) bool { return Of(target).within(Of(c)) }

// MayReach tells whether a process of one domain may send signals to one of another, or connect to an abstract socket that it made: a
// layer that has the scope wants the other to be within it. Both may be nil.
func MayReach(from, target cred.Domain, scope Scopes) bool {
	d, _ := from.(*Domain)
	if d == nil {
		return true
	}
	t, _ := target.(*Domain)
	for _, layer := range d.layers {
		if layer.handled.Scopes&scope != 0 && !t.within(layer) {
			return false
		}
	}
	return true
}
