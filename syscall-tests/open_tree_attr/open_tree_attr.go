// SPDX-License-Identifier: Apache-2.0

// Package open_tree_attr tests open_tree_attr from Go: the copy is read-only before anyone can see it, and its source is not.
package open_tree_attr

import (
	"os"
	"runtime"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

const sysOpenTreeAttr = 467

func init() {
	harness.Case("read_only_from_the_start", "root cap:21 kernel>=6.15", readOnlyFromTheStart)
}

func readOnlyFromTheStart(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Put("from/", "from/in", "to/")
	attr := unix.MountAttr{Attr_set: unix.MOUNT_ATTR_RDONLY}
	path := append([]byte("from"), 0)
	here := unix.AT_FDCWD
	fd, _, errno := unix.Syscall6(sysOpenTreeAttr, uintptr(here), uintptr(unsafe.Pointer(&path[0])), unix.OPEN_TREE_CLONE, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	t.Equal("open_tree_attr", errno, unix.Errno(0))
	_, err := unix.Openat(int(fd), "in", unix.O_WRONLY, 0)
	t.Errno("through the descriptor", err, unix.EROFS)
	t.Must("attach", unix.MoveMount(int(fd), "", unix.AT_FDCWD, "to", unix.MOVE_MOUNT_F_EMPTY_PATH))
	t.Errno("attached", os.WriteFile("to/in", nil, 0o644), unix.EROFS)
	t.Must("the source", os.WriteFile("from/in", nil, 0o644))
}
