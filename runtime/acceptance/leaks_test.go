// SPDX-License-Identifier: Apache-2.0

package acceptance

import (
	"bufio"
	"bytes"
	"cmp"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"
)

// TestNothingLeftBehind loads one sandbox with processes, threads, signals and all
// that they hold, and wants the kernel process to be afterwards what it was
// before: the same goroutines, host processes, descriptors and mappings.
// DITTO_SOAK says how long the load is: `make soak` takes ten minutes.
func TestNothingLeftBehind(t *testing.T) {
	need(t, "gcc")
	length := 20 * time.Second
	if s := os.Getenv("DITTO_SOAK"); s != "" {
		var err error
		length, err = time.ParseDuration(s)
		assert.NilError(t, err)
	}
	program := filepath.Join(t.TempDir(), "mixed")
	out, err := exec.Command("gcc", "-O1", "-pthread", "-o", program, "testdata/mixed.c").CombinedOutput()
	assert.NilError(t, err, "%s", out)

	// The goroutines are known only at a sandbox's end, so one that had but
	// the first round tells what there are before the load.
	before := startLoad(t, program)
	before.load(0)
	before.load(1)
	want := before.goroutines()

	s := startLoad(t, program)
	s.load(0)
	s.load(1)
	first := s.settled(nil)
	t.Logf("before: %v", first)
	s.load(length.Seconds())
	last := s.settled(first)
	t.Logf("after: %v", last)
	if d := gocmp.Diff(first, last); d != "" {
		t.Errorf("the load left something behind: -before +after\n%s", d)
	}
	for name, n := range s.goroutines() {
		if n > want[name] { // fewer are those that were about to end before
			t.Errorf("the load left goroutines behind: %d by %s, %d before", n, name, want[name])
		}
	}
}

// loaded is a sandbox that runs testdata/mixed.c.
type loaded struct {
	t      *testing.T
	cmd    *exec.Cmd
	stdin  io.WriteCloser
	stdout *bufio.Reader
	stderr bytes.Buffer
	kernel int // the kernel process's id
}

func startLoad(t *testing.T, program string) *loaded {
	t.Helper()
	l := &loaded{t: t, cmd: do(program)}
	var err error
	l.stdin, err = l.cmd.StdinPipe()
	assert.NilError(t, err)
	out, err := l.cmd.StdoutPipe()
	assert.NilError(t, err)
	l.stdout = bufio.NewReader(out)
	l.cmd.Stderr = &l.stderr
	assert.NilError(t, l.cmd.Start())
	t.Cleanup(func() { _ = l.cmd.Process.Kill() })
	return l
}

// load loads the sandbox for so long.
func (l *loaded) load(seconds float64) {
	l.t.Helper()
	fmt.Fprintf(l.stdin, "go %f\n", seconds)
	guard := time.AfterFunc(time.Duration(seconds)*time.Second+hang, func() { _ = l.cmd.Process.Signal(syscall.SIGABRT) })
	defer guard.Stop()
	line, err := l.stdout.ReadString('\n')
	if err != nil || !strings.HasPrefix(line, "done ") {
		_ = l.cmd.Wait()
		l.t.Fatalf("the load: %q, %v\n%s", line, err, l.stderr.Bytes())
	}
	l.t.Logf("%v s of load: %s", seconds, strings.TrimSpace(line))
	if l.kernel == 0 {
		kernels := childrenOf(l.t, l.cmd.Process.Pid)
		assert.Equal(l.t, len(kernels), 1)
		l.kernel = kernels[0]
	}
}

// settled counts what the kernel process holds, until it is what is wanted or
// has not changed for a while: things end on their own a moment after the load.
func (l *loaded) settled(want map[string]int) map[string]int {
	const calm = 20
	var last map[string]int
	for same := 0; same < calm; {
		now := l.held()
		if want != nil && maps.Equal(now, want) {
			return now
		}
		if same++; !maps.Equal(now, last) {
			same = 0
		}
		last = now
		time.Sleep(100 * time.Millisecond)
	}
	return last
}

// held is how many of each kind the kernel process holds.
func (l *loaded) held() map[string]int {
	l.t.Helper()
	n := map[string]int{"host processes": len(childrenOf(l.t, l.kernel))}
	proc := fmt.Sprintf("/proc/%d", l.kernel)
	fds, err := os.ReadDir(proc + "/fd")
	assert.NilError(l.t, err)
	for _, fd := range fds {
		if to, err := os.Readlink(proc + "/fd/" + fd.Name()); err == nil {
			n["descriptor of "+kind(to)]++
		}
	}
	text, err := os.ReadFile(proc + "/maps")
	assert.NilError(l.t, err)
	for line := range strings.Lines(string(text)) {
		// What has no file is the Go runtime's: its heap grows and is not given back in pieces.
		if f := strings.Fields(line); len(f) > 5 && strings.HasPrefix(f[5], "/") {
			n["mapping of "+kind(strings.Join(f[5:], " "))]++
		}
	}
	return n
}

var digits = regexp.MustCompile(`[0-9]+`)

// kind is a file's name less what makes it one of many.
func kind(name string) string { return digits.ReplaceAllString(name, "N") }

func childrenOf(t *testing.T, pid int) []int {
	t.Helper()
	tasks, err := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", pid))
	assert.NilError(t, err)
	var pids []int
	for _, file := range tasks {
		b, _ := os.ReadFile(file) // a thread may have ended
		for _, f := range strings.Fields(string(b)) {
			n, err := strconv.Atoi(f)
			assert.NilError(t, err)
			pids = append(pids, n)
		}
	}
	return pids
}

// goroutines ends the sandbox as one that hangs is asked what it does, and
// counts its goroutines by what started them.
func (l *loaded) goroutines() map[string]int {
	l.t.Helper()
	assert.NilError(l.t, l.cmd.Process.Signal(syscall.SIGABRT))
	_, _ = io.Copy(io.Discard, l.stdout)
	_ = l.cmd.Wait()
	n := map[string]int{}
	for _, g := range strings.Split(l.stderr.String(), "\n\n") {
		// Number 0 is no goroutine: it is the stack of the thread's own that the signal found, when that thread had nothing to run.
		if !strings.HasPrefix(g, "goroutine ") || strings.HasPrefix(g, "goroutine 0 ") {
			continue
		}
		by := "main"
		if _, after, ok := strings.Cut(g, "created by "); ok {
			by, _, _ = strings.Cut(after, " in goroutine")
		}
		if !strings.HasPrefix(by, "runtime.") { // the collector has its own ideas
			n[by]++
		}
	}
	if n["main"] == 0 {
		l.t.Fatalf("no goroutines in what the sandbox said:\n%s", l.stderr.Bytes())
	}
	for _, by := range slices.SortedFunc(maps.Keys(n), cmp.Compare) {
		l.t.Logf("%3d goroutines by %s", n[by], by)
	}
	return n
}
