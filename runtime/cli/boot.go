// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/confine"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// Descriptors that the kernel process starts with, behind the standard three.
const (
	controlFD = 3
	logFD     = 4 // if there is an argument "log"
)

// bootVerb is "ditto boot": the kernel process of one sandbox. Only ditto
// itself starts it.
func bootVerb(args []string) int {
	// Signals to ditto's process group (from the terminal, from timeout(1))
	// are the sandbox's command's, which gets them through the control socket.
	signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGTERM, unix.SIGTSTP,
		unix.SIGTTIN, unix.SIGTTOU, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR, unix.SIGXCPU, unix.SIGXFSZ)
	log := openLog(args)
	conn, err := control.Open(controlFD)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ditto boot: not for people: \"ditto do\" starts it")
		return 2
	}
	status, err := runKernel(conn, log)
	report := control.Report{Final: true, Status: status}
	if err != nil {
		report.Error = err.Error()
	}
	if err := conn.Send(report); err != nil {
		return sandbox.StatusFailed
	}
	return 0
}

func openLog(args []string) *os.File {
	if len(args) == 0 || args[0] != "log" {
		return os.Stderr
	}
	unix.CloseOnExec(logFD)
	f := os.NewFile(logFD, "log")
	_ = debug.SetCrashOutput(f, debug.CrashOptions{})
	return f
}

// runKernel confines this process and runs the sandbox in it. With an error
// comes the exit status that it stands for.
func runKernel(conn *control.Conn, log io.Writer) (uint32, error) {
	var d boot.Description
	if err := conn.Receive(&d); err != nil {
		return sandbox.StatusFailed, fmt.Errorf("description: %w", err)
	}
	// The stubs keep the working directory that they are started with.
	if err := unix.Chdir("/"); err != nil {
		return sandbox.StatusFailed, err
	}
	files, err := confine.Open(&d)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	s, err := boot.Prepare(&d, log)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	if err := confine.EmptyRoot(); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := confine.DropCapabilities(confine.Keep(&d)); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := confine.Filter(); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := s.Start(files.Root, files.Volumes); err != nil {
		return boot.ExitStatus(err), err
	}
	go serve(conn, s)
	status := s.Wait()
	if d.Counts {
		return status, conn.Send(control.Report{Counts: s.Counts()})
	}
	return status, nil
}

// serve passes on what the command asks, and ends this process with it.
func serve(conn *control.Conn, s *boot.Sandbox) {
	for {
		var r control.Request
		if err := conn.Receive(&r); err != nil {
			os.Exit(sandbox.StatusFailed)
		}
		if r.Winsize != nil {
			s.SetWinsize(*r.Winsize)
		}
		if r.Signal != 0 {
			s.Signal(r.Signal)
		}
	}
}
