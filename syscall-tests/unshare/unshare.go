// SPDX-License-Identifier: Apache-2.0

// Package unshare tests unshare from Go: a locked thread takes its own working directory and descriptors.
package unshare

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("thread_of_its_own", "", threadOfItsOwn)
}

func threadOfItsOwn(t *harness.T) {
	cwd, err := os.Getwd()
	t.Must("getwd", err)
	done := make(chan error)
	go func() {
		runtime.LockOSThread() // never unlocked: no other goroutine sees this thread's directory
		err := unix.Unshare(unix.CLONE_FS)
		if err == nil {
			err = unix.Chdir("/")
		}
		done <- err
	}()
	t.Must("unshare and chdir", <-done)
	now, err := os.Getwd()
	t.Must("getwd", err)
	t.Equal("directory", now, cwd)
	t.ObserveErr("unknown flag", unix.Unshare(1))
	t.Errno("threads", unix.Unshare(unix.CLONE_THREAD), unix.EINVAL)
}
