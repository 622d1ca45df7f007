// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/confine"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// controlFD is the first descriptor that the kernel process starts with, behind the
// standard three; those that its arguments name follow.
const controlFD = 3

// bootVerb is "ditto boot": the kernel process of one sandbox. Only ditto
// itself starts it.
func bootVerb(args []string) int {
	// Signals to ditto's process group (from the terminal, from timeout(1))
	// are the sandbox's command's, which gets them through the control socket.
	signal.Ignore(unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM, unix.SIGTERM, unix.SIGTSTP,
		unix.SIGTTIN, unix.SIGTTOU, unix.SIGVTALRM, unix.SIGIO, unix.SIGPWR, unix.SIGXCPU, unix.SIGXFSZ)
	boot.Version = Version
	k := &kernelProcess{log: os.Stderr, socket: -1}
	for i, name := range args {
		k.take(name, controlFD+1+i)
	}
	var err error
	if k.conn, err = control.Open(controlFD); err != nil {
		fmt.Fprintln(os.Stderr, "ditto boot: not for people: \"ditto do\" and \"ditto create\" start it")
		return 2
	}
	status, err := k.run()
	report := control.Report{Final: true, Status: status}
	if err != nil {
		report.Error = err.Error()
	}
	if k.created {
		// The engine is its parent by now, and wants the container's status.
		return sandbox.ExitStatus(status)
	}
	if err := k.conn.Send(report); err != nil {
		return sandbox.StatusFailed
	}
	return 0
}

// kernelProcess is this process as its commands see it.
type kernelProcess struct {
	conn    *control.Conn
	log     *os.File
	json    bool  // the log's format
	socket  int   // of a container, listening; -1: none
	extra   []int // what the command gets behind its streams
	created bool  // a container, and whoever created it was told so
}

// take takes over a descriptor by what it is for.
func (k *kernelProcess) take(name string, fd int) {
	unix.CloseOnExec(fd)
	switch name {
	case "socket":
		k.socket = fd
	case "extra":
		k.extra = append(k.extra, fd)
	case "log", "jsonlog":
		k.log, k.json = os.NewFile(uintptr(fd), "log"), name == "jsonlog"
		_ = debug.SetCrashOutput(k.log, debug.CrashOptions{})
	}
}

// run confines this process and runs the sandbox in it. With an error comes
// the exit status that it stands for.
func (k *kernelProcess) run() (uint32, error) {
	var d boot.Description
	if err := k.conn.Receive(&d); err != nil {
		return sandbox.StatusFailed, fmt.Errorf("description: %w", err)
	}
	// The stubs keep the working directory that they are started with.
	if err := unix.Chdir("/"); err != nil {
		return sandbox.StatusFailed, err
	}
	maker, err := k.network(&d)
	if err != nil {
		return sandbox.StatusFailed, fmt.Errorf("network: %w", err)
	}
	files, err := confine.Open(&d, k.taken(), nil)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	s, err := boot.Prepare(&d, k.logger(), maker)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	defer null.Close()
	if err := files.EmptyRoot(); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := confine.DropCapabilities(confine.Keep(&d, maker >= 0)); err != nil {
		return sandbox.StatusFailed, err
	}
	if err := confine.Filter(); err != nil {
		return sandbox.StatusFailed, err
	}
	s.Inherit(k.extra)
	if err := s.Create(files.Root, files.Volumes); err != nil {
		return boot.ExitStatus(err), err
	}
	if d.Container != nil {
		return k.runContainer(s, d.Terminal, null)
	}
	s.Run()
	go serve(k.conn, s)
	status := s.Wait()
	if d.Counts {
		return status, k.conn.Send(control.Report{Counts: s.Counts()})
	}
	return status, nil
}

// taken are the mounts that came with the description, if its sender opened them.
func (k *kernelProcess) taken() (t confine.Taken) {
	for _, f := range k.conn.Files() {
		// Its own from now on: a file of Go's would close itself.
		if fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 5); err == nil {
			t = append(t, fd)
		}
		f.Close()
	}
	return t
}

// network prepares this process's network namespace, and starts the maker of others. On a host that gives no user namespaces there is
// none (-1), and a fresh network is this process's own.
func (k *kernelProcess) network(d *boot.Description) (maker int, err error) {
	enter := d.FreshNetwork && d.Container == nil // else the runtime has made it, for hooks to find
	maker, err = confine.StartMaker(enter)
	if err != nil {
		if maker = -1; enter {
			if err := confine.FreshNetwork(); err != nil {
				return -1, err
			}
		}
	}
	if d.FreshNetwork {
		return maker, confine.LoopbackUp()
	}
	return maker, nil
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
