// SPDX-License-Identifier: Apache-2.0

// Package inotify_rm_watch tests inotify_rm_watch from Go: many who remove
// the same watch. Linux looks the watch up and destroys it in two steps, so
// more than one of them may be told that it succeeded; the reader is told of
// the end once.
package inotify_rm_watch

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("told_once", "", toldOnce) }

func toldOnce(t *harness.T) {
	fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, unix.IN_NONBLOCK)
	t.Must("init", err)
	for i := range 50 {
		wd, err := harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, ".", unix.IN_CREATE)
		t.Must("add", err)
		t.Equal("wd", wd, i+1)
		results := make(chan error)
		for range 4 {
			go func() { results <- harness.Err(unix.SYS_INOTIFY_RM_WATCH, fd, wd) }()
		}
		removed := 0
		for range 4 {
			if err := <-results; err == nil {
				removed++
			} else {
				t.Errno("remove", err, unix.EINVAL)
			}
		}
		if removed == 0 {
			t.Fatalf("none of the four removed the watch")
		}
		t.Errno("once more", harness.Err(unix.SYS_INOTIFY_RM_WATCH, fd, wd), unix.EINVAL)
	}
	buf := make([]byte, 4096)
	n, err := unix.Read(fd, buf)
	t.Must("read", err)
	t.Equal("told", n, 50*unix.SizeofInotifyEvent)
}
