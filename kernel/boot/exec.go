// SPDX-License-Identifier: Apache-2.0

// This file is about further processes in a sandbox that runs ("ditto exec"),
// and about what it tells of those that it has ("ditto ps").

package boot

import (
	"fmt"
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// Executed is a process that was started in a running sandbox.
type Executed struct {
	s     *Sandbox
	task  *task.Task
	tty   *tty.TTY // nil: no terminal
	files []*os.File
	ended chan int32
}

// Exec starts a process with descriptors of the host's as its standard streams,
// and behind them, which it takes over. It has no parent: its end is told here only.
func (s *Sandbox) Exec(p *Process, files []*os.File) (*Executed, error) {
	s.execMu.Lock()
	defer s.execMu.Unlock()
	e := &Executed{s: s, files: files, ended: make(chan int32, 1)}
	if err := e.start(p); err != nil {
		e.close()
		return nil, err
	}
	return e, nil
}

func (e *Executed) start(p *Process) (err error) {
	s := e.s
	if len(e.files) != 3+p.Extra {
		return fmt.Errorf("%d descriptors", len(e.files))
	}
	var std stdio
	for i, f := range e.files {
		if i < len(std.fds) {
			std.fds[i] = int(f.Fd())
		} else {
			std.extra = append(std.extra, int(f.Fd()))
		}
	}
	if p.Terminal {
		if e.tty, err = tty.NewHost(e.files[0], s.pts.FreeIndex(), s.poller); err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
		s.pts.AddHost(e.tty, 0)
		std.tty = e.tty
	}
	_, err = s.spawn(p, std, func(f task.First) (t *task.Task, err error) {
		f.Alone = true
		f.OnDeath = func(status int32) { e.ended <- status }
		t, err = s.kernel.NewProcess(f)
		e.task = t
		return t, err
	})
	if err != nil && e.task != nil {
		e.Signal(int(unix.SIGKILL)) // it got no program: all that it does is to end
		e.task.Start()
		<-e.ended
		return err
	}
	if err != nil {
		return err
	}
	// It has its own by now, and shall be the one that closes them. The terminal works on the first.
	keep := 0
	if e.tty != nil {
		keep = 1
	}
	for _, f := range e.files[keep:] {
		f.Close()
	}
	e.files = e.files[:keep]
	e.task.Start()
	return nil
}

// Pid is the process's id in the sandbox.
func (e *Executed) Pid() int { return int(e.task.Group().ID()) }

// Wait returns the process's wait status when it has ended.
func (e *Executed) Wait() uint32 {
	status := <-e.ended
	e.close()
	return uint32(status)
}

// Signal sends the process a signal, as from outside.
func (e *Executed) Signal(signo int) { signalGroup(e.task.Group(), signo) }

// SetWinsize tells the new size of its terminal.
func (e *Executed) SetWinsize(w Winsize) {
	if e.tty != nil {
		e.tty.SetWinsize(tty.Winsize{Rows: w.Row, Cols: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel})
	}
}

func (e *Executed) close() {
	if e.tty != nil {
		e.tty.HangUp()
		e.tty.CloseHost()
		e.s.pts.RemoveHost(e.tty)
	}
	e.closeFiles()
}

func (e *Executed) closeFiles() {
	for _, f := range e.files {
		f.Close()
	}
	e.files = nil
}

// ProcessInfo is a line of "ditto ps".
type ProcessInfo struct {
	UID       uint32 `json:"uid"`
	PID       int32  `json:"pid"`
	PPID      int32  `json:"ppid"`
	State     string `json:"state"`
	Threads   int    `json:"threads"`
	CPUMillis int64  `json:"cpuMillis"`
	Command   string `json:"command"`
}

// Processes lists what runs in the container, by the numbers that it knows itself.
func (s *Sandbox) Processes() (list []ProcessInfo) {
	for _, g := range s.kernel.GroupsOf(s.tasks) {
		leader := g.Leader()
		i := task.InfoOf(leader)
		used := i.GroupTimes.User + i.GroupTimes.System
		list = append(list, ProcessInfo{
			UID: uint32(leader.Creds().EUID), PID: s.kernel.ShowIn(g.ID(), s.pids), PPID: s.kernel.ShowIn(g.ParentID(), s.pids), State: string(i.State), Threads: len(g.Threads()),
			CPUMillis: int64(used / time.Millisecond), Command: s.commandLine(g),
		})
	}
	return list
}

// MaxTasks is the limit on processes and threads; 0: none. SetMaxTasks changes it.
func (s *Sandbox) MaxTasks() int64 { return s.tasks.MaxTasks.Load() }

// SetMaxTasks: see MaxTasks.
func (s *Sandbox) SetMaxTasks(n int64) { s.tasks.MaxTasks.Store(n) }

// SetLimits says what the host's limits are from now on.
func (s *Sandbox) SetLimits(l cgroupfs.Limits) { s.group.Set(l) }

// commandLine is what /proc/PID/cmdline has, or the name in brackets.
func (s *Sandbox) commandLine(g *task.ThreadGroup) string {
	b, err := readFile(s.ns, fmt.Sprintf("/proc/%d/cmdline", s.kernel.ShowIn(g.ID(), s.pids)))
	if line := strings.TrimSpace(strings.ReplaceAll(string(b), "\x00", " ")); err == nil && line != "" {
		return line
	}
	return "[" + g.Leader().Comm() + "]"
}
