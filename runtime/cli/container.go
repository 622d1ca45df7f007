// SPDX-License-Identifier: Apache-2.0

// This file is the kernel process of a container: what it does when commands
// connect to its socket.

package cli

import (
	"encoding/json"
	"errors"
	"io"
	"os"
	"os/signal"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// runContainer says that the container is there, and serves its socket until
// it ends.
func (k *kernelProcess) runContainer(s *boot.Sandbox, terminal bool, null *os.File) (uint32, error) {
	listener, err := control.Listen(k.socket)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	if terminal {
		k.followTerminal(s)
	} else if err := k.letGo(null); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := k.conn.Send(control.Report{Created: true}); err != nil {
		return sandbox.StatusFailed, err
	}
	k.created = true
	k.conn.Close()
	p := &pod{first: &container{s: s}, others: map[string]*container{}}
	go p.accept(listener)
	status := s.Wait()
	p.drain()
	return status, nil
}

// letGo leaves the engine's streams to the container's process: when that
// closes them, their ends are to come. Without a log this process keeps
// standard error for what it may have to say at its own end.
func (k *kernelProcess) letGo(null *os.File) error {
	last := 2
	if k.log == os.Stderr {
		last = 1
	}
	for fd := 0; fd <= last; fd++ {
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			return os.NewSyscallError("dup3", err)
		}
	}
	return nil
}

// followTerminal tells the sandbox the size of its terminal, now and whenever
// it changes.
func (k *kernelProcess) followTerminal(s *boot.Sandbox) {
	fd, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 5)
	if err != nil {
		return
	}
	resized := make(chan os.Signal, 1)
	signal.Notify(resized, unix.SIGWINCH)
	tell := func() {
		if w, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
			s.SetWinsize(boot.Winsize{Row: w.Row, Col: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel})
		}
	}
	tell()
	go func() {
		for range resized {
			tell()
		}
	}()
}

// container answers commands about one container.
type container struct {
	s      *boot.Sandbox
	joined bool // the sandbox is another's

	mu      sync.Mutex
	started bool
}

func (c *container) answer(r *control.Request) (control.Report, error) {
	switch {
	case r.Start:
		return control.Report{}, c.start()
	case r.List:
		return control.Report{Processes: c.s.Processes(), MaxTasks: c.s.MaxTasks()}, nil
	case r.MaxTasks != nil:
		c.s.SetMaxTasks(*r.MaxTasks)
		return control.Report{}, nil
	case r.Limits != nil:
		c.s.SetLimits(*r.Limits)
		return control.Report{}, nil
	case r.Winsize != nil:
		c.s.SetWinsize(*r.Winsize)
		return control.Report{}, nil
	case r.Signal != 0:
		return control.Report{}, c.signal(r.Signal, r.All)
	}
	return control.Report{}, errors.New("unknown request")
}

func (c *container) start() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.started {
		return errors.New("cannot start an already running container")
	}
	c.started = true
	c.s.Run()
	return nil
}

// signal passes a signal on. Before its start a container has a process that
// can only be killed.
func (c *container) signal(signo int, all bool) error {
	c.mu.Lock()
	started := c.started
	c.mu.Unlock()
	switch {
	case !started && signo == int(unix.SIGKILL) && c.joined:
		c.s.End()
	case !started && signo == int(unix.SIGKILL):
		os.Exit(128 + signo)
	case all:
		c.s.SignalAll(signo)
	default:
		c.s.Signal(signo)
	}
	return nil
}

// exec runs a process for a command, which goes when that goes.
func (c *container) exec(conn *control.Conn, p *boot.Process) {
	e, err := c.s.Exec(p, conn.Files())
	if err != nil {
		refuse(conn, err)
		return
	}
	g := guest{signal: e.Signal, winsize: e.SetWinsize, end: func() { e.Signal(int(unix.SIGKILL)) }, wait: e.Wait}
	g.serve(conn)
}

// logger is where the kernel's messages go.
func (k *kernelProcess) logger() io.Writer {
	if k.json {
		return jsonLines{json.NewEncoder(k.log)}
	}
	return k.log
}

// jsonLines makes each message an entry of the log that engines read.
type jsonLines struct{ enc *json.Encoder }

func (l jsonLines) Write(p []byte) (int, error) {
	level := "debug"
	if strings.HasPrefix(string(p), "ditto: kernel panic") {
		level = "error"
	}
	entry := struct {
		Level string `json:"level"`
		Msg   string `json:"msg"`
		Time  string `json:"time"`
	}{level, strings.TrimSuffix(string(p), "\n"), time.Now().Format(time.RFC3339)}
	return len(p), l.enc.Encode(entry)
}
