// SPDX-License-Identifier: Apache-2.0

// Package flock tests flock from Go: counting under locks, by threads and by processes.
package flock

import (
	"encoding/binary"
	"os"
	"os/exec"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("increments_under_locks", "", incrementsUnderLocks)
	harness.Case("one_gets_it", "", oneGetsIt)
	harness.Child("flock.count", countInAProcess)
}

func incrementsUnderLocks(t *harness.T) {
	t.Must("write", os.WriteFile("counter", make([]byte, 8), 0o644))
	var workers []*exec.Cmd
	for range 2 {
		cmd := harness.Command("flock.count")
		t.Must("start", cmd.Start())
		workers = append(workers, cmd)
	}
	t.Equal("threads", harness.Race(2, func(int) error { return count() }), "0 x2")
	for _, w := range workers {
		t.Equal("worker", harness.Status(w), "exit 0")
	}
	b, err := os.ReadFile("counter")
	t.Must("read", err)
	t.Equal("counter", binary.NativeEndian.Uint64(b), uint64(200))
}

func oneGetsIt(t *harness.T) {
	t.Put("f")
	fds := make([]int, 8)
	ends := harness.Race(8, func(i int) error {
		fds[i], _ = unix.Open("f", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return harness.Err(unix.SYS_FLOCK, fds[i], unix.LOCK_EX|unix.LOCK_NB)
	})
	t.Equal("exclusive", ends, "0 x1, EAGAIN x7")
	for _, fd := range fds {
		unix.Close(fd)
	}
	ends = harness.Race(8, func(int) error {
		fd, _ := unix.Open("f", unix.O_RDONLY|unix.O_CLOEXEC, 0)
		return harness.Err(unix.SYS_FLOCK, fd, unix.LOCK_SH|unix.LOCK_NB)
	})
	t.Equal("shared", ends, "0 x8")
}

// count adds 50 to the counter, one by one, each step under a lock.
func count() error {
	fd, err := unix.Open("counter", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for range 50 {
		if err := harness.Err(unix.SYS_FLOCK, fd, unix.LOCK_EX); err != nil {
			return err
		}
		var b [8]byte
		unix.Pread(fd, b[:], 0)
		binary.NativeEndian.PutUint64(b[:], binary.NativeEndian.Uint64(b[:])+1)
		unix.Pwrite(fd, b[:], 0)
		if err := harness.Err(unix.SYS_FLOCK, fd, unix.LOCK_UN); err != nil {
			return err
		}
	}
	return nil
}

func countInAProcess([]string) int {
	if count() != nil {
		return 1
	}
	return 0
}
