// SPDX-License-Identifier: Apache-2.0

// Package fsmount tests fsmount from Go: two mounts of one description need two descriptions.
package fsmount

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("mounts_apart", "root cap:21", mountsApart)
}

func mountsApart(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	var mounts [2]int
	for i := range mounts {
		fs, err := unix.Fsopen("tmpfs", 0)
		t.Must("fsopen", err)
		t.Must("create", unix.FsconfigCreate(fs))
		mounts[i], err = unix.Fsmount(fs, 0, unix.MOUNT_ATTR_NOEXEC)
		t.Must("fsmount", err)
		_, err = unix.Fsmount(fs, 0, 0)
		t.Errno("a second mount", err, unix.EBUSY)
		unix.Close(fs)
	}
	fd, err := unix.Openat(mounts[0], "f", unix.O_CREAT|unix.O_WRONLY, 0o600)
	t.Must("a file in one", err)
	unix.Close(fd)
	t.ObserveErr("in the other", unix.Faccessat(mounts[1], "f", unix.F_OK, 0))
	t.Put("at/")
	t.Must("attach", unix.MoveMount(mounts[0], "", unix.AT_FDCWD, "at", unix.MOVE_MOUNT_F_EMPTY_PATH))
	_, err = os.Stat("at/f")
	t.Must("it is there", err)
	t.ObserveErr("move it on", unix.MoveMount(mounts[0], "", mounts[1], "", unix.MOVE_MOUNT_F_EMPTY_PATH|unix.MOVE_MOUNT_T_EMPTY_PATH))
}
