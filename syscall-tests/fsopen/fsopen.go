// SPDX-License-Identifier: Apache-2.0

// Package fsopen tests fsopen and its kin from Go: a file system is described, made, mounted and changed, as mount(8) does it.
package fsopen

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("from_description_to_mount", "root cap:21", fromDescriptionToMount)
}

func fromDescriptionToMount(t *harness.T) {
	runtime.LockOSThread() // never unlocked
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Put("at/")
	fs, err := unix.Fsopen("tmpfs", unix.FSOPEN_CLOEXEC)
	t.Must("fsopen", err)
	t.Must("source", unix.FsconfigSetString(fs, "source", "described"))
	t.Must("size", unix.FsconfigSetString(fs, "size", "16k"))
	t.ObserveErr("unknown", unix.FsconfigSetFlag(fs, "nonesuch"))
	message := make([]byte, 256)
	n, err := unix.Read(fs, message)
	t.Observe("message", "%q %v", message[:max(n, 0)], err)
	t.Must("create", unix.FsconfigCreate(fs))
	mnt, err := unix.Fsmount(fs, unix.FSMOUNT_CLOEXEC, unix.MOUNT_ATTR_NODEV)
	t.Must("fsmount", err)
	t.Must("move_mount", unix.MoveMount(mnt, "", unix.AT_FDCWD, "at", unix.MOVE_MOUNT_F_EMPTY_PATH))
	t.Must("first file", os.WriteFile("at/first", make([]byte, 8192), 0o600))
	t.Errno("beyond its size", os.WriteFile("at/second", make([]byte, 16384), 0o600), unix.ENOSPC)
	pick, err := unix.Fspick(unix.AT_FDCWD, "at", unix.FSPICK_CLOEXEC)
	t.Must("fspick", err)
	t.Must("more", unix.FsconfigSetString(pick, "size", "64k"))
	t.Must("reconfigure", unix.FsconfigReconfigure(pick))
	t.Must("now there is room", os.WriteFile("at/second", make([]byte, 16384), 0o600))
	t.Must("read-only", unix.FsconfigSetFlag(pick, "ro"))
	t.Must("reconfigure again", unix.FsconfigReconfigure(pick))
	t.Errno("nothing is written now", os.WriteFile("at/third", nil, 0o600), unix.EROFS)
}
