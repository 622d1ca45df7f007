// SPDX-License-Identifier: Apache-2.0

// One case's life: needs, fresh directory, process, time limit, records made into a JSON line.

package harness

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// A case's time.
var limit = 30 * time.Second

// Result is the line that a case prints.
type Result struct {
	Case   string      `json:"case"`
	Result string      `json:"result"` // ok, fail, skip, crash, timeout
	Checks []string    `json:"checks"` // the failed ones
	Obs    [][2]string `json:"obs"`
	Skip   string      `json:"skip,omitempty"`
	Detail string      `json:"detail,omitempty"`
	MS     int64       `json:"ms"`
}

func runCase(c testCase) {
	start := time.Now()
	res := Result{Case: c.id, Checks: []string{}, Obs: [][2]string{}}
	dir, err := os.MkdirTemp("", "case-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	os.Chmod(dir, 0o755)
	if need := unmetNeed(c.needs, dir); need != "" {
		res.Result, res.Skip = "skip", need
	} else {
		runProcess(&res, dir)
	}
	removeTree(dir)
	res.MS = time.Since(start).Milliseconds()
	line, err := json.Marshal(res)
	if err != nil {
		panic(err)
	}
	os.Stdout.Write(append(line, '\n'))
}

// runProcess starts the case's process, follows its records to the end or the limit, and ends its process group.
func runProcess(res *Result, dir string) {
	r, w, err := os.Pipe()
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
	cmd := exec.Command("/proc/self/exe", "case", res.Case)
	cmd.Args[0] = os.Args[0]
	cmd.Dir = dir
	// Without the signals by which the Go runtime preempts goroutines: on a busy machine one of them interrupts a call that a case makes.
	cmd.Env = append(os.Environ(), "GODEBUG=asyncpreemptoff=1")
	cmd.Stderr = os.Stderr
	cmd.ExtraFiles = []*os.File{w}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		res.Result, res.Detail = "crash", err.Error()
		return
	}
	w.Close()
	timer := time.AfterFunc(limit, func() { unix.Kill(-cmd.Process.Pid, unix.SIGKILL) })
	state, ended := follow(res, r, cmd)
	timedOut := !timer.Stop()
	unix.Kill(-cmd.Process.Pid, unix.SIGKILL)
	if os.Getpid() == 1 {
		unix.Kill(-1, unix.SIGKILL) // all else in this pid namespace is what the case left behind
	}
	r.Close()
	res.Result = verdict(res, state, ended, timedOut)
}

// follow reads records until the end record or the process's death, and returns the process's wait status.
func follow(res *Result, r *os.File, cmd *exec.Cmd) (status unix.WaitStatus, ended bool) {
	lines := make(chan []byte)
	go func() {
		defer close(lines)
		in := bufio.NewScanner(r)
		in.Buffer(nil, 1<<20)
		for in.Scan() {
			lines <- append([]byte(nil), in.Bytes()...)
		}
	}()
	died := make(chan struct{})
	go func() { cmd.Wait(); close(died) }()
	for open := true; open && !ended; {
		select {
		case line, ok := <-lines:
			open = ok
			ended = ok && takeRecord(res, line)
		case <-died:
			// What it wrote is still in the pipe, whose end comes as soon as that is read: unless a child of its, on
			// the way to its exec, holds the pipe open. On a busy machine the reader may be late, so the time is long.
			died = nil
			r.SetReadDeadline(time.Now().Add(5 * time.Second))
		}
	}
	if died != nil {
		<-died
	}
	return unix.WaitStatus(cmd.ProcessState.Sys().(syscall.WaitStatus)), ended
}

func takeRecord(res *Result, line []byte) (end bool) {
	if len(line) == 0 {
		return false
	}
	body := line[1:]
	var err error
	switch line[0] {
	case 'C':
		var s string
		err = json.Unmarshal(body, &s)
		res.Checks = append(res.Checks, s)
	case 'O':
		var o [2]string
		err = json.Unmarshal(body, &o)
		res.Obs = append(res.Obs, o)
	case 'S':
		err = json.Unmarshal(body, &res.Skip)
	case 'E':
		if string(body) == "true" && len(res.Checks) == 0 {
			res.Checks = append(res.Checks, "failed without a message")
		}
		return true
	}
	if err != nil {
		res.Checks = append(res.Checks, fmt.Sprintf("unreadable record %q", line))
	}
	return false
}

func verdict(res *Result, st unix.WaitStatus, ended, timedOut bool) string {
	switch {
	case res.Skip != "":
		return "skip"
	case timedOut && !ended:
		return "timeout"
	case !ended:
		res.Detail = StatusText(st) + " before the end of the case"
		return "crash"
	case len(res.Checks) > 0:
		return "fail"
	}
	return "ok"
}

// removeTree removes a directory whose content may have lost its permissions.
func removeTree(dir string) {
	filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if d != nil && d.IsDir() {
			os.Chmod(path, 0o700)
		}
		return nil
	})
	os.RemoveAll(dir)
}
