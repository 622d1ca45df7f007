// SPDX-License-Identifier: Apache-2.0

// Package keyctl tests keyctl from Go: a tree of keyrings, read back as it was built.
package keyctl

import (
	"encoding/binary"
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_tree_is_read_back", "", tree)
}

// Keyrings of the session belong to the thread's credentials: it is locked, and never given back.
func tree(t *harness.T) {
	runtime.LockOSThread()
	session, err := unix.KeyctlJoinSessionKeyring(fmt.Sprintf("ditto-go-%d", unix.Getpid()))
	t.Must("session", err)
	want := map[uint32]bool{}
	for _, name := range []string{"a", "b", "c"} {
		id, err := unix.AddKey("user", name, []byte("payload of "+name), unix.KEY_SPEC_SESSION_KEYRING)
		t.Must("add "+name, err)
		want[uint32(id)] = true
	}
	buf := make([]byte, 64)
	n, err := unix.KeyctlBuffer(unix.KEYCTL_READ, session, buf, 0)
	t.Must("read", err)
	t.Equal("bytes", n, 12)
	for i := 0; i < n; i += 4 {
		t.Check(want[binary.NativeEndian.Uint32(buf[i:])], "a key that nobody made")
	}
	found, err := unix.KeyctlSearch(session, "user", "b", 0)
	t.Must("search", err)
	n, err = unix.KeyctlBuffer(unix.KEYCTL_READ, found, buf, 0)
	t.Must("value", err)
	t.Equal("value", string(buf[:n]), "payload of b")
}
