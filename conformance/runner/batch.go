// SPDX-License-Identifier: Apache-2.0

// One start of a test program, and what to make of its end.

package runner

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/conformance/result"
	"github.com/ditto-kernel/ditto/conformance/suite"
)

// A sandbox that is asked to end gets this long before it is killed.
const grace = 2 * time.Second

// runBatch starts the program until each case of the batch has an outcome. Every start yields at least one, so it ends.
func runBatch(ctx context.Context, c Config, b batch, report func(result.Outcome)) {
	rest := b.cases
	for len(rest) > 0 && ctx.Err() == nil {
		seen := map[string]bool{}
		end := start(ctx, c, b.side, rest, func(o result.Outcome) {
			if !seen[o.Case] && contains(rest, o.Case) {
				seen[o.Case] = true
				report(o)
			}
		})
		var left []suite.Case
		for _, k := range rest {
			if !seen[k.ID] {
				left = append(left, k)
			}
		}
		if len(left) > 0 && ctx.Err() == nil {
			// Cases run in order, so the first without an outcome is the one that was running.
			end.Case = left[0].ID
			report(end)
			left = left[1:]
		}
		rest = left
	}
}

func contains(cases []suite.Case, id string) bool {
	for _, k := range cases {
		if k.ID == id {
			return true
		}
	}
	return false
}

// start runs the program once over the cases, and returns how to blame its end on the case that was running.
func start(ctx context.Context, c Config, side Side, cases []suite.Case, report func(result.Outcome)) result.Outcome {
	args := append(append([]string{}, side.Command...), cases[0].Binary, "run")
	for _, k := range cases {
		args = append(args, k.ID)
	}
	cmd := command(side, args)
	stderr := &tail{keep: 4096}
	if sandboxed := len(side.Command) > 0 && !side.Isolate; sandboxed {
		stderr.keep = 1 << 20
	}
	cmd.Stderr = stderr
	// Descendants that hold the output open do not hold up the run.
	cmd.WaitDelay = grace
	w := &watchdog{end: endGroup}
	if stderr.keep > 4096 {
		w.end = abort
	}
	cmd.Stdout = &lines{report: func(o result.Outcome) {
		w.timer.Reset(c.Silence)
		report(o)
	}}
	w.timer = time.AfterFunc(c.Silence, w.fire)
	defer w.timer.Stop()
	if err := cmd.Start(); err != nil {
		return result.Outcome{Result: "crash", Detail: err.Error()}
	}
	w.started(cmd.Process.Pid)
	stop := context.AfterFunc(ctx, func() { endGroup(cmd.Process.Pid) })
	defer stop()
	err := cmd.Wait()
	w.timer.Stop()
	// What the program left behind in its session.
	syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
	if w.fired() {
		return result.Outcome{Result: "timeout", Detail: fmt.Sprintf("no answer for %v%s%s", c.Silence, stderr.text(), c.saveTrace(stderr))}
	}
	return result.Outcome{Result: "crash", Detail: fmt.Sprintf("the program ended (%s)%s", ending(err), stderr.text())}
}

func ending(err error) string {
	if err == nil {
		return "exit status 0"
	}
	return err.Error()
}

// lines takes the outcomes from a program's output as it comes; other lines are not ours.
type lines struct {
	report func(result.Outcome)
	rest   []byte
}

func (l *lines) Write(p []byte) (int, error) {
	l.rest = append(l.rest, p...)
	for {
		line, rest, ok := bytes.Cut(l.rest, []byte("\n"))
		if !ok {
			return len(p), nil
		}
		var o result.Outcome
		if len(line) > 0 && line[0] == '{' && json.Unmarshal(line, &o) == nil && o.Case != "" {
			l.report(o)
		}
		l.rest = rest
	}
}

// endGroup asks a program's process group to end, and makes it end.
func endGroup(pid int) {
	syscall.Kill(-pid, syscall.SIGTERM)
	time.AfterFunc(grace, func() { syscall.Kill(-pid, syscall.SIGKILL) })
}

// abort asks a sandbox that hangs what it is doing: one that is written in Go answers SIGABRT with the stacks of all
// its goroutines, on stderr. Then it ends the group.
func abort(pid int) {
	syscall.Kill(pid, syscall.SIGABRT)
	time.AfterFunc(grace, func() { endGroup(pid) })
}

// watchdog ends a program that has been silent for too long.
type watchdog struct {
	end   func(pid int)
	timer *time.Timer

	mu  sync.Mutex // guards the rest
	pid int
	hit bool
}

func (w *watchdog) started(pid int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.pid = pid
	if w.hit {
		w.end(pid)
	}
}

func (w *watchdog) fire() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.hit = true
	if w.pid != 0 {
		w.end(w.pid)
	}
}

func (w *watchdog) fired() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.hit
}

// tail keeps the end of what a program writes to stderr.
type tail struct {
	keep int // bytes

	mu  sync.Mutex // guards buf
	buf []byte
}

func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.buf = append(t.buf, p...)
	if len(t.buf) > t.keep {
		t.buf = t.buf[len(t.buf)-t.keep:]
	}
	return len(p), nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	s := strings.TrimSpace(string(t.buf[max(0, len(t.buf)-4096):]))
	if s == "" {
		return ""
	}
	return "; stderr: " + s
}

// saveTrace puts what a sandbox that hung had to say into a file, and says where.
func (c Config) saveTrace(stderr *tail) string {
	stderr.mu.Lock()
	defer stderr.mu.Unlock()
	if c.Traces == "" || len(stderr.buf) == 0 {
		return ""
	}
	if err := os.MkdirAll(c.Traces, 0o755); err != nil {
		return "; " + err.Error()
	}
	f, err := os.CreateTemp(c.Traces, "hang-*.txt")
	if err != nil {
		return "; " + err.Error()
	}
	defer f.Close()
	if _, err := f.Write(stderr.buf); err != nil {
		return "; " + err.Error()
	}
	return "; all of it: " + f.Name()
}

// Preflight asks a side to list the cases of a program: a side that can't do that runs nothing.
func Preflight(ctx context.Context, side Side, program string) error {
	cmd := command(side, append(append([]string{}, side.Command...), program, "list"))
	var out, stderr strings.Builder
	cmd.Stdout, cmd.Stderr = &out, &stderr
	cmd.WaitDelay = grace
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("%s: %w", side.Name, err)
	}
	timer := time.AfterFunc(30*time.Second, func() { endGroup(cmd.Process.Pid) })
	defer timer.Stop()
	stop := context.AfterFunc(ctx, func() { endGroup(cmd.Process.Pid) })
	defer stop()
	if err := cmd.Wait(); err != nil {
		return fmt.Errorf("%s does not run the test program: %w\n%s", side.Name, err, strings.TrimSpace(stderr.String()))
	}
	if out.Len() == 0 {
		return fmt.Errorf("%s: the test program listed no cases\n%s", side.Name, strings.TrimSpace(stderr.String()))
	}
	return nil
}

func command(side Side, args []string) *exec.Cmd {
	cmd := exec.Command(args[0], args[1:]...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	cmd.Dir = "/"
	if side.Isolate {
		isolate(cmd)
	}
	cmd.Env = append(os.Environ(), onDisk()...)
	return cmd
}

// onDisk has the cases' directories made on a disk where /tmp is tmpfs, as on Debian 13: what a tmpfs can't do, the
// sandbox's own /tmp can, and it would be no wonder.
var onDisk = sync.OnceValue(func() []string {
	var s unix.Statfs_t
	if os.Getenv("TMPDIR") != "" || unix.Statfs("/tmp", &s) != nil || s.Type != unix.TMPFS_MAGIC {
		return nil
	}
	return []string{"TMPDIR=/var/tmp"}
})
