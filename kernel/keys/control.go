// SPDX-License-Identifier: Apache-2.0

// This file has the commands of keyctl(2) that look at a key, or change one.

package keys

import (
	"encoding/binary"
	"fmt"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// with looks a key up and does something with it, under the lock.
func (c *Caller) with(id int32, flags int, need uint32, do func(ref) error) error {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	k, err := c.lookup(id, flags, need)
	if err != nil {
		return err
	}
	return do(k)
}

// ID is KEYCTL_GET_KEYRING_ID.
func (c *Caller) ID(id int32, make bool) (serial int32, err error) {
	flags := 0
	if make {
		flags = create
	}
	err = c.with(id, flags, Search, func(k ref) error {
		serial = k.serial
		return nil
	})
	return serial, err
}

// Join is KEYCTL_JOIN_SESSION_KEYRING: a new session, or that of a name.
func (c *Caller) Join(name string, named bool) (int32, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	if !named {
		err := c.newSession()
		return c.sessionSerial(), err
	}
	if name == "" {
		return 0, unix.EINVAL
	}
	k := c.reg.named(c.creds, name)
	if k == nil {
		var err error
		if k, err = c.reg.root(name, c.creds.RUID, c.creds.RGID, joinedPerm, false); err != nil {
			return 0, err
		}
	}
	if k == c.set.session {
		return 0, nil
	}
	k.rooted = true
	c.install(func(s *Set) { s.session = k })
	return k.serial, nil
}

func (c *Caller) sessionSerial() int32 {
	if c.set.session == nil {
		return 0
	}
	return c.set.session.serial
}

// Revoke is KEYCTL_REVOKE.
func (c *Caller) Revoke(id int32) error {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	k, err := c.lookup(id, 0, Write)
	if err == unix.EACCES {
		k, err = c.lookup(id, 0, SetAttr)
	}
	if err != nil {
		return err
	}
	k.revoked = true
	_ = k.cost.charge(-len(k.payload))
	k.payload = nil
	if k.kind == keyring {
		c.reg.clear(k.Key)
	}
	return nil
}

// Invalidate is KEYCTL_INVALIDATE.
func (c *Caller) Invalidate(id int32) error {
	return c.with(id, 0, Search, func(k ref) error {
		c.reg.invalidate(k.Key)
		return nil
	})
}

// SetPerm is KEYCTL_SETPERM.
func (c *Caller) SetPerm(id int32, perm uint32) error {
	if perm&^allPermissions != 0 {
		return unix.EINVAL
	}
	return c.with(id, create|partial, SetAttr, func(k ref) error {
		if k.uid != c.creds.FSUID && !c.creds.Capable(unix.CAP_SYS_ADMIN) {
			return unix.EACCES
		}
		k.perm = perm
		return nil
	})
}

// Chown is KEYCTL_CHOWN; -1 leaves an id as it is.
func (c *Caller) Chown(id int32, user, group uint32) error {
	const same = ^uint32(0)
	uid, gid := c.creds.NS().ToUID(user), c.creds.NS().ToGID(group)
	if user != same && uid == ^cred.UID(0) || group != same && gid == noGroup {
		return unix.EINVAL
	}
	if user == same && group == same {
		return nil
	}
	return c.with(id, create|partial, SetAttr, func(k ref) error {
		others := user != same && uid != k.uid || group != same && gid != k.gid && !c.creds.InGroup(gid)
		if others && !c.creds.Capable(unix.CAP_SYS_ADMIN) {
			return unix.EACCES
		}
		if user != same && uid != k.uid {
			to, from := c.reg.account(uid), k.cost.account
			if to.keys+1 > to.maxKeys || to.bytes+k.cost.bytes > to.maxBytes {
				return unix.EDQUOT
			}
			from.keys, from.bytes = from.keys-1, from.bytes-k.cost.bytes
			to.keys, to.bytes = to.keys+1, to.bytes+k.cost.bytes
			k.cost.account, k.uid = to, uid
		}
		if group != same {
			k.gid = gid
		}
		return nil
	})
}

// Describe is KEYCTL_DESCRIBE.
func (c *Caller) Describe(id int32) (text string, err error) {
	err = c.with(id, partial, View, func(k ref) error {
		ns := c.creds.NS()
		gid := int32(ns.ShowGID(k.gid))
		text = fmt.Sprintf("%s;%d;%d;%08x;%s", k.kind.name, int32(ns.ShowUID(k.uid)), gid, k.perm, k.description)
		return nil
	})
	return text, err
}

// Visible tells whether a key may be looked at, as KEYCTL_GET_SECURITY must know, which has nothing to say.
func (c *Caller) Visible(id int32) error {
	return c.with(id, partial, View, func(ref) error { return nil })
}

// Found tells whether a key may be sought, as the commands for public keys must know, which no key of ours is.
func (c *Caller) Found(id int32) error {
	return c.with(id, 0, Search, func(ref) error { return nil })
}

// Settable tells whether there is a key whose attributes the caller may set.
func (c *Caller) Settable(id int32) error {
	return c.with(id, 0, SetAttr, func(ref) error { return nil })
}

// Clear is KEYCTL_CLEAR.
func (c *Caller) Clear(id int32) error {
	return c.with(id, create, Write, func(k ref) error {
		if k.kind != keyring {
			return unix.ENOTDIR
		}
		c.reg.clear(k.Key)
		return nil
	})
}

// Link is KEYCTL_LINK.
func (c *Caller) Link(id, into int32) error {
	return c.with(into, create, Write, func(to ref) error {
		k, err := c.lookup(id, create, Link)
		if err != nil {
			return err
		}
		return c.reg.link(to.Key, k.Key)
	})
}

// Unlink is KEYCTL_UNLINK.
func (c *Caller) Unlink(id, from int32) error {
	return c.with(from, 0, Write, func(in ref) error {
		k, err := c.lookup(id, anyState, 0)
		if err != nil {
			return err
		}
		return c.reg.unlink(in.Key, k.Key)
	})
}

// Move is KEYCTL_MOVE.
func (c *Caller) Move(id, from, to int32, flags uint32) error {
	if flags&^unix.KEYCTL_MOVE_EXCL != 0 {
		return unix.EINVAL
	}
	return c.with(id, create, Link, func(k ref) error {
		in, err := c.lookup(from, 0, Write)
		if err != nil {
			return err
		}
		out, err := c.lookup(to, create, Write)
		switch {
		case err != nil:
			return err
		case in.Key == out.Key:
			return nil
		case in.kind != keyring || out.kind != keyring:
			return unix.ENOTDIR
		case in.ring.find(k.kind, k.description) != k.Key:
			return unix.ENOENT
		case flags&unix.KEYCTL_MOVE_EXCL != 0 && out.ring.find(k.kind, k.description) != nil:
			return unix.EEXIST
		}
		if err := c.reg.link(out.Key, k.Key); err != nil {
			return err
		}
		return c.reg.unlink(in.Key, k.Key)
	})
}

// Read is KEYCTL_READ: a payload, or the numbers of a keyring's keys, for which there is room for size bytes.
func (c *Caller) Read(id int32, size uint64) (data []byte, err error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	k, err := c.lookup(id, deferred, 0)
	switch {
	case err != nil:
		return nil, unix.ENOKEY
	case k.negative != 0:
		return nil, k.negative
	case k.may(c.creds, Read) != nil && !k.possessed:
		return nil, unix.EACCES
	case !k.kind.read:
		return nil, unix.EOPNOTSUPP
	}
	if err := k.valid(); err != nil {
		return nil, err
	}
	if k.kind != keyring {
		return k.payload, nil // replaced, never changed
	}
	if size%4 != 0 {
		return nil, unix.EINVAL
	}
	for _, sub := range k.ring.keys {
		data = binary.NativeEndian.AppendUint32(data, uint32(sub.serial))
	}
	return data, nil
}

// SetTimeout is KEYCTL_SET_TIMEOUT.
func (c *Caller) SetTimeout(id int32, seconds uint32) error {
	return c.with(id, create|partial, SetAttr, func(k ref) error {
		k.expireIn(seconds)
		return nil
	})
}

// SetRequested is KEYCTL_SET_REQKEY_KEYRING: where requested keys go; what it was before.
func (c *Caller) SetRequested(where int32) (int32, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	old := c.set.requested
	var err error
	switch where {
	case unix.KEY_REQKEY_DEFL_NO_CHANGE:
		return old, nil
	case unix.KEY_REQKEY_DEFL_THREAD_KEYRING:
		_, err = c.own(&c.set.thread, "_tid", create)
	case unix.KEY_REQKEY_DEFL_PROCESS_KEYRING:
		_, err = c.own(&c.set.process, "_pid", create)
	case unix.KEY_REQKEY_DEFL_DEFAULT, unix.KEY_REQKEY_DEFL_SESSION_KEYRING, unix.KEY_REQKEY_DEFL_USER_KEYRING,
		unix.KEY_REQKEY_DEFL_USER_SESSION_KEYRING, unix.KEY_REQKEY_DEFL_REQUESTOR_KEYRING:
	default:
		return 0, unix.EINVAL
	}
	if err == nil {
		c.install(func(s *Set) { s.requested = where })
	}
	return old, err
}

// persistentSeconds is how long a persistent keyring outlives its last use: three days.
const persistentSeconds = 3 * 24 * 3600

// Persistent is KEYCTL_GET_PERSISTENT: a user's keyring that outlives sessions, linked into another.
func (c *Caller) Persistent(user uint32, into int32) (serial int32, err error) {
	uid := c.creds.RUID
	if user != ^uint32(0) {
		uid = c.creds.NS().ToUID(user)
		if uid == ^cred.UID(0) {
			return 0, unix.EINVAL
		}
		if uid != c.creds.RUID && uid != c.creds.EUID && !c.creds.CapableHere(unix.CAP_SETUID) {
			return 0, unix.EPERM
		}
	}
	err = c.with(into, create, Write, func(to ref) error {
		if to.kind != keyring {
			return unix.ENOTDIR
		}
		k, err := c.persistentOf(uid)
		if err != nil {
			return err
		}
		if err := k.may(c.creds, Link); err != nil {
			return err
		}
		if err := c.reg.link(to.Key, k.Key); err != nil {
			return err
		}
		k.expireIn(persistentSeconds)
		serial = k.serial
		return nil
	})
	return serial, err
}

func (c *Caller) persistentOf(uid cred.UID) (ref, error) {
	id := userID{c.creds.NS(), uid}
	u := c.reg.users[id]
	if u == nil {
		u = &userRings{}
		c.reg.users[id] = u
	}
	if u.persistent == nil || u.persistent.valid() != nil {
		k, err := c.reg.root("_persistent."+uintText(c.creds.NS().ShowUID(uid)), uid, noGroup, persistentPerm, false)
		if err != nil {
			return ref{}, err
		}
		u.persistent = k
	}
	return ref{u.persistent, true}, nil
}

// Restrict is KEYCTL_RESTRICT_KEYRING: without a type, nothing more is linked into a keyring.
func (c *Caller) Restrict(id int32, kindName string, named bool) error {
	return c.with(id, 0, SetAttr, func(k ref) error {
		switch {
		case k.kind != keyring:
			return unix.ENOTDIR
		case named && kindOf(kindName) == nil:
			return unix.ENOKEY
		case named:
			return unix.ENOENT // none of our types has restrictions of its own
		case k.restricted:
			return unix.EEXIST
		}
		k.restricted = true
		return nil
	})
}

// Session is the caller's session for KEYCTL_SESSION_TO_PARENT: what to give a parent with these credentials, nil if it has it
// already. EPERM if the parent may be another's.
func (c *Caller) Session(parent *cred.Creds) (*Key, error) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	mine, err := c.lookup(unix.KEY_SPEC_SESSION_KEYRING, 0, Link)
	if err != nil {
		return nil, err
	}
	var theirs *Key
	if s, ok := parent.Keyrings.(*Set); ok {
		theirs = s.session
	}
	me := c.creds
	switch {
	case theirs == mine.Key:
		return nil, nil
	case parent.RUID != me.EUID, parent.EUID != me.EUID, parent.SUID != me.EUID,
		parent.RGID != me.EGID, parent.EGID != me.EGID, parent.SGID != me.EGID,
		theirs != nil && theirs.uid != me.EUID, mine.uid != me.EUID:
		return nil, unix.EPERM
	}
	return mine.Key, nil
}

// Take makes a keyring that Session answered the caller's own session.
func (c *Caller) Take(session *Key) {
	c.reg.mu.Lock()
	defer c.reg.mu.Unlock()
	c.install(func(s *Set) { s.session = session })
}
