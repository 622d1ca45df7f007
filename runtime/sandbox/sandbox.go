// SPDX-License-Identifier: Apache-2.0

// Package sandbox starts the kernel process in fresh namespaces, and stands
// for the sandboxed command towards whoever called: it passes signals and
// the terminal's size on, and ends as the command ended.
//
// The kernel process is process 1 of its own pid namespace, and the stubs are
// its children. So the host itself ends every stub when the kernel process
// ends, however it ends; and the kernel process dies with this one, by its
// parent-death signal and because the control socket ends.
package sandbox

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// Options is what to run, and with what of the host's.
type Options struct {
	Description *boot.Description
	HostNetwork bool
	Log         string // file; empty: standard error
	Counts      string // file to append to what the calls carried; empty: don't
}

// StatusFailed is the exit status when the sandbox itself failed.
const StatusFailed = 125

// Run runs the sandbox to its end and returns the exit status. What went
// wrong is on standard error, in one line.
func Run(o Options) int {
	status, err := run(o)
	if err != nil {
		fmt.Fprintf(os.Stderr, "ditto: %v\n", err)
	}
	return status
}

func run(o Options) (int, error) {
	// The parent-death signal comes when the thread that started the kernel process ends,
	// so it must be one that lives as long as this process.
	runtime.LockOSThread()
	signals := catchSignals()
	term, err := rawTerminal(os.Stdin)
	if err != nil {
		return StatusFailed, fmt.Errorf("terminal: %w", err)
	}
	defer term.restore()
	if term != nil {
		o.Description.Terminal, o.Description.Winsize = true, term.size()
	}
	kernel, conn, err := start(o)
	if err != nil {
		return StatusFailed, err
	}
	defer conn.Close()
	go forward(signals, conn, term)
	go passAbort(kernel.Process)
	status, err := await(conn, o.Counts)
	conn.Close()
	_ = kernel.Wait()
	return status, err
}

// start starts the kernel process and tells it what to run.
func start(o Options) (*exec.Cmd, *control.Conn, error) {
	conn, theirs, err := control.Pair()
	if err != nil {
		return nil, nil, err
	}
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{"ditto", "boot"}
	cmd.Env = boot.Environment()
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = []*os.File{theirs}
	if o.Log != "" {
		log, err := os.OpenFile(o.Log, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
		if err != nil {
			return nil, nil, fmt.Errorf("--log: %w", err)
		}
		defer log.Close()
		cmd.ExtraFiles = append(cmd.ExtraFiles, log)
		cmd.Args = append(cmd.Args, "log")
	}
	cmd.SysProcAttr = namespaces(true) // it makes its network itself (confine.StartMaker)
	if err := cmd.Start(); err != nil {
		return nil, nil, explain(err, cmd.SysProcAttr)
	}
	o.Description.FreshNetwork = !o.HostNetwork
	if err := conn.Send(o.Description); err != nil {
		return nil, nil, fmt.Errorf("kernel process: %w", err)
	}
	return cmd, conn, nil
}

// namespaces is how the kernel process is set apart from the host, in a fresh network or in that which there is.
func namespaces(sameNetwork bool) *syscall.SysProcAttr {
	attr := &syscall.SysProcAttr{
		Cloneflags: unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS,
		Pdeathsig:  unix.SIGKILL,
	}
	if !sameNetwork {
		attr.Cloneflags |= unix.CLONE_NEWNET
	}
	if capable(unix.CAP_SYS_ADMIN) {
		return attr
	}
	// In a user namespace of our own we have every capability. The ids stay
	// what they are, so the capabilities must be handed through exec.
	attr.Cloneflags |= unix.CLONE_NEWUSER
	attr.UidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getuid(), HostID: os.Getuid(), Size: 1}}
	attr.GidMappings = []syscall.SysProcIDMap{{ContainerID: os.Getgid(), HostID: os.Getgid(), Size: 1}}
	attr.AmbientCaps = []uintptr{unix.CAP_SYS_ADMIN, unix.CAP_SETPCAP, unix.CAP_NET_ADMIN}
	return attr
}

// capable tells whether this process has the capability in effect.
func capable(capability uint) bool {
	hdr := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var data [2]unix.CapUserData
	if unix.Capget(&hdr, &data[0]) != nil {
		return false
	}
	return data[capability/32].Effective>>(capability%32)&1 != 0
}

// explain says what to try when the host refuses the namespaces.
func explain(err error, attr *syscall.SysProcAttr) error {
	if attr.Cloneflags&unix.CLONE_NEWUSER != 0 && (errors.Is(err, unix.EPERM) || errors.Is(err, unix.ENOSPC)) {
		return fmt.Errorf("this host gives %d no user namespace (%w): run as root, or look at "+
			"sysctl user.max_user_namespaces and kernel.unprivileged_userns_clone", os.Getuid(), err)
	}
	return fmt.Errorf("kernel process: %w", err)
}

// await waits for the sandbox's end. What it counted goes to the file counts.
func await(conn *control.Conn, counts string) (int, error) {
	for {
		var r control.Report
		err := conn.Receive(&r)
		switch {
		case errors.Is(err, io.EOF):
			return StatusFailed, errors.New("the sandbox's kernel ended before the command did")
		case err != nil:
			return StatusFailed, fmt.Errorf("kernel process: %w", err)
		case r.Counts != "":
			if err := appendTo(counts, r.Counts); err != nil {
				return StatusFailed, fmt.Errorf("--strace-counts: %w", err)
			}
		case !r.Final:
			continue
		case r.Error != "":
			return int(r.Status), errors.New(r.Error)
		default:
			return ExitStatus(r.Status), nil
		}
	}
}

// appendTo adds a text to a file in one piece: sandboxes may share it.
func appendTo(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY|os.O_CREATE|os.O_APPEND, 0o644)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// ExitStatus is what a shell would make of a wait status.
func ExitStatus(status uint32) int {
	w := syscall.WaitStatus(status)
	if w.Signaled() {
		return 128 + int(w.Signal())
	}
	return w.ExitStatus()
}

// catchSignals asks for every signal that someone may send to the command. It
// is called first, so that none ends us while the sandbox starts.
func catchSignals() chan os.Signal {
	signals := make(chan os.Signal, 64)
	for n := 1; n < 65; n++ {
		switch s := syscall.Signal(n); s {
		case unix.SIGKILL, unix.SIGSTOP, unix.SIGCHLD, unix.SIGURG, unix.SIGPIPE, // not the command's, or not to be caught
			unix.SIGSEGV, unix.SIGBUS, unix.SIGFPE, unix.SIGILL, unix.SIGTRAP, unix.SIGPROF, unix.SIGSYS, unix.SIGABRT, // our own
			unix.SIGTTIN, unix.SIGTTOU, 32, 33: // between us and our terminal; the C library's
		default:
			if !signal.Ignored(s) { // else the command ignores it too
				signal.Notify(signals, s)
			}
		}
	}
	return signals
}

// passAbort passes SIGABRT on to the kernel process, which answers as Go
// programs do: with the stacks of all its goroutines. That is how to ask a
// sandbox that hangs what it is doing.
func passAbort(kernel *os.Process) {
	abort := make(chan os.Signal, 1)
	signal.Notify(abort, unix.SIGABRT)
	for range abort {
		_ = kernel.Signal(unix.SIGABRT)
	}
}

// forward passes signals and the terminal's size on.
func forward(signals chan os.Signal, conn *control.Conn, term *terminal) {
	for s := range signals {
		n := s.(syscall.Signal)
		if n == unix.SIGWINCH && term != nil {
			size := term.size()
			_ = conn.Send(control.Request{Winsize: &size})
			continue
		}
		_ = conn.Send(control.Request{Signal: int(n)})
		if n == unix.SIGTSTP {
			// Whoever stopped the command wants to see us stop.
			_ = unix.Kill(unix.Getpid(), unix.SIGSTOP)
		}
	}
}
