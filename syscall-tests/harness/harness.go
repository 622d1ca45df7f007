// SPDX-License-Identifier: Apache-2.0

// Package harness is what the Go test cases of syscall-tests are written with. A case is a function that registers
// itself by Case, checks what must hold on any Linux, and observes what it sees; conformance compares the
// observations of native Linux with those of the sandbox. The package also holds the C harness (harness.h), which
// works in the same way and prints the same lines.
package harness

import (
	"fmt"
	"path/filepath"
	"runtime"
	"sort"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// A registered case.
type testCase struct {
	id    string
	needs string
	run   func(*T)
}

var cases = map[string]testCase{}

// Case registers a case of the syscall that the caller's folder is named after. Needs are the words that README.md
// lists, separated by spaces.
func Case(name, needs string, run func(*T)) {
	_, file, _, _ := runtime.Caller(1)
	syscall := filepath.Base(filepath.Dir(file))
	id := syscall + "/go/" + name
	if _, dup := cases[id]; dup {
		panic("two cases are called " + id)
	}
	cases[id] = testCase{id, needs, run}
}

func sortedIDs() []string {
	var ids []string
	for id := range cases {
		ids = append(ids, id)
	}
	sort.Strings(ids)
	return ids
}

// T is a running case. It is also a TestingT of gotest.tools/v3/assert, so assert.Equal(t, ...), assert.DeepEqual and
// the others work on it. Its methods may be called from every goroutine, except those that end the case.
type T struct {
	mu     sync.Mutex // guards report
	report func(kind byte, v any)
	failed bool
}

func caller(skip int) string {
	_, file, line, _ := runtime.Caller(skip + 1)
	return fmt.Sprintf("%s:%d", filepath.Base(file), line)
}

func (t *T) record(kind byte, v any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.report(kind, v)
}

func (t *T) fail(skip int, format string, args ...any) {
	t.failed = true
	t.record('C', caller(skip+1)+": "+fmt.Sprintf(format, args...))
}

// Check records a failure unless ok, and goes on.
func (t *T) Check(ok bool, format string, args ...any) bool {
	if !ok {
		t.fail(1, format, args...)
	}
	return ok
}

// Equal checks that two comparable values are the same, and goes on if they aren't.
func (t *T) Equal(what string, got, want any) bool {
	if got != want {
		t.fail(1, "%s is %v, want %v", what, got, want)
	}
	return got == want
}

// Errno checks that err is that errno (0: no error), and goes on if it isn't.
func (t *T) Errno(what string, err error, want unix.Errno) bool {
	if ErrnoName(err) != ErrnoName(want) {
		t.fail(1, "%s: %s, want %s", what, ErrnoName(err), ErrnoName(want))
		return false
	}
	return true
}

// Must ends the case if err is set: for set-up that has to work.
func (t *T) Must(what string, err error) {
	if err != nil {
		t.fail(1, "%s: %v", what, err)
		t.end()
	}
}

// Fatalf records a failure and ends the case.
func (t *T) Fatalf(format string, args ...any) {
	t.fail(1, format, args...)
	t.end()
}

// Skip ends the case: the running system lacks something that no need can express.
func (t *T) Skip(format string, args ...any) {
	t.record('S', fmt.Sprintf(format, args...))
	t.end()
}

// Observe records what the case saw. Names are unique within a case, values the same in every native run.
func (t *T) Observe(name, format string, args ...any) {
	t.record('O', []string{name, fmt.Sprintf(format, args...)})
}

// ObserveErr records an error as "0" or "ENOENT".
func (t *T) ObserveErr(name string, err error) {
	t.Observe(name, "%s", ErrnoName(err))
}

// ObserveRet records a result: "5", or "-1 ENOENT".
func (t *T) ObserveRet(name string, ret int, err error) {
	if err != nil {
		t.Observe(name, "-1 %s", ErrnoName(err))
		return
	}
	t.Observe(name, "%d", ret)
}

// Log, Fail and FailNow make T a TestingT: the message of a failed assertion comes by Log.
func (t *T) Log(args ...any) {
	_, file, line, _ := runtime.Caller(1)
	for i := 2; strings.Contains(file, "gotest.tools"); i++ {
		_, file, line, _ = runtime.Caller(i)
	}
	t.record('C', fmt.Sprintf("%s:%d: %s", filepath.Base(file), line, strings.TrimSpace(fmt.Sprint(args...))))
}

// Fail marks the case as failed.
func (t *T) Fail() { t.failed = true }

// FailNow ends the case as failed.
func (t *T) FailNow() { t.end() }

// Helper is for assert, which calls it.
func (t *T) Helper() {}

// ErrnoName is the name of an errno, "0" for none, and the text of any other error.
func ErrnoName(err error) string {
	var errno unix.Errno
	switch e := err.(type) {
	case nil:
		return "0"
	case unix.Errno:
		errno = e
	default:
		return unwrapName(err)
	}
	switch errno {
	case 0:
		return "0"
	case unix.EAGAIN:
		return "EAGAIN"
	case unix.EOPNOTSUPP:
		return "EOPNOTSUPP"
	}
	if n := unix.ErrnoName(errno); n != "" {
		return n
	}
	return fmt.Sprintf("E%d", int(errno))
}

func unwrapName(err error) string {
	if u, ok := err.(interface{ Unwrap() error }); ok {
		if inner := u.Unwrap(); inner != nil {
			return ErrnoName(inner)
		}
	}
	return err.Error()
}

// SignalName is the name of a signal.
func SignalName(sig unix.Signal) string {
	if n := unix.SignalName(sig); n != "" {
		return n
	}
	return fmt.Sprintf("SIG%d", int(sig))
}

// StatusText is a wait status in words: "exit 3", "signal SIGSEGV", "stopped SIGSTOP", "continued".
func StatusText(st unix.WaitStatus) string {
	switch {
	case st.Exited():
		return fmt.Sprintf("exit %d", st.ExitStatus())
	case st.Signaled() && st.CoreDump():
		return "signal " + SignalName(st.Signal()) + " core"
	case st.Signaled():
		return "signal " + SignalName(st.Signal())
	case st.Stopped():
		return "stopped " + SignalName(st.StopSignal())
	case st.Continued():
		return "continued"
	}
	return fmt.Sprintf("status %#x", int(st))
}
