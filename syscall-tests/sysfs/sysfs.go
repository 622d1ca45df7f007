// SPDX-License-Identifier: Apache-2.0

// Package sysfs tests sysfs from Go: the types of file systems as /proc/filesystems has them.
package sysfs

import (
	"bytes"
	"os"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("agrees_with_proc", "file:/proc/filesystems", agrees)
}

func agrees(t *harness.T) {
	text, err := os.ReadFile("/proc/filesystems")
	t.Must("read", err)
	var want []string
	for line := range strings.Lines(string(text)) {
		_, name, _ := strings.Cut(strings.TrimSpace(line), "\t")
		if name == "" {
			name = strings.TrimSpace(line)
		}
		want = append(want, name)
	}
	count, _, e := unix.Syscall(unix.SYS_SYSFS, 3, 0, 0)
	t.Equal("errno", e, unix.Errno(0))
	t.Equal("count", int(count), len(want))
	var got []string
	for i := range count {
		var name [64]byte
		_, _, e := unix.Syscall(unix.SYS_SYSFS, 2, i, uintptr(unsafe.Pointer(&name)))
		t.Equal("errno of a name", e, unix.Errno(0))
		got = append(got, string(bytes.TrimRight(name[:], "\x00")))
	}
	t.Diff("names", got, want)
}
