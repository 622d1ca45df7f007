// SPDX-License-Identifier: Apache-2.0

package vfs

import (
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/acl"
)

const xattrCaps = "security.capability"

// mayWriteCaps is the rule for file capabilities (cap_convert_nscap).
func mayWriteCaps(ctx Ctx, inode Inode) error {
	a, err := inode.Attr(ctx)
	if err == nil && !ctx.Creds().CapableFor(a.UID, a.GID, unix.CAP_SETFCAP) {
		err = unix.EPERM
	}
	return err
}

// xattrAllowed is xattr_permission (xattr(7)): what the name's class asks for.
func xattrAllowed(ctx Ctx, inode Inode, name string, mask uint32) error {
	if mask&MayWrite != 0 && isFixed(inode) {
		return unix.EPERM
	}
	switch {
	case strings.HasPrefix(name, "security."):
		if isPrivate(inode) {
			return nil
		}
		// cap_inode_setxattr; file capabilities have a rule of their own.
		if mask&MayWrite != 0 && name != xattrCaps && !ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		if mask&MayWrite != 0 && name == xattrCaps {
			return mayWriteCaps(ctx, inode)
		}
		return nil
	case strings.HasPrefix(name, "system."):
		return nil
	case strings.HasPrefix(name, "trusted."):
		if ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
			return nil
		}
		return xattrRefusal(mask)
	case strings.HasPrefix(name, "user."):
		if err := userXattr(ctx, inode, mask); err != nil {
			return err
		}
	}
	return permission(ctx, ctx.Creds(), inode, mask)
}

// isPrivate tells whether the inode is one that no security module is asked about (S_PRIVATE).
func isPrivate(inode Inode) bool {
	fs, ok := inode.FS().(*PseudoFS)
	return ok && (fs == anonFS || fs.name == "pidfs")
}

// MemoryXattr refuses the names that file systems in memory have no handler for (shmem_xattr_handlers).
func MemoryXattr(name string) error {
	for _, class := range []string{"user.", "trusted.", "security."} {
		if len(name) > len(class) && name[:len(class)] == class {
			return nil
		}
		if name == class {
			return unix.EINVAL
		}
	}
	return unix.EOPNOTSUPP
}

func xattrRefusal(mask uint32) error {
	if mask&MayWrite != 0 {
		return unix.EPERM
	}
	return unix.ENODATA
}

func userXattr(ctx Ctx, inode Inode, mask uint32) error {
	kind := inode.Mode() & unix.S_IFMT
	if !IsRegular(inode) && kind != unix.S_IFDIR {
		return xattrRefusal(mask)
	}
	if kind == unix.S_IFDIR && inode.Mode()&unix.S_ISVTX != 0 && mask&MayWrite != 0 {
		a, err := inode.Attr(ctx)
		if err == nil && !a.OwnerOrCapable(ctx.Creds()) {
			err = unix.EPERM
		}
		return err
	}
	return nil
}

// Getxattr is getxattr(2).
func Getxattr(ctx Ctx, p Path, name string) ([]byte, error) {
	if kind, ok := acl.KindOf(name); ok {
		return getACL(ctx, p.Dentry.inode, kind)
	}
	if err := xattrAllowed(ctx, p.Dentry.inode, name, MayRead); err != nil {
		return nil, err
	}
	return p.Dentry.inode.Getxattr(ctx, name)
}

// Setxattr is setxattr(2).
func Setxattr(ctx Ctx, p Path, name string, value []byte, flags uint32) error {
	if p.Mount.ReadOnly() {
		return unix.EROFS
	}
	if err := setxattr(ctx, p.Dentry.inode, name, value, flags); err != nil {
		return err
	}
	notify(ctx, p, unix.IN_ATTRIB, false)
	return nil
}

// setxattr is do_setxattr. The flags mean nothing to an access control list.
func setxattr(ctx Ctx, inode Inode, name string, value []byte, flags uint32) error {
	if kind, ok := acl.KindOf(name); ok {
		return setACL(ctx, inode, kind, value)
	}
	if err := xattrAllowed(ctx, inode, name, MayWrite); err != nil {
		return err
	}
	return inode.Setxattr(ctx, name, value, flags)
}

// Removexattr is removexattr(2).
func Removexattr(ctx Ctx, p Path, name string) error {
	if p.Mount.ReadOnly() {
		return unix.EROFS
	}
	if err := removexattr(ctx, p.Dentry.inode, name); err != nil {
		return err
	}
	notify(ctx, p, unix.IN_ATTRIB, false)
	return nil
}

func removexattr(ctx Ctx, inode Inode, name string) error {
	if kind, ok := acl.KindOf(name); ok {
		return setACL(ctx, inode, kind, nil)
	}
	if err := xattrAllowed(ctx, inode, name, MayWrite); err != nil {
		return err
	}
	return inode.Removexattr(ctx, name)
}

// Listxattr is listxattr(2): the names, each with a NUL behind it. Names of
// the trusted class are for those who may use them.
func Listxattr(ctx Ctx, p Path) ([]byte, error) {
	names, err := p.Dentry.inode.Listxattr(ctx)
	if err != nil {
		return nil, err
	}
	var list []byte
	for _, name := range names {
		if strings.HasPrefix(name, "trusted.") && !ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
			continue
		}
		list = append(append(list, name...), 0)
	}
	return list, nil
}
