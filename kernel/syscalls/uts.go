// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"bytes"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const utsLen = 64 // __NEW_UTS_LEN

//ditto:syscall uname full
func uname(t *task.Task, addr user.Addr) error {
	u := t.Kernel().UTS()
	var b [6 * (utsLen + 1)]byte
	for i, s := range [6]string{u.Sysname, u.Nodename, u.Release, u.Version, u.Machine, u.Domainname} {
		copy(b[i*(utsLen+1):][:utsLen], s)
	}
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

//ditto:syscall sethostname full
func sethostname(t *task.Task, name user.Addr, n int32) error {
	return setUTSName(t, name, n, func(u *task.UTS, s string) { u.Nodename = s })
}

//ditto:syscall setdomainname full
func setdomainname(t *task.Task, name user.Addr, n int32) error {
	return setUTSName(t, name, n, func(u *task.UTS, s string) { u.Domainname = s })
}

func setUTSName(t *task.Task, name user.Addr, n int32, set func(*task.UTS, string)) error {
	if !t.Creds().Capable(unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	if n < 0 || n > utsLen {
		return unix.EINVAL
	}
	b := make([]byte, n)
	if _, err := t.Memory().CopyIn(name, b); err != nil {
		return err
	}
	b, _, _ = bytes.Cut(b, []byte{0})
	t.Kernel().ChangeUTS(func(u *task.UTS) { set(u, string(b)) })
	return nil
}
