// SPDX-License-Identifier: Apache-2.0

// Package sethostname tests sethostname from Go: every length, read back by uname and by /proc.
package sethostname

import (
	"fmt"
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("every_length", "cap:21", everyLength)
}

func current(t *harness.T) string {
	var u unix.Utsname
	t.Must("uname", unix.Uname(&u))
	return unix.ByteSliceToString(u.Nodename[:])
}

func everyLength(t *harness.T) {
	old := current(t)
	defer unix.Sethostname([]byte(old))
	const letters = "abcdefghijklmnopqrstuvwxyz-0123456789.ABCDEFGHIJKLMNOPQRSTUVWXYZ+"
	for n := 1; n <= 65; n++ {
		err := unix.Sethostname([]byte(letters[:n]))
		if n > 64 {
			t.Errno(fmt.Sprint(n), err, unix.EINVAL)
			break
		}
		t.Errno(fmt.Sprint(n), err, 0)
		t.Equal("uname", current(t), letters[:n])
		b, err := os.ReadFile("/proc/sys/kernel/hostname")
		t.Must("/proc", err)
		t.Equal("/proc", strings.TrimSuffix(string(b), "\n"), letters[:n])
	}
}
