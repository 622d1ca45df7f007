// SPDX-License-Identifier: Apache-2.0

// This file keeps an executor running on one side, and starts another when it has ended or hangs.

package engine

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"runtime"
	"strings"
	"syscall"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/tools/fuzz/prog"
)

// Side is an executor, natively or in the sandbox.
type Side struct {
	Name string
	Args []string // its command line

	// Fresh prepares what a start needs, and Uses is how many programs one start can take; 0 is any number.
	Fresh func() error
	Uses  int

	// CPU is the processor it stays on, if Pinned. A system call of the sandbox is a conversation of two processes, which costs less on
	// one processor than on two that have other things to do as well.
	CPU    int
	Pinned bool

	used  int
	cmd   *exec.Cmd
	in    io.WriteCloser
	out   *os.File
	read  *bufio.Reader
	said  bytes.Buffer
	ended chan struct{}
}

const patience = 60 * time.Second

func (s *Side) start() error {
	if s.Fresh != nil {
		if err := s.Fresh(); err != nil {
			return err
		}
	}
	r, w, err := os.Pipe()
	if err != nil {
		return err
	}
	defer w.Close()
	s.said.Reset()
	s.cmd = exec.Command(s.Args[0], s.Args[1:]...)
	s.cmd.Stdout, s.cmd.Stderr = w, &s.said
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.cmd.WaitDelay = time.Second
	if s.in, err = s.cmd.StdinPipe(); err != nil {
		return err
	}
	if err := s.launch(); err != nil {
		s.cmd = nil
		r.Close()
		return err
	}
	s.out, s.read, s.used, s.ended = r, bufio.NewReader(r), 0, make(chan struct{})
	go func(cmd *exec.Cmd, ended chan struct{}) {
		_ = cmd.Wait()
		close(ended)
	}(s.cmd, s.ended)
	return nil
}

// launch starts the command, on its processor.
func (s *Side) launch() error {
	if !s.Pinned {
		return s.cmd.Start()
	}
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var before, only unix.CPUSet
	if err := unix.SchedGetaffinity(0, &before); err != nil {
		return err
	}
	only.Set(s.CPU)
	if err := unix.SchedSetaffinity(0, &only); err != nil {
		return err
	}
	return errors.Join(s.cmd.Start(), unix.SchedSetaffinity(0, &before))
}

// Stop ends the executor.
func (s *Side) Stop() {
	if s.cmd == nil {
		return
	}
	s.in.Close()
	select {
	case <-s.ended:
	case <-time.After(3 * time.Second):
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.ended
	}
	s.out.Close()
	s.cmd = nil
}

// abort ends an executor that is silent, and has a sandbox's kernel show its goroutines.
func (s *Side) abort() string {
	_ = s.cmd.Process.Signal(syscall.SIGABRT)
	select {
	case <-s.ended:
	case <-time.After(5 * time.Second):
		_ = syscall.Kill(-s.cmd.Process.Pid, syscall.SIGKILL)
		<-s.ended
	}
	s.out.Close()
	s.in.Close()
	s.cmd = nil
	return s.said.String()
}

// Lost is the error of an executor that ended, or said nothing for long, in the middle of a program.
type Lost struct{ Side, Why, Said string }

func (l *Lost) Error() string {
	said := l.Said
	if len(said) > 20000 {
		said = said[:20000] + "..."
	}
	return fmt.Sprintf("the executor of the %s side %s:\n%s", l.Side, l.Why, said)
}

// Run performs a program and answers what it saw, a line an operation.
func (s *Side) Run(p *prog.Program) ([]string, error) {
	saw, err := s.RunAll([]*prog.Program{p})
	if err != nil {
		return nil, err
	}
	return saw[0], nil
}

// RunAll performs programs one after the other, and answers what each saw: of as many as were performed before an error.
// All are sent at once, so that the executor waits for nobody.
func (s *Side) RunAll(programs []*prog.Program) ([][]string, error) {
	var saw [][]string
	for len(programs) > 0 {
		if s.cmd != nil && s.Uses > 0 && s.used == s.Uses {
			s.Stop()
		}
		if s.cmd == nil {
			if err := s.start(); err != nil {
				return saw, fmt.Errorf("starting the %s side: %w", s.Name, err)
			}
		}
		n := len(programs)
		if s.Uses > 0 {
			n = min(n, s.Uses-s.used)
		}
		var message []byte
		for _, p := range programs[:n] {
			message = append(message, p.Encode(s.used)...)
			s.used++
		}
		go func(in io.Writer) { _, _ = in.Write(message) }(s.in)
		for range n {
			text, err := s.answer()
			if err != nil {
				return saw, err
			}
			saw = append(saw, strings.Split(strings.TrimSuffix(text, "\n"), "\n"))
		}
		programs = programs[n:]
	}
	return saw, nil
}

func (s *Side) answer() (string, error) {
	_ = s.out.SetReadDeadline(time.Now().Add(patience))
	var size [4]byte
	_, err := io.ReadFull(s.read, size[:])
	text := make([]byte, binary.LittleEndian.Uint32(size[:]))
	if err == nil {
		_, err = io.ReadFull(s.read, text)
	}
	if err != nil {
		why := "ended"
		if errors.Is(err, os.ErrDeadlineExceeded) {
			why = "fell silent"
		}
		return "", &Lost{s.Name, why, s.abort()}
	}
	return string(text), nil
}
