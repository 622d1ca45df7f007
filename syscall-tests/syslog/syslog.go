// SPDX-License-Identifier: Apache-2.0

// Package syslog tests syslog from Go: what klogctl of the library does.
package syslog

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("as_klogctl", "root cap:34", run) }

func run(t *harness.T) {
	size, err := unix.Klogctl(unix.SYSLOG_ACTION_SIZE_BUFFER, nil)
	t.Must("size", err)
	buf := make([]byte, size)
	n, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, buf)
	t.Must("read all", err)
	again, err := unix.Klogctl(unix.SYSLOG_ACTION_READ_ALL, buf[:max(n, 1)])
	t.Must("again", err)
	t.Equal("as much as there is room for", again <= n, true)
	_, err = unix.Klogctl(99, buf)
	t.Errno("unknown", err, unix.EINVAL)
}
