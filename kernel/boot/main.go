// SPDX-License-Identifier: Apache-2.0

// This file starts the sandbox's first command.

package boot

import (
	"bytes"
	"errors"
	"fmt"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/hostfile"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/syscalls"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// makeMain makes the first command. A container's is pid 1. Otherwise that is
// the kernel's own and reaps orphans, and the command is its child: an ordinary
// process, with default signal actions.
func (s *Sandbox) makeMain() error {
	ended := func(status int32) { s.ended <- status }
	std := stdio{fds: [3]int{0, 1, 2}, extra: s.extra, tty: s.tty}
	create := s.kernel.NewProcess
	if s.d.Container != nil {
		s.kernel.InitExit = ended
		create = func(f task.First) (*task.Task, error) { return s.kernel.NewInit(f, false), nil }
	} else {
		s.kernel.NewInit(task.First{Creds: cred.Root(), FS: vfs.NewFS(s.ns.Root()), Comm: "init"}, true)
	}
	_, err := s.spawn(&s.d.Process, std, func(f task.First) (t *task.Task, err error) {
		f.OnDeath = ended
		t, err = create(f)
		s.main = t
		return t, err
	})
	return err
}

// ownClocks gives a container the time namespace that its first process makes.
func (s *Sandbox) ownClocks() (err error) {
	c := s.d.Container
	if c == nil || c.Clocks == nil || s.main != nil {
		return nil
	}
	if s.spaces, err = s.kernel.WithClocks(s.spaces, c.Clocks); err != nil {
		return fmt.Errorf("clocks of a time namespace: %w", err)
	}
	return nil
}

// spawn makes a process that is ready to be started.
func (s *Sandbox) spawn(p *Process, std stdio, create func(task.First) (*task.Task, error)) (*task.Task, error) {
	who, err := identity(s.ns, p)
	if err == nil {
		err = named(who)
	}
	if err != nil {
		return nil, err
	}
	files, err := s.open(std, who)
	if err != nil {
		return nil, err
	}
	fs := vfs.NewFS(s.ns.Root())
	fs.SetUmask(p.Umask)
	if err := s.ownClocks(); err != nil {
		return nil, err
	}
	limits := task.DefaultLimits()
	for i := range min(len(limits), len(p.Limits)) {
		limits[i] = p.Limits[i]
	}
	t, err := create(task.First{Creds: who, Files: files, FS: fs, Comm: "ditto", Limits: &limits, Container: s.tasks, Namespaces: s.spaces})
	if err != nil {
		return nil, err
	}
	t.Group().SetOOMScoreAdj(int32(p.OOMScore))
	if s.d.Container != nil {
		p.Env = withHome(p.Env, s.ns, who)
		t.SetPersonality(s.d.Container.Personality)
	}
	if err := s.place(t, p); err != nil {
		return nil, err
	}
	if err := s.enter(t, p); err != nil {
		return nil, err
	}
	for _, signo := range p.Ignored {
		t.SetAction(signo, task.SigAction{Handler: task.SigIgn})
	}
	if std.tty != nil {
		if err := std.tty.Acquire(t, false); err != nil {
			return nil, fmt.Errorf("terminal: %w", err)
		}
	}
	if err := s.filter(t); err != nil {
		return nil, err
	}
	return t, s.exec(t, p)
}

// place says when and where a process runs, and where its memory is.
func (s *Sandbox) place(t *task.Task, p *Process) error {
	if p.Sched != nil {
		t.SetSchedParams(p.Sched)
	}
	if p.IOPrio != 0 {
		t.SetIOPrio(p.IOPrio)
	}
	if p.CPUs != nil && !syscalls.SetAffinity(t, p.CPUs) {
		return errors.New("process.execCPUAffinity.final: none of these processors is the sandbox's")
	}
	if s.d.Container == nil || s.d.Container.Memory == nil {
		return nil
	}
	policy, err := syscalls.MemoryPolicy(s.d.Container.Memory.Mode, &s.d.Container.Memory.Nodes)
	if err != nil {
		return fmt.Errorf("linux.memoryPolicy: %w", err)
	}
	t.SetMemPolicy(policy)
	return nil
}

// filter puts the container's seccomp profile on a process. What starts it is
// the kernel's doing, which no filter sees.
func (s *Sandbox) filter(t *task.Task) error {
	if s.d.Container == nil || s.d.Container.Seccomp == nil {
		return nil
	}
	f, err := syscalls.SeccompProfile(s.d.Container.Seccomp)
	if err == nil {
		_, err = t.InstallSeccomp(f, false)
	}
	if err != nil {
		return fmt.Errorf("linux.seccomp: %w", err)
	}
	return nil
}

// enter puts the command into its working directory.
func (s *Sandbox) enter(t *task.Task, p *Process) error {
	at := vfs.At{Root: s.ns.Root(), Dir: s.ns.Root()}
	dir, err := vfs.Lookup(t, at, p.Cwd, vfs.Follow)
	if errors.Is(err, unix.ENOENT) && s.d.Container != nil && p.CwdMust {
		// As the other runtimes do, where a directory is missing.
		if err = makePlace(bootCtx{}, s.ns, p.Cwd, true); err == nil {
			dir, err = vfs.Lookup(t, at, p.Cwd, vfs.Follow)
		}
	}
	if err == nil && !dir.Dentry.IsDir() {
		err = unix.ENOTDIR
	}
	if err == nil {
		err = vfs.Permission(t, dir.Inode(), vfs.MayExec)
	}
	switch {
	case err == nil:
		t.FS().SetCwd(dir)
	case p.CwdMust && s.d.Container != nil:
		return &Error{126, fmt.Sprintf("chdir to cwd (%q) set in config.json failed: %s", p.Cwd, text(err))}
	case p.CwdMust:
		return &Error{2, fmt.Sprintf("--workdir %q: %v", p.Cwd, err)}
	}
	return nil
}

// stdio is what a process gets as its standard streams: descriptors of the
// host's, and the terminal that the first one is, if any. extra come behind them.
type stdio struct {
	fds   [3]int
	extra []int
	tty   *tty.TTY
}

// open is the descriptor table with the host's standard streams. What is the
// terminal on standard input goes through the sandbox's own, as one open file
// that has a name there.
func (s *Sandbox) open(std stdio, who *cred.Creds) (*vfs.FDTable, error) {
	files := vfs.NewFDTable()
	var in unix.Stat_t
	if err := unix.Fstat(std.fds[0], &in); err != nil {
		return nil, err
	}
	var terminal *vfs.File
	if std.tty != nil {
		terminal = s.openTerminal(std.tty)
		defer terminal.DecRef()
	}
	hosts := append(std.fds[:], std.extra...)
	for fd, host := range hosts {
		f, err := s.stream(host, &in, terminal, who)
		if err != nil {
			return nil, fmt.Errorf("descriptor %d: %w", fd, err)
		}
		if _, err := files.Install(f, vfs.FD(fd), false, uint64(len(hosts))); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// openTerminal opens a terminal by its name, so that programs find that; or
// without one, where a container has no such names.
func (s *Sandbox) openTerminal(t *tty.TTY) *vfs.File {
	at := vfs.At{Root: s.ns.Root(), Dir: s.ns.Root()}
	const flags = unix.O_RDWR | unix.O_NOCTTY
	name := fmt.Sprintf("/dev/pts/%d", unix.Minor(t.Rdev()))
	f, err := vfs.Open(bootCtx{}, at, name, vfs.OpenHow{Flags: flags})
	if err != nil {
		return t.File(flags)
	}
	return f
}

// stream is one descriptor of the host's as a file of the sandbox.
func (s *Sandbox) stream(fd int, in *unix.Stat_t, terminal *vfs.File, who *cred.Creds) (*vfs.File, error) {
	var st unix.Stat_t
	if err := unix.Fstat(fd, &st); err != nil {
		return nil, err
	}
	if terminal != nil && st.Mode&unix.S_IFMT == unix.S_IFCHR && st.Rdev == in.Rdev {
		return terminal.IncRef(), nil
	}
	own, err := unix.FcntlInt(uintptr(fd), unix.F_DUPFD_CLOEXEC, 5)
	if err != nil {
		return nil, err
	}
	if st.Mode&unix.S_IFMT != unix.S_IFSOCK {
		return hostfile.New(own, s.poller)
	}
	switch socket, err := inet.Import(who, s.kernel.FirstNetNS().Network, own); {
	case err == nil:
		return socket.File(unix.O_RDWR), nil
	case err != unix.EAFNOSUPPORT:
		return nil, err
	}
	if listens, err := unix.GetsockoptInt(own, unix.SOL_SOCKET, unix.SO_ACCEPTCONN); err == nil && listens != 0 {
		return nil, errors.New("a socket that listens, and is not of AF_INET or AF_INET6: not supported by Ditto yet")
	}
	return hostfile.New(own, s.poller)
}

// exec finds the command and gives it to the task.
func (s *Sandbox) exec(t *task.Task, p *Process) error {
	name := p.command()
	f, path, err := s.find(t, p)
	if err != nil {
		return err
	}
	defer f.DecRef()
	r := &loader.Request{Platform: t.Platform(), Ctx: t, At: t.FS().At(), File: f, Filename: path}
	for _, a := range p.Args {
		r.Argv = append(r.Argv, []byte(a))
	}
	for _, e := range p.Env {
		r.Envp = append(r.Envp, []byte(e))
	}
	img, err := loader.Load(r)
	if errors.Is(err, unix.ENOEXEC) {
		if other := describe(t, f); other != "" {
			return &Error{126, fmt.Sprintf("%s: exec format error: %s", name, other)}
		}
		if s.d.Container != nil {
			return &Error{126, fmt.Sprintf("exec %s: exec format error", path)}
		}
		// A script without #! is the shell's, as execvp(3) has it.
		script := *p
		script.Path, script.Args = "", append([]string{"/bin/sh", path}, p.Args[1:]...)
		return s.exec(t, &script)
	}
	if err != nil {
		return s.failure(name, err)
	}
	if s.d.Strace {
		s.trace(t, fmt.Sprintf("execve(%q, %s, ... /* %d vars */) = 0", path, quoted(p.Args), len(p.Env)))
	}
	return t.CommitExec(img)
}

// find opens the command: a path as it is, a name along PATH.
func (s *Sandbox) find(t *task.Task, p *Process) (*vfs.File, string, error) {
	name := p.command()
	if strings.Contains(name, "/") {
		f, err := loader.OpenExec(t, t.FS().At(), name, true)
		return f, name, s.failure(name, err)
	}
	found := error(unix.ENOENT)
	for _, dir := range strings.Split(searchPath(p.Env), ":") {
		if dir == "" {
			dir = "."
		}
		path := strings.TrimSuffix(dir, "/") + "/" + name
		f, err := loader.OpenExec(t, t.FS().At(), path, true)
		if err == nil {
			return f, path, nil
		}
		if err == unix.EACCES {
			found = err
		}
	}
	return nil, "", s.failure(name, found)
}

func searchPath(env []string) string {
	for _, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			return path
		}
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

// failure is what a shell says of a command that it can't open. Engines look
// for other words, and make an exit status of them.
func (s *Sandbox) failure(name string, err error) error {
	missing := name == "" || errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ENOTDIR)
	switch {
	case err == nil:
		return nil
	case s.d.Container != nil && missing && !strings.Contains(name, "/"):
		return &Error{127, fmt.Sprintf("exec: %q: executable file not found in $PATH", name)}
	case s.d.Container != nil && missing:
		return &Error{127, fmt.Sprintf("exec: %q: stat %s: no such file or directory", name, name)}
	case s.d.Container != nil:
		return &Error{126, fmt.Sprintf("exec: %q: %s", name, text(err))}
	case name == "":
		return &Error{127, `"": command not found`}
	case missing:
		return &Error{127, name + ": command not found"}
	}
	return &Error{126, name + ": " + text(err)}
}

func text(err error) string {
	var e unix.Errno
	if errors.As(err, &e) {
		return e.Error()
	}
	return err.Error()
}

func quoted(args []string) string {
	var b strings.Builder
	for i, a := range args {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%q", a)
	}
	return "[" + b.String() + "]"
}

// machines are the names of other architectures (elf.h).
var machines = map[uint16]string{
	3: "i386", 8: "mips", 20: "ppc", 21: "ppc64", 22: "s390x", 40: "arm", 183: "aarch64", 243: "riscv64", 258: "loongarch64",
}

// describe says what an ELF file that can't be run is; empty if it is none.
func describe(t *task.Task, f *vfs.File) string {
	head := make([]byte, 20)
	b, pos := user.KernelBuf(head), int64(0)
	if n, err := f.Ops.Read(t, f, &b, &pos); err != nil || n < len(head) || !bytes.HasPrefix(head, []byte("\x7fELF")) {
		return ""
	}
	order := uint16(head[18]) | uint16(head[19])<<8
	if head[5] == 2 { // ELFDATA2MSB
		order = uint16(head[19]) | uint16(head[18])<<8
	}
	if name := machines[order]; name != "" {
		return "ELF for " + name
	}
	return fmt.Sprintf("ELF for machine %d", order)
}
