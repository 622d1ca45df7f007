// SPDX-License-Identifier: Apache-2.0

// Package uname tests uname from Go: the call against the files of /proc that tell the same.
package uname

import (
	"os"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_proc", "", agreesWithProc)
}

func agreesWithProc(t *harness.T) {
	var u unix.Utsname
	t.Must("uname", unix.Uname(&u))
	for _, f := range []struct {
		file  string
		field []byte
	}{
		{"ostype", u.Sysname[:]},
		{"osrelease", u.Release[:]},
		{"version", u.Version[:]},
		{"hostname", u.Nodename[:]},
		{"domainname", u.Domainname[:]},
	} {
		b, err := os.ReadFile("/proc/sys/kernel/" + f.file)
		t.Must(f.file, err)
		t.Equal(f.file, strings.TrimSuffix(string(b), "\n"), unix.ByteSliceToString(f.field))
	}
}
