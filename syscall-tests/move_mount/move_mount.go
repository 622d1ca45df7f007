// SPDX-License-Identifier: Apache-2.0

// Package move_mount tests move_mount from Go: a tree that a thread made is attached in a namespace of its own.
package move_mount

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("into_a_new_namespace", "root cap:21", intoANewNamespace)
}

func intoANewNamespace(t *harness.T) {
	t.Put("from/", "from/in", "to/")
	fd, err := unix.OpenTree(unix.AT_FDCWD, "from", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	t.Must("open_tree", err)
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.ObserveErr("attach", unix.MoveMount(fd, "", unix.AT_FDCWD, "to", unix.MOVE_MOUNT_F_EMPTY_PATH))
	_, err = os.Stat("to/in")
	t.ObserveErr("seen here", err)
	seen := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, err := os.Stat("to/in")
		seen <- err
	}()
	t.Errno("not elsewhere", <-seen, unix.ENOENT)
}
