// SPDX-License-Identifier: Apache-2.0

// Package fanotify_mark tests fanotify_mark from Go: marks that come and go while files are made.
package fanotify_mark

import (
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("marks_come_and_go", "root cap:21", comeAndGo)
}

func comeAndGo(t *harness.T) {
	fd, err := unix.FanotifyInit(unix.FAN_REPORT_DFID_NAME|unix.FAN_NONBLOCK, unix.O_RDONLY)
	t.Must("init", err)
	t.Must("mkdir", os.Mkdir("d", 0o777))
	var wg sync.WaitGroup
	errs := make([]error, 2)
	for i := range errs {
		wg.Go(func() {
			for n := range 30 {
				name := fmt.Sprintf("d/%d-%d", i, n)
				if errs[i] = os.WriteFile(name, nil, 0o666); errs[i] != nil {
					return
				}
				if errs[i] = os.Remove(name); errs[i] != nil {
					return
				}
			}
		})
	}
	for range 30 {
		t.Must("add", unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_CREATE|unix.FAN_DELETE, unix.AT_FDCWD, "d"))
		t.Must("remove", unix.FanotifyMark(fd, unix.FAN_MARK_REMOVE, unix.FAN_CREATE|unix.FAN_DELETE, unix.AT_FDCWD, "d"))
	}
	wg.Wait()
	for _, err := range errs {
		t.Must("maker", err)
	}
	t.Errno("one more removal", unix.FanotifyMark(fd, unix.FAN_MARK_REMOVE, unix.FAN_CREATE, unix.AT_FDCWD, "d"), unix.ENOENT)
	buf := make([]byte, 4096)
	for {
		if _, err := unix.Read(fd, buf); err != nil {
			t.Errno("read", err, unix.EAGAIN)
			break
		}
	}
	t.Must("add", unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_CREATE, unix.AT_FDCWD, "d"))
	t.Must("write", os.WriteFile("d/last", nil, 0o666))
	n, err := unix.Read(fd, buf)
	t.Must("read", err)
	t.Equal("an event", n > 0, true)
}
