// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// capData is struct __user_cap_data_struct: one half of each set.
type capData struct{ Effective, Permitted, Inheritable uint32 }

// capHeader reads the header and says how many capData go with its version.
// For an unknown version it writes the one that the kernel would have: EINVAL.
func capHeader(t *task.Task, header user.Addr) (halves int, pid int32, err error) {
	var version uint32
	if err := get(t, header, &version); err != nil {
		return 0, 0, err
	}
	switch version {
	case unix.LINUX_CAPABILITY_VERSION_1:
		halves = 1
	case unix.LINUX_CAPABILITY_VERSION_2, unix.LINUX_CAPABILITY_VERSION_3:
		halves = 2
	default:
		if err := put32(t, header, unix.LINUX_CAPABILITY_VERSION_3); err != nil {
			return 0, 0, err
		}
		return 0, 0, unix.EINVAL
	}
	err = get(t, header+4, &pid)
	return halves, pid, err
}

//ditto:syscall capget full
func capget(t *task.Task, header, data user.Addr) error {
	halves, pid, err := capHeader(t, header)
	if data == 0 && err == unix.EINVAL {
		return nil // how a program asks for the version
	}
	if err != nil {
		return err
	}
	if pid < 0 {
		return unix.EINVAL
	}
	target, err := taskOf(t, pid)
	if err != nil {
		return err
	}
	c := target.Creds()
	var d [2]capData
	for i := range d {
		shift := 32 * i
		d[i] = capData{uint32(c.Effective >> shift), uint32(c.Permitted >> shift), uint32(c.Inheritable >> shift)}
	}
	if data == 0 {
		return nil
	}
	return put(t, data, d[:halves])
}

//ditto:syscall capset full
func capset(t *task.Task, header, data user.Addr) error {
	halves, pid, err := capHeader(t, header)
	if err != nil {
		return err
	}
	if pid != 0 && pid != t.TID() {
		return unix.EPERM
	}
	d := make([]capData, halves)
	if err := get(t, data, d); err != nil {
		return err
	}
	var e, p, i cred.Caps
	for n := range d {
		e |= cred.Caps(d[n].Effective) << (32 * n)
		p |= cred.Caps(d[n].Permitted) << (32 * n)
		i |= cred.Caps(d[n].Inheritable) << (32 * n)
	}
	return t.ChangeCreds(func(c *cred.Creds) error {
		return task.SetCaps(c, e&cred.AllCaps, p&cred.AllCaps, i&cred.AllCaps)
	})
}
