// SPDX-License-Identifier: Apache-2.0

// Package kcmp tests kcmp from Go: threads share everything, processes their open files only.
package kcmp

import (
	"fmt"
	"runtime"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("threads_and_processes", "", threadsAndProcesses)
}

func threadsAndProcesses(t *harness.T) {
	p := t.Sleeper(nil)
	tid := make(chan int)
	go func() {
		runtime.LockOSThread()
		tid <- unix.Gettid()
		select {}
	}()
	thread := <-tid
	compare := func(a, b, kind int) string {
		r, _, errno := unix.RawSyscall6(unix.SYS_KCMP, uintptr(a), uintptr(b), uintptr(kind), 2, 2, 0)
		switch {
		case errno != 0:
			return harness.ErrnoName(errno)
		case r == 0:
			return "same"
		}
		return "different"
	}
	for kind := range 7 {
		t.Observe(fmt.Sprint("thread ", kind), "%s", compare(unix.Getpid(), thread, kind))
		if kind != 5 && kind != 6 && kind != 0 { // what neither has is the same
			t.Observe(fmt.Sprint("process ", kind), "%s", compare(unix.Getpid(), p.Process.Pid, kind))
		}
	}
	p.Process.Kill()
}
