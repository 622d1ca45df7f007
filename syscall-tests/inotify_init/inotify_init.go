// SPDX-License-Identifier: Apache-2.0

// Package inotify_init tests inotify_init from Go: readers that share one
// queue.
package inotify_init

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() { harness.Case("each_event_goes_to_one_reader", "", oneReader) }

func oneReader(t *harness.T) {
	fd, err := harness.Sys(unix.SYS_INOTIFY_INIT)
	t.Must("init", err)
	_, err = harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, ".", unix.IN_CREATE)
	t.Must("add", err)
	const files, readers = 100, 3
	var names sync.Map
	var twice, left atomic.Int32
	left.Store(files)
	var wg sync.WaitGroup
	for range readers {
		wg.Go(func() {
			buf := make([]byte, 48) // one event
			for left.Add(-1) >= 0 {
				n, err := unix.Read(fd, buf)
				if err == unix.EINTR {
					left.Add(1)
					continue
				}
				if err != nil || n < unix.SizeofInotifyEvent {
					return
				}
				name := string(buf[unix.SizeofInotifyEvent : unix.SizeofInotifyEvent+binary.LittleEndian.Uint32(buf[12:])])
				if _, seen := names.LoadOrStore(name, true); seen {
					twice.Add(1)
				}
			}
		})
	}
	for i := range files {
		t.Must("create", os.WriteFile(fmt.Sprintf("a file of number %03d", i), nil, 0o666))
	}
	wg.Wait()
	t.Equal("seen twice", int(twice.Load()), 0)
	n := 0
	names.Range(func(any, any) bool { n++; return true })
	t.Equal("names", n, files)
}
