// SPDX-License-Identifier: Apache-2.0

// Package inotify_add_watch tests inotify_add_watch from Go: each bit of the mask by itself, and many who change what one
// watches.
package inotify_add_watch

import (
	"encoding/binary"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_bit", "", eachBit)
	harness.Case("many_makers", "", manyMakers)
	harness.Case("watches_come_and_go", "", comeAndGo)
}

// masks reads what waits: the masks of the events, in order.
func masks(t *harness.T, fd int) (list []uint32) {
	buf := make([]byte, 1<<16)
	for {
		n, err := unix.Read(fd, buf)
		if err == unix.EAGAIN {
			return list
		}
		t.Must("read", err)
		for b := buf[:n]; len(b) > 0; b = b[unix.SizeofInotifyEvent+binary.LittleEndian.Uint32(b[12:]):] {
			list = append(list, binary.LittleEndian.Uint32(b[4:]))
		}
	}
}

func eachBit(t *harness.T) {
	t.Must("mkdir", os.Mkdir("d", 0o777))
	for bit := range 12 {
		fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, unix.IN_NONBLOCK)
		t.Must("init", err)
		wd, err := harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, "d", uint32(1)<<bit)
		t.Must("add", err)
		t.Equal("wd", wd, 1)
		f, err := os.Create("d/a")
		t.Must("create", err)
		_, err = f.WriteString("text")
		t.Must("write", err)
		_, err = f.ReadAt(make([]byte, 4), 0)
		t.Must("read", err)
		f.Close()
		t.Must("chmod", os.Chmod("d/a", 0o600))
		f, err = os.Open("d/a")
		t.Must("open", err)
		f.Close()
		t.Must("rename", os.Rename("d/a", "d/b"))
		t.Must("remove", os.Remove("d/b"))
		t.Observe(fmt.Sprintf("bit %d", bit), "%#x", masks(t, fd))
		unix.Close(fd)
	}
}

func manyMakers(t *harness.T) {
	fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, unix.IN_NONBLOCK)
	t.Must("init", err)
	_, err = harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, ".", unix.IN_CREATE|unix.IN_DELETE)
	t.Must("add", err)
	const makers, each = 4, 200
	var wg sync.WaitGroup
	for m := range makers {
		wg.Go(func() {
			for i := range each {
				name := fmt.Sprintf("%d-%d", m, i)
				if os.WriteFile(name, nil, 0o666) != nil || os.Remove(name) != nil {
					return
				}
			}
		})
	}
	wg.Wait()
	seen := map[uint32]int{}
	for _, m := range masks(t, fd) {
		seen[m]++
	}
	t.Diff("events", seen, map[uint32]int{unix.IN_CREATE: makers * each, unix.IN_DELETE: makers * each})
}

// comeAndGo adds and removes watches while what they watch changes: each
// removal is told of exactly once.
func comeAndGo(t *harness.T) {
	fd, err := harness.Sys(unix.SYS_INOTIFY_INIT1, unix.IN_NONBLOCK)
	t.Must("init", err)
	done := make(chan bool)
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := 0; ; i++ {
			select {
			case <-done:
				return
			default:
				os.WriteFile("a", nil, 0o666)
				os.Remove("a")
			}
		}
	})
	const rounds = 300
	for range rounds {
		wd, err := harness.Sys(unix.SYS_INOTIFY_ADD_WATCH, fd, ".", unix.IN_CREATE|unix.IN_MASK_CREATE)
		t.Must("add", err)
		_, err = harness.Sys(unix.SYS_INOTIFY_RM_WATCH, fd, wd)
		t.Must("remove", err)
	}
	close(done)
	wg.Wait()
	ignored := 0
	for _, m := range masks(t, fd) {
		if m == unix.IN_IGNORED {
			ignored++
		}
	}
	t.Equal("ignored", ignored, rounds)
}
