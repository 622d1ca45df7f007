// SPDX-License-Identifier: Apache-2.0

// Package request_key tests request_key from Go: a key is found by the threads that share the session, and by no other process
// that left it.
package request_key

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Child("request_key.finder", func([]string) int {
		runtime.LockOSThread()
		if _, err := unix.RequestKey("user", "name", "", 0); err != nil {
			return 1
		}
		if _, err := unix.KeyctlJoinSessionKeyring(fmt.Sprintf("ditto-go-%d", unix.Getpid())); err != nil {
			return 2
		}
		if _, err := unix.RequestKey("user", "name", "", 0); err == nil {
			return 3
		}
		return 0
	})
	harness.Case("session_is_inherited", "", inherited)
}

func inherited(t *harness.T) {
	runtime.LockOSThread()
	_, err := unix.KeyctlJoinSessionKeyring(fmt.Sprintf("ditto-go-%d", unix.Getpid()))
	t.Must("session", err)
	_, err = unix.AddKey("user", "name", []byte("x"), unix.KEY_SPEC_SESSION_KEYRING)
	t.Must("add", err)
	cmd := harness.Command("request_key.finder")
	t.Must("start", cmd.Start())
	t.Observe("child", "%s", harness.Status(cmd))
}
