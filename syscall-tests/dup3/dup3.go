// SPDX-License-Identifier: Apache-2.0

// Package dup3 tests dup3 from Go: what a child inherits.
package dup3

import (
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("inheritance", "", inheritance)
}

func inheritance(t *harness.T) {
	t.Put("f")
	fd := t.FD("f", unix.O_RDONLY)
	t.Errno("plain", harness.Err(unix.SYS_DUP3, fd, 30, 0), 0)
	t.Errno("O_CLOEXEC", harness.Err(unix.SYS_DUP3, fd, 31, unix.O_CLOEXEC), 0)
	out, err := exec.Command("/bin/sh", "-c", "for i in 30 31; do test -e /proc/self/fd/$i && echo $i; done; exit 0").Output()
	t.Must("sh", err)
	t.Equal("inherited", string(out), "30\n")
	call := func(from, to, flags int) error { return harness.Err(unix.SYS_DUP3, from, to, flags) }
	t.Tries(
		harness.Try("itself", unix.EINVAL, call(fd, fd, 0)),
		harness.Try("unknown flag", unix.EINVAL, call(fd, 32, unix.O_NONBLOCK)),
		harness.Try("closed", unix.EBADF, call(500, 32, 0)),
	)
}
