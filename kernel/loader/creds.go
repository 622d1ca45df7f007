// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Securebits that exec looks at (capabilities(7)).
const (
	secureNoRoot   = 1 << 0
	secureKeepCaps = 1 << 4
)

// fileCaps are the capabilities of a file (security.capability).
type fileCaps struct {
	permitted, inheritable cred.Caps
	effective              bool
}

// parseCaps decodes struct vfs_cap_data of revision 2 or 3; nil if they are
// for the root of a user namespace that ns is not in.
func parseCaps(b []byte, ns *cred.UserNS) (*fileCaps, error) {
	le := binary.LittleEndian
	if len(b) < 4 {
		return nil, unix.EINVAL
	}
	magic := le.Uint32(b)
	switch {
	case magic&0xff000000 == 0x02000000 && len(b) == 20:
	case magic&0xff000000 == 0x03000000 && len(b) == 24:
		if !ns.OwnsRoot(cred.UID(le.Uint32(b[20:]))) {
			return nil, nil
		}
	default:
		return nil, unix.EINVAL
	}
	word := func(at int) cred.Caps {
		return cred.Caps(le.Uint32(b[at:])) | cred.Caps(le.Uint32(b[at+8:]))<<32
	}
	return &fileCaps{permitted: word(4) & cred.AllCaps, inheritable: word(8) & cred.AllCaps, effective: magic&1 != 0}, nil
}

// execCreds are the credentials of a program run from a file with these
// attributes by a task that has old (capabilities(7), execve(2)), and whether
// it must not trust its environment (AT_SECURE). nosuid is the mount's; traced
// says that a tracer watches that may not see more than the task has now.
func execCreds(old *cred.Creds, a *vfs.Attr, fc *fileCaps, nosuid, traced bool) (c *cred.Creds, secure bool, err error) {
	c = old.Copy()
	root := c.Root()
	// Ids that have no name in the task's user namespace are not taken on.
	if !nosuid && !old.NoNewPrivs && c.NS().Maps(a.UID, a.GID) {
		if a.Mode&unix.S_ISUID != 0 {
			c.EUID = a.UID
		}
		if a.Mode&(unix.S_ISGID|unix.S_IXGRP) == unix.S_ISGID|unix.S_IXGRP {
			c.EGID = a.GID
		}
	}
	if nosuid {
		fc = nil
	}
	effective := false
	c.Permitted = 0
	if fc != nil {
		c.Permitted = old.Bounding&fc.permitted | old.Inheritable&fc.inheritable
		effective = fc.effective
		if effective && fc.permitted&^c.Permitted != 0 {
			return nil, false, unix.EPERM
		}
	}
	if old.Securebits&secureNoRoot == 0 && (fc == nil || !(c.EUID == root && c.RUID != root)) {
		if c.EUID == root || c.RUID == root {
			c.Permitted = old.Bounding | old.Inheritable
		}
		effective = effective || c.EUID == root
	}
	changed := c.EUID != old.EUID || !old.InGroup(c.EGID)
	if (old.NoNewPrivs || traced) && (changed || c.Permitted&^old.Permitted != 0) {
		if old.NoNewPrivs || !old.CapableHere(unix.CAP_SETUID) {
			c.EUID, c.EGID = c.RUID, c.RGID
		}
		c.Permitted &= old.Permitted
	}
	c.SUID, c.FSUID = c.EUID, c.EUID
	c.SGID, c.FSGID = c.EGID, c.EGID
	if fc != nil || changed {
		c.Ambient = 0
	}
	c.Permitted |= c.Ambient
	c.Effective = c.Ambient
	if effective {
		c.Effective = c.Permitted
	}
	c.Securebits &^= secureKeepCaps
	secure = changed || c.EUID != old.RUID || c.EGID != old.RGID || c.RUID != root && (effective || c.Permitted&^c.Ambient != 0)
	return c, secure, nil
}
