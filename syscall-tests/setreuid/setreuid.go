// SPDX-License-Identifier: Apache-2.0

// Package setreuid tests setreuid from Go: what a change of ids means for files and for other processes.
package setreuid

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("file_access_follows", "root", fileAccess)
	harness.Case("new_files_get_the_id", "root", newFiles)
}

// as runs f on a thread of its own that has taken on the id.
func as(t *harness.T, id uintptr, f func()) {
	done := make(chan struct{})
	go func() {
		defer close(done)
		runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
		_, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, 0, 0, 0)
		t.Errno("setgroups", errno, 0)
		_, _, errno = unix.RawSyscall(unix.SYS_SETREUID, id, id, 0)
		t.Errno("setreuid", errno, 0)
		f()
	}()
	<-done
}

func fileAccess(t *harness.T) {
	fd, err := unix.Open("file", unix.O_CREAT|unix.O_RDWR|unix.O_CLOEXEC, 0o600)
	t.Must("open", err)
	for _, err := range []error{unix.Fchown(fd, 1000, 0), unix.Fchmod(fd, 0o600)} {
		t.Must("attributes", err)
	}
	for _, id := range []uintptr{999, 1000, 1001} {
		as(t, id, func() {
			for _, flags := range []int{unix.O_RDONLY, unix.O_WRONLY, unix.O_RDWR} {
				f, err := unix.Open("file", flags|unix.O_CLOEXEC, 0)
				t.ObserveErr(fmt.Sprintf("%d opens with %d", id, flags), err)
				if err == nil {
					unix.Close(f)
				}
			}
			t.ObserveErr(fmt.Sprintf("%d may access", id), unix.Access("file", unix.R_OK))
			t.ObserveErr(fmt.Sprintf("%d may access effectively", id), unix.Faccessat2(unix.AT_FDCWD, "file", unix.R_OK, unix.AT_EACCESS))
		})
	}
}

func newFiles(t *harness.T) {
	t.Must("chmod", unix.Chmod(".", 0o777))
	for _, id := range []uintptr{0, 1, 1000, 70000} {
		as(t, id, func() {
			path := fmt.Sprint("file", id)
			fd, err := unix.Open(path, unix.O_CREAT|unix.O_EXCL|unix.O_RDWR|unix.O_CLOEXEC, 0o644)
			t.Must("create", err)
			defer unix.Close(fd)
			var st unix.Stat_t
			t.Must("fstat", unix.Fstat(fd, &st))
			t.Equal(path, uintptr(st.Uid), id)
			t.Observe(path, "%d %d", st.Uid, st.Gid)
		})
	}
}
