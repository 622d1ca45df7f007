// SPDX-License-Identifier: Apache-2.0

package boot

import (
	"fmt"
	"io"
	"os"
	"runtime"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/coredump"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/anon"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
	"github.com/ditto-kernel/ditto/kernel/fs/devpts"
	"github.com/ditto-kernel/ditto/kernel/fs/hostfs"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/ipc"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/platform/stub"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/socket/unixsock"
	"github.com/ditto-kernel/ditto/kernel/strace"
	"github.com/ditto-kernel/ditto/kernel/syscalls"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// Sandbox is one sandbox: a kernel with its first command. What Join returns is a
// further container of it, with which it shares the kernel.
type Sandbox struct {
	d       *Description
	joined  bool
	facts   *Facts
	log     *lineWriter
	poller  *hostpoll.Poller
	tty     *tty.TTY // nil: standard input is no terminal
	kernel  *task.Kernel
	stubs   *stub.Platform
	nursery *stub.Nursery // of a container that the host counts apart
	tasks   *task.Container
	pids    *task.PidNS
	ipc     *task.IPCNS
	group   *cgroupfs.Group  // of a container
	spaces  *task.Namespaces // nil: the kernel's first
	ns      *vfs.Namespace
	pts     *devpts.FS
	proc    vfs.FileSystem
	sys     vfs.FileSystem
	main    *task.Task
	running sync.Once
	extra   []int      // descriptors that the command gets behind its streams
	stdio   []*os.File // of a container that joined, with those behind it, until it has its own
	counter strace.Counter
	ended   chan int32

	execMu sync.Mutex // terminals of executed processes get their numbers one by one
}

// Error is why a command did not start, with the exit status that a shell
// would give.
type Error struct {
	Status int
	Text   string
}

func (e *Error) Error() string { return e.Text }

// ExitStatus is the exit status that goes with an error of Start.
func ExitStatus(err error) uint32 {
	if e, ok := err.(*Error); ok {
		return uint32(e.Status)
	}
	return 125
}

// procs is how many goroutines may run at once. A task's spins while its application computes for a moment, so there must be
// more than processors. (To be tuned.)
func procs() int { return max(4, 2*runtime.NumCPU()) }

// Environment is what the process that a sandbox is prepared in has in its environment: settings of Go's runtime, which would have everything
// stop for a moment if they were made later on.
func Environment() []string { return []string{"GOGC=400", fmt.Sprintf("GOMAXPROCS=%d", procs())} }

// Prepare makes what needs the host's /proc and its terminal: the platform and
// the console. The caller confines the process afterwards, and before Start.
// What the kernel has to say goes to log. maker is the socket of the maker of network namespaces (confine.StartMaker); -1: there is none.
func Prepare(d *Description, log io.Writer, maker int) (*Sandbox, error) {
	time.AfterFunc(starting, startCollector)
	if n := procs(); n != runtime.GOMAXPROCS(0) {
		runtime.GOMAXPROCS(n)
	}
	// Modes of files are the sandbox's own matter.
	unix.Umask(0)
	if c := d.Container; c != nil && len(c.UIDMap) > 0 {
		cred.Surround(c.UIDMap, c.GIDMap, c.DenySetgroups)
	}
	s := &Sandbox{d: d, log: &lineWriter{w: log}, ended: make(chan int32, 1)}
	var err error
	if s.facts, err = openFacts(); err != nil {
		return nil, err
	}
	protect()
	if s.poller, err = hostpoll.New(); err != nil {
		return nil, fmt.Errorf("poller: %w", err)
	}
	inet.Start(s.poller)
	anon.Start(s.poller)
	hostfs.Start(s.poller)
	inet.UnixDiagnosis = unixsock.Diagnose
	if d.Terminal {
		if s.tty, err = tty.NewHost(os.Stdin, 0, s.poller); err != nil {
			return nil, fmt.Errorf("terminal: %w", err)
		}
	}
	platform, err := stub.New(stub.Options{})
	if err != nil {
		return nil, fmt.Errorf("platform: %w", err)
	}
	s.kernel, s.stubs = task.New(platform), platform
	s.kernel.HostStat = s.facts.proc.Stat
	s.tasks, s.pids, s.ipc = s.kernel.Container(), s.kernel.FirstPids(), s.kernel.IPC()
	s.kernel.SetNetwork(openNetwork(d), s.networks(maker))
	s.kernel.Syscall = syscalls.Dispatch
	s.kernel.Panic = s.panicked
	s.kernel.DumpCore = coredump.Write
	s.kernel.OnExec = append(s.kernel.OnExec, syscalls.DropTimers, syscalls.DropRingFDs)
	s.kernel.OnExit = append(s.kernel.OnExit, syscalls.StopTimers, syscalls.DropRingFDs, ipc.OnExit)
	s.kernel.ChangeUTS(func(u *task.UTS) {
		// The version whose system calls the table has.
		u.Nodename, u.Release, u.Version = d.Hostname, "6.18.0", "#1 SMP PREEMPT_DYNAMIC Ditto"
		if d.Container != nil && d.Container.Domainname != "" {
			u.Domainname = d.Container.Domainname
		}
	})
	if d.Container != nil {
		s.tasks.MaxTasks.Store(d.Container.MaxTasks)
	}
	if d.Strace || d.Counts {
		tracer := &syscalls.Tracer{}
		if d.Strace {
			tracer.Print = s.trace
		}
		if d.Counts {
			tracer.Counter = &s.counter
			s.kernel.Interrupted = s.counter.Interrupted
		}
		s.kernel.Syscall, s.kernel.SeesFutex = tracer.Dispatch, true
	}
	return s, nil
}

// networks is how network namespaces are made.
func (s *Sandbox) networks(maker int) func(*cred.UserNS) (*netns.Network, error) {
	if maker >= 0 {
		return netns.NewMaker(maker).New
	}
	return func(*cred.UserNS) (*netns.Network, error) {
		s.log.printf("ditto: no network namespace can be made: the host gives this process no user namespace to own it\n")
		return nil, unix.ENOSPC
	}
}

// Start mounts the tree and starts the command. root and volumes are
// descriptors of what the description names.
func (s *Sandbox) Start(root int, volumes []int) error {
	if err := s.Create(root, volumes); err != nil {
		return err
	}
	s.Run()
	return nil
}

// Inherit says which descriptors of this process the command gets behind its
// streams. They are closed when it has them.
func (s *Sandbox) Inherit(fds []int) { s.extra = fds }

// Create is Start up to the command's first instruction.
func (s *Sandbox) Create(root int, volumes []int) error {
	s.registerTypes()
	build := s.mount
	if s.d.Container != nil {
		build = s.mountContainer
	}
	var err error
	if s.ns, err = build(root, volumes); err != nil {
		return err
	}
	s.kernel.SetMounts(s.ns)
	if err := s.makeMain(); err != nil {
		return err
	}
	for _, fd := range s.extra {
		unix.Close(fd)
	}
	return nil
}

// Run lets the command run; from the second time on it does nothing.
func (s *Sandbox) Run() { s.running.Do(s.main.Start) }

// Wait returns the command's wait status when it has ended.
func (s *Sandbox) Wait() uint32 {
	status := <-s.ended
	switch {
	case s.joined:
		s.release()
	case s.tty != nil:
		s.tty.CloseHost()
	}
	return uint32(status)
}

// Counts is which flags, commands and errnos the calls carried so far, as
// fixtures/conformance/exercised.tsv has it; empty if nothing was counted.
func (s *Sandbox) Counts() string {
	var b strings.Builder
	_, _ = s.counter.WriteTo(&b)
	return b.String()
}

// Signal sends the command a signal, as from outside.
func (s *Sandbox) Signal(signo int) { signalGroup(s.main.Group(), signo) }

// SignalAll sends every process of the container a signal, as from outside.
func (s *Sandbox) SignalAll(signo int) {
	for _, g := range s.kernel.GroupsOf(s.tasks) {
		signalGroup(g, signo)
	}
}

func signalGroup(g *task.ThreadGroup, signo int) {
	info := task.KernelInfo(signo)
	_ = g.SendSignal(&info)
}

// SetWinsize tells the terminal's new size.
func (s *Sandbox) SetWinsize(w Winsize) {
	if s.tty != nil {
		s.tty.SetWinsize(tty.Winsize{Rows: w.Row, Cols: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel})
	}
}

// trace prints a line of --strace. Only the first process goes unnamed.
func (s *Sandbox) trace(t *task.Task, line string) {
	if s.main == nil || t == s.main {
		s.log.printf("%s\n", line)
		return
	}
	s.log.printf("[pid %5d] %s\n", t.Pid(), line)
}

// panicked ends the sandbox because a handler panicked (architecture.md, 9.5).
// The stubs die with this process.
func (s *Sandbox) panicked(t *task.Task, nr uint64, args [6]uint64, reason any, stack []byte) {
	name := fmt.Sprintf("syscall %d", nr)
	if nr < uint64(len(syscalls.Table)) && syscalls.Table[nr].Name != "" {
		name = syscalls.Table[nr].Name
	}
	s.log.printf("ditto: kernel panic: %v\nin %s%#x of pid %d (%s)\nditto version %s, %s, Linux %s\n%s\nAll goroutines:\n%s", reason, name, args, t.Pid(), t.Comm(),
		Version, runtime.Version(), hostRelease(), stack, stacks())
	os.Exit(125)
}

// Version is that of the program, for reports of its end.
var Version = "dev"

func hostRelease() string {
	var u unix.Utsname
	if err := unix.Uname(&u); err != nil {
		return err.Error()
	}
	return unix.ByteSliceToString(u.Release[:])
}

// stacks are those of all goroutines, as far as they fit.
func stacks() []byte {
	b := make([]byte, 1<<20)
	return b[:runtime.Stack(b, true)]
}

// lineWriter writes each message in one piece.
type lineWriter struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *lineWriter) printf(format string, args ...any) {
	l.mu.Lock()
	defer l.mu.Unlock()
	fmt.Fprintf(l.w, format, args...)
}
