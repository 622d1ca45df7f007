// SPDX-License-Identifier: Apache-2.0

// This file has the verbs exec and ps, and the process that stands on the host
// for one that was executed.

package cli

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"
	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/oci"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// execFlags are the flags of exec.
type execFlags struct {
	process, cwd, user  string
	env, caps           []string
	groups              []uint
	tty, detach, paused bool
	noNewPrivs          bool
	pidFile             string
	consoleSocket       string
	preserveFDs         int
	label, profile, sub string
}

var execVerb = command{
	name: "exec", usage: "exec [flags] ID CMD [ARGS...]", summary: "Run a further process in a container",
	example: "ditto exec -t web sh", min: 1, max: -1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		f := &execFlags{}
		s.StringVarP(&f.process, "process", "p", "", "`FILE` with the process as JSON, as in config.json")
		s.StringVar(&f.cwd, "cwd", "", "`DIR` to start in")
		s.StringVarP(&f.user, "user", "u", "", "`UID[:GID]` to run as")
		s.StringArrayVarP(&f.env, "env", "e", nil, "`K=V` to set in the environment; repeatable")
		s.StringArrayVarP(&f.caps, "cap", "c", nil, "`CAPABILITY` that it has too; repeatable")
		s.UintSliceVarP(&f.groups, "additional-gids", "g", nil, "`GID`s that it has too")
		s.BoolVarP(&f.tty, "tty", "t", false, "with a terminal")
		s.BoolVarP(&f.detach, "detach", "d", false, "don't wait for its end")
		s.BoolVar(&f.noNewPrivs, "no-new-privs", false, "it can't gain privileges")
		s.StringVar(&f.pidFile, "pid-file", "", "`FILE` to write the id of the process that stands for it to")
		s.StringVar(&f.consoleSocket, "console-socket", "", "unix socket at `PATH` that gets the terminal's master")
		s.IntVar(&f.preserveFDs, "preserve-fds", 0, "`N` more descriptors of the caller's for it, behind the standard streams and those of LISTEN_FDS")
		s.StringVar(&f.label, "process-label", "", "accepted: Ditto has no labels")
		s.StringVar(&f.profile, "apparmor", "", "accepted: Ditto has no profiles")
		s.StringVar(&f.sub, "cgroup", "", "not supported yet")
		s.BoolVar(&f.paused, "ignore-paused", false, "if the container is paused, wait until it goes on")
		return f.run
	},
}

// standIn is what the process that stands for another one is told.
type standIn struct {
	Place         oci.Place
	Process       *boot.Process
	ConsoleSocket string
}

func (f *execFlags) run(g *globals, args []string) int {
	base, where, err := g.runtime().Executable(args[0], f.paused)
	if err != nil {
		return g.fail(err)
	}
	p, err := f.spec(base, args[1:])
	if err != nil {
		return g.fail(err)
	}
	process, notes, err := oci.NewProcess(p)
	if err != nil {
		return g.fail(err)
	}
	for _, n := range notes {
		g.entry("info", n)
	}
	if f.sub != "" {
		return g.fail(errors.New("exec: --cgroup is not supported by Ditto yet"))
	}
	extra, err := oci.Extra(process, f.preserveFDs)
	if err != nil {
		return g.fail(err)
	}
	if process.Terminal && f.detach && f.consoleSocket == "" {
		return g.fail(errors.New("cannot allocate tty if runc will detach without setting console socket"))
	}
	in := &standIn{Place: where, Process: process, ConsoleSocket: f.consoleSocket}
	if f.detach {
		return g.done(f.start(in, extra))
	}
	status, err := in.stand(extra, func() error { return oci.WritePid(f.pidFile, os.Getpid()) })
	if err != nil {
		g.fail(err)
	}
	return status
}

// spec is the process to run: a file's, or one made from the container's.
func (f *execFlags) spec(base *specs.Process, args []string) (*specs.Process, error) {
	if f.process != "" {
		return oci.LoadProcess(f.process)
	}
	if len(args) == 0 {
		return nil, errors.New("exec: which command? usage: ditto exec [flags] ID CMD [ARGS...]")
	}
	p := *base
	p.Args, p.Terminal, p.ConsoleSize = args, f.tty, nil
	p.Env = append(slices.Clone(p.Env), f.env...)
	p.NoNewPrivileges = p.NoNewPrivileges || f.noNewPrivs
	if f.cwd != "" {
		p.Cwd = f.cwd
	}
	for _, gid := range f.groups {
		p.User.AdditionalGids = append(slices.Clone(p.User.AdditionalGids), uint32(gid))
	}
	if len(f.caps) > 0 {
		c := specs.LinuxCapabilities{}
		if p.Capabilities != nil {
			c = *p.Capabilities
		}
		for _, set := range []*[]string{&c.Bounding, &c.Effective, &c.Permitted} {
			*set = append(slices.Clone(*set), f.caps...)
		}
		p.Capabilities = &c
	}
	if f.user != "" {
		uid, gid, both := strings.Cut(f.user, ":")
		for _, n := range []struct {
			text string
			into *uint32
		}{{uid, &p.User.UID}, {gid, &p.User.GID}} {
			v, err := strconv.ParseUint(n.text, 10, 32)
			if err != nil && (both || n.text == uid) {
				return nil, fmt.Errorf("--user %q: want UID or UID:GID", f.user)
			}
			if err == nil {
				*n.into = uint32(v)
			}
		}
	}
	return &p, nil
}

// start starts a process of the host's that stands for the executed one and
// stays, and returns when that runs.
func (f *execFlags) start(in *standIn, extra []*os.File) error {
	conn, theirs, err := control.Pair()
	if err != nil {
		return err
	}
	defer conn.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{"ditto", "stand-in"}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.ExtraFiles = append([]*os.File{theirs}, extra...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	err = startBeside(in.Place, cmd)
	theirs.Close()
	if err != nil {
		return err
	}
	var report control.Report
	if err = conn.Send(in); err == nil {
		err = conn.Receive(&report)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("the process that stands for the executed one: %w", err)
	case report.Error != "":
		err = errors.New(report.Error)
	default:
		err = oci.WritePid(f.pidFile, cmd.Process.Pid)
	}
	if err != nil {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	}
	return err
}

// startBeside starts a command in the pid namespace of the sandbox's kernel process, so that it ends before that process has
// ended, and is reaped before: engines lose who is executed if they hear of the container's end first. Where the caller may
// not enter the namespace, the command starts in its own.
func startBeside(where oci.Place, cmd *exec.Cmd) error {
	runtime.LockOSThread() // for good: the thread's children are in the namespace
	if fd, err := where.KernelFD(); err == nil {
		_ = unix.Setns(fd, unix.CLONE_NEWPID)
		unix.Close(fd)
	}
	return cmd.Start()
}

// standInVerb is "ditto stand-in": a process of the host's that ends as the
// one in the sandbox does, and passes signals on. Only ditto itself starts it.
func standInVerb([]string) int {
	// The kernel process sees it in its pid namespace, and must not get at what it has.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		fmt.Fprintf(os.Stderr, "ditto stand-in: %v\n", err)
		return sandbox.StatusFailed
	}
	unix.CloseOnExec(controlFD)
	conn, err := control.Open(controlFD)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ditto stand-in: not for people: \"ditto exec\" starts it")
		return 2
	}
	var in standIn
	if conn.Receive(&in) != nil || in.Process == nil {
		return sandbox.StatusFailed
	}
	var extra []*os.File
	for i := range in.Process.Extra {
		extra = append(extra, os.NewFile(uintptr(controlFD+1+i), "descriptor"))
	}
	status, err := in.stand(extra, func() error {
		// What it has of the engine's is the other process's now.
		if err := nullStdio(); err != nil {
			return err
		}
		defer conn.Close()
		return conn.Send(control.Report{Created: true})
	})
	if err != nil {
		_ = conn.Send(control.Report{Final: true, Status: uint32(status), Error: err.Error()})
	}
	return status
}

func nullStdio() error {
	null, err := os.OpenFile("/dev/null", os.O_RDWR, 0)
	if err != nil {
		return err
	}
	defer null.Close()
	for fd := range 3 {
		if err := unix.Dup3(int(null.Fd()), fd, 0); err != nil {
			return err
		}
	}
	return nil
}

// stand executes the process, and stays until it ends. It calls created when
// it runs.
func (in *standIn) stand(extra []*os.File, created func() error) (int, error) {
	stdio := [3]*os.File{os.Stdin, os.Stdout, os.Stderr}
	front, err := in.front(&stdio)
	if err != nil {
		return sandbox.StatusFailed, err
	}
	defer front.Close()
	conn, err := oci.Exec(in.Place, in.Process, stdio, extra...)
	for _, f := range extra {
		f.Close() // they are the other process's now
	}
	if err != nil {
		return int(boot.ExitStatus(err)), err
	}
	// The connection is closed by this process's end: the sandbox takes that for it.
	if err := created(); err != nil {
		return sandbox.StatusFailed, err
	}
	go front.Forward(func(signo int, size *boot.Winsize) { _ = conn.Send(control.Request{Signal: signo, Winsize: size}) })
	var report control.Report
	if err := conn.Receive(&report); err != nil {
		// The sandbox is gone, and the process with it.
		return 128 + int(unix.SIGKILL), nil
	}
	return sandbox.ExitStatus(report.Status), nil
}

// front catches signals, and finds the terminal, if the process is to have one.
func (in *standIn) front(stdio *[3]*os.File) (*sandbox.Front, error) {
	if !in.Process.Terminal || in.ConsoleSocket == "" {
		front, err := sandbox.NewFront(in.Process.Terminal)
		if err == nil && in.Process.Terminal && front.Size() == nil {
			err = errors.New("standard input is not a terminal")
		}
		return front, err
	}
	slave, err := sandbox.SendConsole(in.ConsoleSocket, in.Process.Winsize)
	if err != nil {
		return nil, fmt.Errorf("--console-socket: %w", err)
	}
	*stdio = [3]*os.File{slave, slave, slave}
	return sandbox.NewFrontOf(slave)
}

var psVerb = command{
	name: "ps", usage: "ps [--format table|json] ID", summary: "List a container's processes; as JSON, the host's ids of those that serve it",
	example: "ditto ps web", min: 1, max: -1,
	flags: func(s *pflag.FlagSet) func(*globals, []string) int {
		format := s.StringP("format", "f", "table", "`FORMAT`: table or json")
		return func(g *globals, args []string) int {
			switch *format {
			case "json":
				pids, err := g.runtime().HostPids(args[0])
				if err != nil {
					return g.fail(err)
				}
				return g.done(json.NewEncoder(os.Stdout).Encode(pids))
			case "table":
				list, err := g.runtime().Processes(args[0])
				if err != nil {
					return g.fail(err)
				}
				return g.done(processTable(list))
			}
			return g.fail(errors.New("--format: want table or json"))
		}
	},
}

func processTable(list []boot.ProcessInfo) error {
	w := tabwriter.NewWriter(os.Stdout, 6, 1, 2, ' ', 0)
	fmt.Fprint(w, "UID\tPID\tPPID\tSTATE\tTHREADS\tTIME\tCMD\n")
	for _, p := range list {
		used := (time.Duration(p.CPUMillis) * time.Millisecond).Round(time.Millisecond)
		fmt.Fprintf(w, "%d\t%d\t%d\t%s\t%d\t%v\t%s\n", p.UID, p.PID, p.PPID, p.State, p.Threads, used, p.Command)
	}
	return w.Flush()
}
