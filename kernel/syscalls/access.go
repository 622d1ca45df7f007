// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

//ditto:syscall access full
func access(t *task.Task, path user.Path, mode uint32) error {
	return accessAt(t, vfs.AtFDCWD, path, mode, 0)
}

//ditto:syscall faccessat full
func faccessat(t *task.Task, dirfd vfs.FD, path user.Path, mode uint32) error {
	return accessAt(t, dirfd, path, mode, 0)
}

//ditto:syscall faccessat2 full
func faccessat2(t *task.Task, dirfd vfs.FD, path user.Path, mode, flags uint32) error {
	return accessAt(t, dirfd, path, mode, flags)
}

func accessAt(t *task.Task, dirfd vfs.FD, addr user.Path, mode, flags uint32) error {
	if mode&^7 != 0 || flags&^(unix.AT_EACCESS|unix.AT_SYMLINK_NOFOLLOW|unix.AT_EMPTY_PATH) != 0 {
		return unix.EINVAL
	}
	creds := t.Creds()
	if flags&unix.AT_EACCESS == 0 {
		creds = realCreds(creds)
	}
	path, err := pathInFlags(t, addr, flags)
	if err != nil {
		return err
	}
	at, err := startAt(t, dirfd, path)
	if err != nil {
		return err
	}
	p := at.Dir
	if path != "" {
		if p, err = vfs.LookupAs(t, creds, at, path, walkHow(flags)); err != nil {
			return err
		}
	}
	return vfs.Access(t, creds, p, mode)
}

const secureNoSetuidFixup = 1 << 2 // SECBIT_NO_SETUID_FIXUP

// realCreds are the credentials that access(2) asks for: the real ids, and the
// capabilities that go with them (access_override_creds).
func realCreds(c *cred.Creds) *cred.Creds {
	effective := c.Effective
	if c.Securebits&secureNoSetuidFixup == 0 {
		effective = 0
		if c.RUID == c.Root() {
			effective = c.Permitted
		}
	}
	if c.FSUID == c.RUID && c.FSGID == c.RGID && effective == c.Effective {
		return c
	}
	r := c.Copy()
	r.FSUID, r.FSGID, r.Effective = c.RUID, c.RGID, effective
	return r
}
