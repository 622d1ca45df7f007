// SPDX-License-Identifier: Apache-2.0

// Package getegid tests getegid from Go: threads of one process may differ, and /proc shows each.
package getegid

import (
	"fmt"
	"os"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("each_thread_shows_its_own_in_proc", "root", eachThread)
	harness.Case("child_process_inherits", "root", childInherits)
	harness.Child("getegid.print", func([]string) int { return get() & 0xff })
}

func get() int {
	r, _, _ := unix.RawSyscall(unix.SYS_GETEGID, 0, 0, 0)
	return int(r)
}

// statusLine is the Gid line of a thread.
func statusLine(tid int) (string, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/self/task/%d/status", tid))
	for line := range strings.Lines(string(b)) {
		if rest, ok := strings.CutPrefix(line, "Gid:"); ok {
			return strings.Join(strings.Fields(rest), " "), err
		}
	}
	return "", err
}

// eachThread gives four locked threads an id each, and has them all look at all while all are alive.
func eachThread(t *harness.T) {
	const n = 4
	tids := make(chan int, n)
	changed, looked := make(chan struct{}), make(chan struct{})
	for i := range n {
		go func() {
			runtime.LockOSThread() // never unlocked: the thread ends with its goroutine
			id := uintptr(2000 + i)
			_, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, id, id+100, id+200)
			t.Errno("setresgid", errno, 0)
			t.Equal("getegid", get(), 2000+i+1*100)
			tids <- unix.Gettid()
			changed <- struct{}{}
			<-looked
		}()
		<-changed
		line, err := statusLine(<-tids)
		t.Must("status", err)
		t.Observe(fmt.Sprintf("thread %d", i), "%s", line)
	}
	close(looked)
}

func childInherits(t *harness.T) {
	cmd := harness.Command("getegid.print")
	done := make(chan string)
	go func() {
		runtime.LockOSThread()
		_, _, errno := unix.RawSyscall(unix.SYS_SETRESGID, 41, 42, 43)
		t.Errno("setresgid", errno, 0)
		done <- harness.Status(cmd)
	}()
	t.Observe("child", "%s", <-done)
}
