// SPDX-License-Identifier: Apache-2.0

package epoll_wait

import (
	"os"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("mounts_as_libmount_watches_them", "root cap:21", mountsAsLibmountWatchesThem)
}

// mountsAsLibmountWatchesThem: libmount, systemd and podman keep an epoll with EPOLLET on mountinfo, and read the whole
// table again after each event.
func mountsAsLibmountWatchesThem(t *harness.T) {
	runtime.LockOSThread() // never unlocked: the thread ends with its namespace
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNS))
	t.Must("private", unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""))
	t.Must("mkdir", os.Mkdir("d", 0o755))
	fd, err := unix.Open("/proc/thread-self/mountinfo", unix.O_RDONLY|unix.O_CLOEXEC, 0)
	t.Must("open", err)
	ep, err := unix.EpollCreate1(unix.EPOLL_CLOEXEC)
	t.Must("epoll_create1", err)
	t.Must("epoll_ctl", unix.EpollCtl(ep, unix.EPOLL_CTL_ADD, fd, &unix.EpollEvent{Events: unix.EPOLLIN | unix.EPOLLET, Fd: 5}))
	look := func(what string) {
		events := make([]unix.EpollEvent, 4)
		n, err := unix.EpollWait(ep, events, 0)
		t.ObserveRet(what, n, err)
		for _, e := range events[:max(0, n)] {
			t.Observe(what+": event", "%#x %d", e.Events, e.Fd)
		}
	}
	look("at first")
	look("and then")
	for _, s := range []struct {
		name string
		call func() error
	}{
		{"mount", func() error { return unix.Mount("x", "d", "tmpfs", 0, "") }},
		{"noexec", func() error { return unix.Mount("", "d", "", unix.MS_REMOUNT|unix.MS_BIND|unix.MS_NOEXEC, "") }},
		{"mount_setattr", func() error {
			return unix.MountSetattr(unix.AT_FDCWD, "d", 0, &unix.MountAttr{Attr_set: unix.MOUNT_ATTR_NOSUID})
		}},
		{"open_tree", func() error {
			fd, err := unix.OpenTree(unix.AT_FDCWD, "d", unix.OPEN_TREE_CLONE|unix.OPEN_TREE_CLOEXEC)
			if err == nil {
				err = unix.Close(fd)
			}
			return err
		}},
		{"unmount", func() error { return unix.Unmount("d", 0) }},
	} {
		t.ObserveErr(s.name, s.call())
		look(s.name + ": told")
		look(s.name + ": told again")
	}
}
