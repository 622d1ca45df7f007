// SPDX-License-Identifier: Apache-2.0

// Package umount2 tests umount2 from Go: a thread whose mounts are its own.
package umount2

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("thread_of_its_own", "root cap:21", threadOfItsOwn)
	harness.Case("watched", "root cap:21", watched)
}

// threadOfItsOwn: the other threads don't see what one with a mount namespace of its own unmounts.
func threadOfItsOwn(t *harness.T) {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.Mkdir("d", 0o755))
	t.Must("mount", unix.Mount("x", "d", "tmpfs", 0, ""))
	t.Must("in it", os.Mkdir("d/in", 0o755))
	seen := make(chan error)
	go func() {
		runtime.LockOSThread()
		_, err := os.Stat("d/in")
		seen <- err
	}()
	t.Errno("another thread", <-seen, unix.ENOENT)
	t.ObserveErr("umount", unix.Unmount("d", 0))
	t.ObserveErr("again", unix.Unmount("d", 0))
}

func watched(t *harness.T) {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.Mkdir("d", 0o755))
	t.Must("mount", unix.Mount("x", "d", "tmpfs", 0, ""))
	in, err := unix.InotifyInit1(unix.IN_NONBLOCK)
	t.Must("inotify", err)
	wd, err := unix.InotifyAddWatch(in, "d", unix.IN_ALL_EVENTS)
	t.Must("watch", err)
	t.ObserveErr("umount", unix.Unmount("d", 0))
	var b [256]byte
	n, err := unix.Read(in, b[:])
	t.Must("read", err)
	for at := 0; at < n; at += unix.SizeofInotifyEvent {
		t.Observe("event "+string(rune('0'+at/unix.SizeofInotifyEvent)), "%d %02x%02x%02x%02x", int(b[at])-wd, b[at+7], b[at+6], b[at+5], b[at+4])
	}
	_, err = unix.InotifyRmWatch(in, uint32(wd))
	t.ObserveErr("rm", err)
}
