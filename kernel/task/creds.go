// SPDX-License-Identifier: Apache-2.0

// This file changes credentials by the rules of credentials(7) and
// capabilities(7) (kernel/sys.c, security/commoncap.c).

package task

import (
	"errors"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/landlock"
)

// Securebits (capabilities(7)); each has its lock in the bit above it.
const (
	SecureNoRoot         = 1 << 0
	SecureNoSetuidFixup  = 1 << 2
	SecureKeepCaps       = 1 << 4
	SecureNoAmbientRaise = 1 << 6
	SecureExecRestrict   = 1 << 8
	SecureDenyInteract   = 1 << 10

	secureBits         = SecureNoRoot | SecureNoSetuidFixup | SecureKeepCaps | SecureNoAmbientRaise | secureUnprivileged
	secureUnprivileged = SecureExecRestrict | SecureDenyInteract
	secureLocks        = secureBits << 1
)

// fsCaps are the capabilities that go with a file-system id of 0 (CAP_FS_SET).
const fsCaps = cred.Caps(1<<unix.CAP_CHOWN | 1<<unix.CAP_MKNOD | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH |
	1<<unix.CAP_FOWNER | 1<<unix.CAP_FSETID | 1<<unix.CAP_LINUX_IMMUTABLE | 1<<unix.CAP_MAC_OVERRIDE)

// ErrNoChange is for ChangeCreds: the credentials are as they shall be, and stay the ones that they are.
var ErrNoChange = errors.New("nothing changes")

// ChangeCreds makes change on a copy of the task's credentials and, if it
// agrees, puts them into force (commit_creds): a process that gained or lost
// an identity is not dumpable, and hears nothing of its parent's death.
func (t *Task) ChangeCreds(change func(c *cred.Creds) error) error {
	c := t.Creds().Copy()
	switch err := change(c); err {
	case nil:
	case ErrNoChange:
		return nil
	default:
		return err
	}
	t.commitCreds(c)
	return nil
}

func (t *Task) commitCreds(c *cred.Creds) {
	old := t.Creds()
	if old.EUID != c.EUID || old.EGID != c.EGID || old.FSUID != c.FSUID || old.FSGID != c.FSGID || !old.Holds(c) {
		t.group.SetDumpable(0)
		t.pdeathsig.Store(0)
	}
	if old.RUID != c.RUID {
		t.overProcessLimit = t.exceedsProcessLimit(c.RUID) // the task itself not counted
	}
	t.SetCreds(c)
}

// SetUIDs is the common end of setuid, setreuid and setresuid, with the ids
// as they shall be; the file-system id follows the effective one.
func SetUIDs(c *cred.Creds, r, e, s cred.UID) {
	root := c.Root()
	hadRoot := c.RUID == root || c.EUID == root || c.SUID == root
	oldE := c.EUID
	c.RUID, c.EUID, c.SUID, c.FSUID = r, e, s, e
	if c.Securebits&SecureNoSetuidFixup != 0 {
		return
	}
	if hadRoot && r != root && e != root && s != root {
		if c.Securebits&SecureKeepCaps == 0 {
			c.Permitted, c.Effective = 0, 0
		}
		c.Ambient = 0
	}
	switch {
	case oldE == root && e != root:
		c.Effective = 0
	case oldE != root && e == root:
		c.Effective = c.Permitted
	}
}

// SetFSUID is setfsuid's effect.
func SetFSUID(c *cred.Creds, uid cred.UID) {
	old, root := c.FSUID, c.Root()
	c.FSUID = uid
	if c.Securebits&SecureNoSetuidFixup != 0 {
		return
	}
	switch {
	case old == root && uid != root:
		c.Effective &^= fsCaps
	case old != root && uid == root:
		c.Effective |= c.Permitted & fsCaps
	}
}

// SetCaps is capset's effect and its rules: EPERM.
func SetCaps(c *cred.Creds, effective, permitted, inheritable cred.Caps) error {
	switch {
	case !c.CapableHere(unix.CAP_SETPCAP) && inheritable&^(c.Inheritable|c.Permitted) != 0,
		inheritable&^(c.Inheritable|c.Bounding) != 0,
		permitted&^c.Permitted != 0,
		effective&^permitted != 0:
		return unix.EPERM
	}
	c.Effective, c.Permitted, c.Inheritable = effective, permitted, inheritable
	c.Ambient &= permitted & inheritable
	return nil
}

// SetSecurebits is prctl(PR_SET_SECUREBITS): EPERM.
func SetSecurebits(c *cred.Creds, bits uint64) error {
	old := uint64(c.Securebits)
	switch {
	case old&secureLocks>>1&(old^bits) != 0, // a locked bit changes
		old&secureLocks&^bits != 0, // a lock is undone
		bits&^(secureBits|secureLocks) != 0:
		return unix.EPERM
	case (old^bits)&^(secureUnprivileged|secureUnprivileged<<1) != 0 && !c.CapableHere(unix.CAP_SETPCAP):
		return unix.EPERM
	case old == bits && !c.CapableHere(unix.CAP_SETPCAP):
		return unix.EPERM
	}
	c.Securebits = uint32(bits)
	return nil
}

// MayAccess is ptrace's rule about who may look into another task
// (ptrace(2), "Ptrace access mode checking"), by real ids: EPERM.
func (t *Task) MayAccess(target *Task) error {
	if target.group == t.group {
		return nil
	}
	c, o := t.Creds(), target.Creds()
	if !landlock.MayTrace(c, o) {
		return unix.EPERM
	}
	if c.CapableIn(o.NS(), unix.CAP_SYS_PTRACE) {
		return nil
	}
	if c.NS() != o.NS() || c.RUID != o.EUID || c.RUID != o.SUID || c.RUID != o.RUID || c.RGID != o.EGID || c.RGID != o.SGID || c.RGID != o.RGID ||
		target.group.Dumpable() != 1 || o.Permitted&^c.Permitted != 0 {
		return unix.EPERM
	}
	return nil
}

// Dumpable is prctl(PR_GET_DUMPABLE)'s answer, and SetDumpable sets it.
func (g *ThreadGroup) Dumpable() int32     { return g.dumpable.Load().Load() }
func (g *ThreadGroup) SetDumpable(v int32) { g.dumpable.Load().Store(v) }
