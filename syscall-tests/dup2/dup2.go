// SPDX-License-Identifier: Apache-2.0

// Package dup2 tests dup2 from Go: redirections as a shell makes them.
package dup2

import (
	"os"
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("redirects_a_child", "", redirectsAChild)
	harness.Case("errors", "", errors)
}

func redirectsAChild(t *harness.T) {
	t.Put("out")
	t.Errno("dup2", harness.Err(unix.SYS_DUP2, t.FD("out", unix.O_WRONLY|unix.O_TRUNC), 9), 0)
	cmd := exec.Command("/bin/sh", "-c", "echo one >&9; echo two >&9")
	t.Equal("sh", harness.Status(cmd), "exit 0")
	b, err := os.ReadFile("out")
	t.Must("read", err)
	t.Equal("out", string(b), "one\ntwo\n")
}

func errors(t *harness.T) {
	t.Put("f")
	fd := t.FD("f", unix.O_RDONLY)
	call := func(from, to int) error { return harness.Err(unix.SYS_DUP2, from, to) }
	t.Tries(
		harness.Try("from a closed one", unix.EBADF, call(500, 501)),
		harness.Try("closed onto itself", unix.EBADF, call(500, 500)),
		harness.Try("open onto itself", 0, call(fd, fd)),
		harness.Try("negative", unix.EBADF, call(fd, -1)),
		harness.Try("beyond every limit", unix.EBADF, call(fd, 1<<30)),
		harness.Try("free number", 0, call(fd, 501)),
		harness.Try("taken number", 0, call(fd, 501)),
	)
}
