// SPDX-License-Identifier: Apache-2.0

// Package add_key tests add_key from Go: threads that add keys of the same name to keyrings of their own.
package add_key

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_have_their_own", "", threads)
}

func threads(t *harness.T) {
	ends := harness.Race(4, func(i int) error {
		runtime.LockOSThread() // and never unlocked: the keyring is the thread's
		text := fmt.Sprintf("of thread %d", i)
		id, err := unix.AddKey("user", "name", []byte(text), unix.KEY_SPEC_THREAD_KEYRING)
		if err != nil {
			return err
		}
		buf := make([]byte, 64)
		n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, id, buf, 0)
		if err == nil && string(buf[:n]) != text {
			return unix.EBADMSG
		}
		return err
	})
	t.Equal("ends", ends, "0 x4")
}
