// SPDX-License-Identifier: Apache-2.0

package syscalls

import (
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
)

const utsLen = 64 // __NEW_UTS_LEN

//ditto:syscall uname full
func uname(t *task.Task, addr user.Addr) error {
	u := t.UTS().Names()
	persona := t.Personality()
	if persona&personaMask == personaLinux32 {
		u.Machine = "i686"
	}
	if persona&personaUname26 != 0 {
		u.Release = release26(u.Release)
	}
	var b [6 * (utsLen + 1)]byte
	for i, s := range [6]string{u.Sysname, u.Nodename, u.Release, u.Version, u.Machine, u.Domainname} {
		copy(b[i*(utsLen+1):][:utsLen], s)
	}
	_, err := t.Memory().CopyOut(addr, b[:])
	return err
}

// Personalities that uname obeys (personality(2)).
const (
	personaMask    = 0xff
	personaLinux32 = 0x8
	personaUname26 = 0x20000
)

// release26 is a release for programs that believe in 2.6 only: 6.18.0-x is
// 2.6.78-x (override_release).
func release26(release string) string {
	var major, minor int
	if _, err := fmt.Sscanf(release, "%d.%d", &major, &minor); err != nil {
		return release
	}
	rest := strings.TrimLeft(release, "0123456789.")
	return fmt.Sprintf("2.6.%d%s", minor+60, rest)
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
	if !t.Creds().CapableIn(t.UTS().Owner(), unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	if n < 0 || n > utsLen {
		return unix.EINVAL
	}
	b := make([]byte, n)
	if _, err := t.Memory().CopyIn(name, b); err != nil {
		return err
	}
	t.UTS().Change(func(u *task.UTS) { set(u, string(b)) })
	return nil
}
