// SPDX-License-Identifier: Apache-2.0

// This file is access control lists, which a tmpfs keeps beside the extended attributes, and which take no room
// (simple_set_acl of fs/posix_acl.c).

package tmpfs

import (
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// ACL implements vfs.ACLed. Until they are changed here, the lists are those of the file in the tree below.
func (n *node) ACL(ctx vfs.Ctx, kind acl.Kind) (acl.List, error) {
	if n.fs.name == "ramfs" {
		return nil, unix.EOPNOTSUPP
	}
	n.mu.RLock()
	defer n.mu.RUnlock()
	return n.aclLocked(ctx, kind)
}

func (n *node) aclLocked(ctx vfs.Ctx, kind acl.Kind) (acl.List, error) {
	if n.lower != nil && !n.ownACLs.Load() {
		return vfs.ACLOf(ctx, n.lower, kind)
	}
	return n.acls[kind], nil
}

// SetACL implements vfs.ACLed.
func (n *node) SetACL(ctx vfs.Ctx, kind acl.Kind, list acl.List) error {
	n.fs.pin(n)
	n.mu.Lock()
	defer n.mu.Unlock()
	if err := n.takeACLs(ctx); err != nil {
		return err
	}
	// On a disk, which what lies on a tree of the host passes for, the mode stays as it is when a list is taken away.
	if kind == acl.Access && (list != nil || n.fs.lower == nil) {
		list, n.attr.Mode = n.attr.WithACL(ctx.Creds(), list)
		n.mode.Store(n.attr.Mode)
	}
	n.setACL(kind, list)
	n.attr.Ctime = vfs.Now()
	return nil
}

// setACL changes a list. The caller holds n.mu, or is alone.
func (n *node) setACL(kind acl.Kind, list acl.List) {
	n.acls[kind] = list
	if kind == acl.Access {
		n.hasACL.Store(list != nil)
	}
}

// NoACLFor implements vfs.ACLed.
func (n *node) NoACLFor(uid cred.UID) bool {
	if n.lower != nil && !n.ownACLs.Load() {
		a, ok := n.lower.(vfs.ACLed)
		return !ok || a.NoACLFor(uid)
	}
	return !n.hasACL.Load()
}

// takeACLs makes the lists the node's own, so that they can be changed. The caller holds n.mu.
func (n *node) takeACLs(ctx vfs.Ctx) error {
	if n.lower == nil || n.ownACLs.Load() {
		return nil
	}
	for kind := range acl.Kinds {
		list, err := vfs.ACLOf(ctx, n.lower, kind)
		if err != nil {
			return err
		}
		n.setACL(kind, list)
	}
	n.ownACLs.Store(true)
	return nil
}

// inheritACL gives a new node what dir has for it. Nobody knows the node yet.
func (n *node) inheritACL(ctx vfs.Ctx, dir *node) error {
	lists, mode, err := vfs.InheritACL(ctx, dir, n.attr.Mode)
	if err != nil {
		return err
	}
	for kind, list := range lists {
		n.setACL(acl.Kind(kind), list)
	}
	n.attr.Mode = mode
	n.mode.Store(mode)
	return nil
}

// aclNames are the extended attributes that show lists. The caller holds n.mu.
func (n *node) aclNames(ctx vfs.Ctx) (names []string, err error) {
	for kind := range acl.Kinds {
		list, err := n.aclLocked(ctx, kind)
		if err != nil {
			return nil, err
		}
		if list != nil {
			names = append(names, kind.Name())
		}
	}
	return names, nil
}

// otherNames are the extended attributes of the file in the tree below that show no lists.
func (n *node) otherNames(ctx vfs.Ctx) ([]string, error) {
	names, err := n.lower.Listxattr(ctx)
	return slices.DeleteFunc(names, func(name string) bool {
		_, shows := acl.KindOf(name)
		return shows
	}), err
}
