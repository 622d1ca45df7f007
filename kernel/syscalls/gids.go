// SPDX-License-Identifier: Apache-2.0

// This file has the calls on group ids: see uids.go.

package syscalls

import (
	"encoding/binary"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const (
	noGID     = cred.NoGID
	maxGroups = 65536 // NGROUPS_MAX
)

// showGID and toGIDs are showUID and toUIDs for groups.
func showGID(t *task.Task, id cred.GID) uint32 { return t.Creds().NS().ShowGID(id) }

func toGIDs(t *task.Task, ids ...*cred.GID) error {
	ns := t.Creds().NS()
	for _, id := range ids {
		if *id == noGID {
			continue
		}
		if *id = ns.ToGID(uint32(*id)); *id == noGID {
			return unix.EINVAL
		}
	}
	return nil
}

//ditto:syscall getgid full
func getgid(t *task.Task) (uint32, error) { return showGID(t, t.Creds().RGID), nil }

//ditto:syscall getegid full
func getegid(t *task.Task) (uint32, error) { return showGID(t, t.Creds().EGID), nil }

//ditto:syscall getresgid full
func getresgid(t *task.Task, r, e, s user.Addr) error {
	c := t.Creds()
	return putIDs(t, [3]user.Addr{r, e, s}, [3]uint32{showGID(t, c.RGID), showGID(t, c.EGID), showGID(t, c.SGID)})
}

func setGIDs(c *cred.Creds, r, e, s cred.GID) { c.RGID, c.EGID, c.SGID, c.FSGID = r, e, s, e }

//ditto:syscall setgid full
func setgid(t *task.Task, gid cred.GID) error {
	if gid == noGID {
		return unix.EINVAL
	}
	if err := toGIDs(t, &gid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		switch {
		case c.CapableHere(unix.CAP_SETGID):
			setGIDs(c, gid, gid, gid)
		case gid == c.RGID || gid == c.SGID:
			setGIDs(c, c.RGID, gid, c.SGID)
		default:
			return unix.EPERM
		}
		return nil
	})
}

//ditto:syscall setregid full
func setregid(t *task.Task, rgid, egid cred.GID) error {
	if err := toGIDs(t, &rgid, &egid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		r, e, s := c.RGID, c.EGID, c.SGID
		if rgid != noGID {
			if r = rgid; rgid != c.RGID && rgid != c.EGID && !c.CapableHere(unix.CAP_SETGID) {
				return unix.EPERM
			}
		}
		if egid != noGID {
			if e = egid; egid != c.RGID && egid != c.EGID && egid != c.SGID && !c.CapableHere(unix.CAP_SETGID) {
				return unix.EPERM
			}
		}
		if rgid != noGID || egid != noGID && egid != c.RGID {
			s = e
		}
		setGIDs(c, r, e, s)
		return nil
	})
}

//ditto:syscall setresgid full
func setresgid(t *task.Task, rgid, egid, sgid cred.GID) error {
	if err := toGIDs(t, &rgid, &egid, &sgid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		new := [3]cred.GID{c.RGID, c.EGID, c.SGID}
		for i, id := range [3]cred.GID{rgid, egid, sgid} {
			if id == noGID {
				continue
			}
			new[i] = id
			if id != c.RGID && id != c.EGID && id != c.SGID && !c.CapableHere(unix.CAP_SETGID) {
				return unix.EPERM
			}
		}
		if (rgid == noGID || rgid == c.RGID) && (egid == noGID || egid == c.EGID && egid == c.FSGID) &&
			(sgid == noGID || sgid == c.SGID) {
			return task.ErrNoChange // not even of the file-system id
		}
		setGIDs(c, new[0], new[1], new[2])
		return nil
	})
}

//ditto:syscall setfsgid full
func setfsgid(t *task.Task, gid cred.GID) (uint32, error) {
	old := t.Creds()
	was := showGID(t, old.FSGID)
	if toGIDs(t, &gid) != nil || gid == noGID || gid == old.FSGID {
		return was, nil
	}
	if gid != old.RGID && gid != old.EGID && gid != old.SGID && !old.CapableHere(unix.CAP_SETGID) {
		return was, nil
	}
	return was, t.ChangeCreds(func(c *cred.Creds) error {
		c.FSGID = gid
		return nil
	})
}

//ditto:syscall getgroups full
func getgroups(t *task.Task, size int32, list user.Addr) (int, error) {
	groups := t.Creds().Groups
	switch {
	case size < 0:
		return 0, unix.EINVAL
	case size == 0:
		return len(groups), nil
	case len(groups) > int(size):
		return 0, unix.EINVAL
	}
	var b []byte
	for _, g := range groups {
		b = binary.LittleEndian.AppendUint32(b, showGID(t, g))
	}
	if _, err := t.Memory().CopyOut(list, b); err != nil {
		return 0, err
	}
	return len(groups), nil
}

//ditto:syscall setgroups full
func setgroups(t *task.Task, size int32, list user.Addr) error {
	if c := t.Creds(); !c.CapableHere(unix.CAP_SETGID) || !c.NS().MaySetgroups() {
		return unix.EPERM
	}
	if uint32(size) > maxGroups {
		return unix.EINVAL
	}
	groups := make([]cred.GID, size)
	if err := get(t, list, groups); err != nil {
		return err
	}
	for i := range groups {
		if groups[i] == noGID || toGIDs(t, &groups[i]) != nil {
			return unix.EINVAL
		}
	}
	slices.Sort(groups)
	return t.ChangeCreds(func(c *cred.Creds) error {
		c.Groups = groups
		return nil
	})
}
