// SPDX-License-Identifier: Apache-2.0

// Package mount_setattr tests mount_setattr from Go: a read-only copy beside a writable tree, as container engines make it.
package mount_setattr

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("read_only_copy", "root cap:21", readOnlyCopy)
}

func readOnlyCopy(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Put("from/", "from/in", "to/")
	fd, err := unix.OpenTree(unix.AT_FDCWD, "from", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
	t.Must("open_tree", err)
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY | unix.MOUNT_ATTR_NOSUID}
	t.ObserveErr("setattr", unix.MountSetattr(fd, "", unix.AT_EMPTY_PATH|unix.AT_RECURSIVE, &attr))
	t.ObserveErr("attach", unix.MoveMount(fd, "", unix.AT_FDCWD, "to", unix.MOVE_MOUNT_F_EMPTY_PATH))
	t.Errno("write to the copy", os.WriteFile("to/in", nil, 0o644), unix.EROFS)
	t.Must("write to the tree", os.WriteFile("from/in", nil, 0o644))
}
