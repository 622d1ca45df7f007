// SPDX-License-Identifier: Apache-2.0

// Package pivot_root tests pivot_root from Go: threads keep to their own namespace.
package pivot_root

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("other_namespaces_stay", "root cap:21 cap:18", otherNamespacesStay)
}

func otherNamespacesStay(t *harness.T) {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.MkdirAll("new", 0o755))
	t.Must("mount", unix.Mount("x", "new", "tmpfs", 0, ""))
	t.Must("old", os.Mkdir("new/old", 0o755))
	t.Must("pivot", unix.PivotRoot("new", "new/old"))
	seen := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, err := os.Stat("/proc/self")
		seen <- err
	}()
	t.Must("another thread", <-seen)
	_, err := os.Stat("/proc/self")
	t.Errno("here", err, unix.ENOENT)
	_, err = os.Stat("/old/proc/self")
	t.ObserveErr("by the old root", err)
}
