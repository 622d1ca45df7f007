// SPDX-License-Identifier: Apache-2.0

// Package fcntl tests fcntl from Go: record locks between processes, against a model.
package fcntl

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("locks_between_processes", "", locksBetweenProcesses)
	harness.Case("increments_under_locks", "", incrementsUnderLocks)
	harness.Case("open_file_locks_of_threads", "", openFileLocksOfThreads)
	harness.Child("fcntl.look", look)
	harness.Child("fcntl.count", countInAProcess)
}

func locksBetweenProcesses(t *harness.T) {
	fd := t.FD("f", unix.O_RDWR|unix.O_CREAT)
	set := func(kind int16, from, n int64) {
		l := unix.Flock_t{Type: kind, Start: from, Len: n}
		t.Must("lock", harness.Err(unix.SYS_FCNTL, fd, unix.F_SETLK, unsafe.Pointer(&l)))
	}
	// The model: what each of 40 bytes is locked for.
	model := bytes.Repeat([]byte{'-'}, 40)
	for _, s := range []struct {
		kind    int16
		from, n int64
	}{
		{unix.F_WRLCK, 5, 10}, {unix.F_RDLCK, 10, 10}, {unix.F_UNLCK, 12, 2}, {unix.F_WRLCK, 0, 3}, {unix.F_RDLCK, 2, 30}, {unix.F_UNLCK, 0, 8}, {unix.F_WRLCK, 39, 1}, {unix.F_UNLCK, 20, 1},
	} {
		set(s.kind, s.from, s.n)
		for i := s.from; i < s.from+s.n; i++ {
			model[i] = map[int16]byte{unix.F_RDLCK: 'r', unix.F_WRLCK: 'w', unix.F_UNLCK: '-'}[s.kind]
		}
		out, err := harness.Command("fcntl.look").Output()
		t.Must("other process", err)
		t.Equal(fmt.Sprint(s), string(out), string(model))
	}
}

// Four processes count to 50 each, in a file, each step under a lock.
func incrementsUnderLocks(t *harness.T) {
	t.Must("write", os.WriteFile("counter", make([]byte, 8), 0o644))
	var workers []*exec.Cmd
	for range 4 {
		cmd := harness.Command("fcntl.count")
		t.Must("start", cmd.Start())
		workers = append(workers, cmd)
	}
	for _, w := range workers {
		t.Equal("worker", harness.Status(w), "exit 0")
	}
	b, err := os.ReadFile("counter")
	t.Must("read", err)
	t.Equal("counter", binary.NativeEndian.Uint64(b), uint64(200))
}

func openFileLocksOfThreads(t *harness.T) {
	t.Must("write", os.WriteFile("counter", make([]byte, 8), 0o644))
	t.Equal("ends", harness.Race(4, func(int) error { return count(unix.F_OFD_SETLKW) }), "0 x4")
	b, err := os.ReadFile("counter")
	t.Must("read", err)
	t.Equal("counter", binary.NativeEndian.Uint64(b), uint64(200))
}

// look prints what stands in the way of a lock of each byte.
func look([]string) int {
	fd, err := unix.Open("f", unix.O_RDWR, 0)
	if err != nil {
		return 1
	}
	for i := range int64(40) {
		c := "-"
		for _, kind := range []int16{unix.F_WRLCK, unix.F_RDLCK} {
			l := unix.Flock_t{Type: kind, Start: i, Len: 1}
			if unix.FcntlFlock(uintptr(fd), unix.F_GETLK, &l) != nil {
				return 2
			}
			if l.Type != unix.F_UNLCK {
				c = map[int16]string{unix.F_RDLCK: "r", unix.F_WRLCK: "w"}[l.Type]
			}
		}
		fmt.Print(c)
	}
	return 0
}

// count adds 50 to the counter, one by one, each step under a lock.
func count(cmd int) error {
	fd, err := unix.Open("counter", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	for range 50 {
		l := unix.Flock_t{Type: unix.F_WRLCK}
		if err := unix.FcntlFlock(uintptr(fd), cmd, &l); err != nil {
			return err
		}
		var b [8]byte
		unix.Pread(fd, b[:], 0)
		binary.NativeEndian.PutUint64(b[:], binary.NativeEndian.Uint64(b[:])+1)
		unix.Pwrite(fd, b[:], 0)
		l.Type = unix.F_UNLCK
		if err := unix.FcntlFlock(uintptr(fd), cmd, &l); err != nil {
			return err
		}
	}
	return nil
}

func countInAProcess([]string) int {
	if count(unix.F_SETLKW) != nil {
		return 1
	}
	return 0
}
