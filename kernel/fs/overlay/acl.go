// SPDX-License-Identifier: Apache-2.0

// This file is access control lists, which are those of the layers (ovl_get_inode_acl, ovl_set_acl).

package overlay

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// ACL implements vfs.ACLed.
func (n *node) ACL(ctx vfs.Ctx, kind acl.Kind) (acl.List, error) {
	real, ok := n.real().Inode().(vfs.ACLed)
	if !ok {
		return nil, unix.EOPNOTSUPP
	}
	return real.ACL(ctx, kind)
}

// NoACLFor implements vfs.ACLed.
func (n *node) NoACLFor(uid cred.UID) bool {
	real, ok := n.real().Inode().(vfs.ACLed)
	return !ok || real.NoACLFor(uid)
}

// SetACL implements vfs.ACLed. The list is set in the name of who mounted the overlay, so the set-group-ID bit goes before.
func (n *node) SetACL(ctx vfs.Ctx, kind acl.Kind, list acl.List) error {
	a, err := n.Attr(ctx)
	if err != nil {
		return err
	}
	if _, mode := a.WithACL(ctx.Creds(), nil); kind == acl.Access && mode != a.Mode {
		if err := n.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode & 0o7777}); err != nil {
			return err
		}
	}
	if list == nil && n.upper.Load() == nil {
		switch below, err := n.ACL(ctx, kind); {
		case err != nil:
			return err
		case below == nil:
			return unix.ENODATA
		}
	}
	if err := n.copyUp(ctx, all); err != nil {
		return err
	}
	real, ok := n.real().Inode().(vfs.ACLed)
	if !ok {
		return unix.EOPNOTSUPP
	}
	return real.SetACL(n.fs.as(ctx), kind, list)
}

// copyACLs gives a copy the lists of the file below (ovl_copy_acl).
func (n *node) copyACLs(as vfs.Ctx, to vfs.Inode) error {
	for kind := range acl.Kinds {
		list, err := vfs.ACLOf(as, n.lowers[0].Inode(), kind)
		if err != nil {
			return err
		}
		if list != nil {
			if err := putACL(as, to, kind, list); err != nil {
				return err
			}
		}
	}
	return nil
}

// unlisted takes away what lists a new directory inherited (ovl_workdir_create).
func (fs *FS) unlisted(ctx vfs.Ctx, dir vfs.Inode) error {
	for kind := range acl.Kinds {
		if err := putACL(fs.as(ctx), dir, kind, nil); err != nil {
			return err
		}
	}
	return nil
}

// putACL gives a file of a layer a list, or takes it away, if the layer has such things.
func putACL(as vfs.Ctx, to vfs.Inode, kind acl.Kind, list acl.List) error {
	a, ok := to.(vfs.ACLed)
	if !ok {
		return nil
	}
	err := a.SetACL(as, kind, list)
	if err == unix.EOPNOTSUPP {
		err = nil
	}
	return err
}
