// SPDX-License-Identifier: Apache-2.0

// This file is quotas, which no file system here keeps (fs/quota/quota.c): the calls answer as on Linux for such ones.

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Commands of quotactl(2), above SUBCMDSHIFT.
const (
	quotaTypes = 3 // MAXQUOTAS

	qSync         = 0x800001
	qQuotaOn      = 0x800002
	qGetFmt       = 0x800004
	qGetInfo      = 0x800005
	qXGetQuota    = 0x5803
	qXGetQstat    = 0x5805
	qXQuotaSync   = 0x5807
	qXGetQstatV   = 0x5808
	qXGetNextQuot = 0x5809
)

//ditto:syscall quotactl full
func quotactl(t *task.Task, cmd uint32, special user.Path, _ uint32, addr user.Addr) error {
	if cmd&0xff >= quotaTypes {
		return unix.EINVAL
	}
	if special == 0 {
		if cmd>>8 == qSync {
			return nil // all of no quotas are written
		}
		return unix.ENODEV
	}
	if cmd>>8 == qQuotaOn {
		// What the quota file's path leads to counts once there is a device.
		_, _ = lookupAt(t, vfs.AtFDCWD, user.Path(addr), 0)
	}
	p, err := lookupAt(t, vfs.AtFDCWD, special, 0)
	switch {
	case err != nil:
		return err
	case p.Inode().Mode()&unix.S_IFMT != unix.S_IFBLK:
		return unix.ENOTBLK
	case p.Mount.NoDevices():
		return unix.EACCES
	}
	return unix.ENODEV // no device has a file system that is mounted
}

//ditto:syscall quotactl_fd full
func quotactlFd(t *task.Task, fd vfs.FD, cmd uint32, _ uint32, _ user.Addr) error {
	f, err := t.Files().GetPath(fd)
	if err != nil {
		return err
	}
	defer f.DecRef()
	if cmd&0xff >= quotaTypes {
		return unix.EINVAL
	}
	if quotaWrites(cmd>>8) && f.Path.Mount.ReadOnly() {
		return unix.EROFS
	}
	return unix.ENOSYS
}

// quotaWrites is quotactl_cmd_write.
func quotaWrites(cmd uint32) bool {
	switch cmd {
	case qGetFmt, qGetInfo, qSync, qXGetQstat, qXGetQstatV, qXGetQuota, qXGetNextQuot, qXQuotaSync:
		return false
	}
	return true
}
