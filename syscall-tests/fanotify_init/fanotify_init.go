// SPDX-License-Identifier: Apache-2.0

// Package fanotify_init tests fanotify_init from Go: how many events one reader gets of many writers.
package fanotify_init

import (
	"fmt"
	"os"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("a_blocked_reader", "root cap:21", blocked)
}

// blocked reads while others open: every file comes once at least, and nothing else.
func blocked(t *harness.T) {
	fd, err := unix.FanotifyInit(unix.FAN_CLASS_NOTIF, unix.O_RDONLY)
	t.Must("init", err)
	t.Must("mkdir", os.Mkdir("d", 0o777))
	t.Must("mark", unix.FanotifyMark(fd, unix.FAN_MARK_ADD, unix.FAN_CLOSE_WRITE|unix.FAN_EVENT_ON_CHILD, unix.AT_FDCWD, "d"))
	const files = 40
	var wg sync.WaitGroup
	for i := range files {
		wg.Go(func() { _ = os.WriteFile(fmt.Sprintf("d/%d", i), []byte("x"), 0o666) })
	}
	seen := map[string]bool{}
	buf := make([]byte, 4096)
	for len(seen) < files {
		n, err := unix.Read(fd, buf)
		if err == unix.EINTR {
			continue
		}
		t.Must("read", err)
		for b := buf[:n]; len(b) > 0; {
			e := (*unix.FanotifyEventMetadata)(unsafe.Pointer(&b[0]))
			t.Equal("mask", e.Mask, uint64(unix.FAN_CLOSE_WRITE))
			path, err := os.Readlink(fmt.Sprintf("/proc/self/fd/%d", e.Fd))
			t.Must("readlink", err)
			seen[path] = true
			unix.Close(int(e.Fd))
			b = b[e.Event_len:]
		}
	}
	wg.Wait()
	t.Equal("files", len(seen), files)
}
