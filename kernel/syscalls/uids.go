// SPDX-License-Identifier: Apache-2.0

// This file has the calls on user ids: who may become whom is in kernel/sys.c
// and credentials(7). -1 leaves an id as it is.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const noUID = cred.NoUID

// showUID is how the task's user namespace calls an id.
func showUID(t *task.Task, id cred.UID) uint32 { return t.Creds().NS().ShowUID(id) }

// toUIDs turns ids of the task's user namespace, of which -1 stands for none,
// into those of the first: EINVAL for one without a meaning there.
func toUIDs(t *task.Task, ids ...*cred.UID) error {
	ns := t.Creds().NS()
	for _, id := range ids {
		if *id == noUID {
			continue
		}
		if *id = ns.ToUID(uint32(*id)); *id == noUID {
			return unix.EINVAL
		}
	}
	return nil
}

//ditto:syscall getuid full
func getuid(t *task.Task) (uint32, error) { return showUID(t, t.Creds().RUID), nil }

//ditto:syscall geteuid full
func geteuid(t *task.Task) (uint32, error) { return showUID(t, t.Creds().EUID), nil }

//ditto:syscall getresuid full
func getresuid(t *task.Task, r, e, s user.Addr) error {
	c := t.Creds()
	return putIDs(t, [3]user.Addr{r, e, s}, [3]uint32{showUID(t, c.RUID), showUID(t, c.EUID), showUID(t, c.SUID)})
}

func putIDs(t *task.Task, addrs [3]user.Addr, ids [3]uint32) error {
	for i, addr := range addrs {
		if err := put32(t, addr, ids[i]); err != nil {
			return err
		}
	}
	return nil
}

//ditto:syscall setuid full
func setuid(t *task.Task, uid cred.UID) error {
	if uid == noUID {
		return unix.EINVAL
	}
	if err := toUIDs(t, &uid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		switch {
		case c.CapableHere(unix.CAP_SETUID):
			task.SetUIDs(c, uid, uid, uid)
		case uid == c.RUID || uid == c.SUID:
			task.SetUIDs(c, c.RUID, uid, c.SUID)
		default:
			return unix.EPERM
		}
		return nil
	})
}

//ditto:syscall setreuid full
func setreuid(t *task.Task, ruid, euid cred.UID) error {
	if err := toUIDs(t, &ruid, &euid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		r, e, s := c.RUID, c.EUID, c.SUID
		if ruid != noUID {
			if r = ruid; ruid != c.RUID && ruid != c.EUID && !c.CapableHere(unix.CAP_SETUID) {
				return unix.EPERM
			}
		}
		if euid != noUID {
			if e = euid; euid != c.RUID && euid != c.EUID && euid != c.SUID && !c.CapableHere(unix.CAP_SETUID) {
				return unix.EPERM
			}
		}
		if ruid != noUID || euid != noUID && euid != c.RUID {
			s = e
		}
		task.SetUIDs(c, r, e, s)
		return nil
	})
}

//ditto:syscall setresuid full
func setresuid(t *task.Task, ruid, euid, suid cred.UID) error {
	if err := toUIDs(t, &ruid, &euid, &suid); err != nil {
		return err
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		new := [3]cred.UID{c.RUID, c.EUID, c.SUID}
		for i, id := range [3]cred.UID{ruid, euid, suid} {
			if id == noUID {
				continue
			}
			new[i] = id
			if id != c.RUID && id != c.EUID && id != c.SUID && !c.CapableHere(unix.CAP_SETUID) {
				return unix.EPERM
			}
		}
		if (ruid == noUID || ruid == c.RUID) && (euid == noUID || euid == c.EUID && euid == c.FSUID) &&
			(suid == noUID || suid == c.SUID) {
			return task.ErrNoChange // not even of the file-system id
		}
		task.SetUIDs(c, new[0], new[1], new[2])
		return nil
	})
}

//ditto:syscall setfsuid full
func setfsuid(t *task.Task, uid cred.UID) (uint32, error) {
	old := t.Creds()
	was := showUID(t, old.FSUID)
	if toUIDs(t, &uid) != nil || uid == noUID || uid == old.FSUID {
		return was, nil
	}
	if uid != old.RUID && uid != old.EUID && uid != old.SUID && !old.CapableHere(unix.CAP_SETUID) {
		return was, nil
	}
	return was, t.ChangeCreds(func(c *cred.Creds) error {
		task.SetFSUID(c, uid)
		return nil
	})
}
