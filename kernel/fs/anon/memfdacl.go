// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"slices"

	"github.com/ditto-kernel/ditto/kernel/acl"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// ACL implements vfs.ACLed: a memfd has what files on tmpfs have.
func (m *memfd) ACL(_ vfs.Ctx, kind acl.Kind) (acl.List, error) {
	m.xattrs.mu.Lock()
	defer m.xattrs.mu.Unlock()
	if kind == acl.Default {
		return nil, nil
	}
	return m.list, nil
}

// NoACLFor implements vfs.ACLed.
func (m *memfd) NoACLFor(cred.UID) bool { return false }

// SetACL implements vfs.ACLed.
func (m *memfd) SetACL(ctx vfs.Ctx, _ acl.Kind, list acl.List) error {
	a, err := m.Attr(ctx)
	if err != nil {
		return err
	}
	list, mode := a.WithACL(ctx.Creds(), list)
	m.setList(list)
	return m.SetAttr(ctx, &vfs.SetAttr{Valid: vfs.AttrMode, Mode: mode & 0o7777})
}

func (m *memfd) setList(list acl.List) {
	m.xattrs.mu.Lock()
	m.list = list
	m.xattrs.mu.Unlock()
}

// chmod has the list follow the mode.
func (m *memfd) chmod(mode uint32) {
	m.xattrs.mu.Lock()
	m.list = m.list.Chmod(mode)
	m.xattrs.mu.Unlock()
}

// Listxattr implements vfs.Inode.
func (m *memfd) Listxattr(ctx vfs.Ctx) ([]string, error) {
	names, err := m.xattrs.Listxattr(ctx)
	if list, _ := m.ACL(ctx, acl.Access); list != nil {
		names = slices.Insert(names, 0, acl.Access.Name())
	}
	return names, err
}
