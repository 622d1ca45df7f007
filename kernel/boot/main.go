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
	"github.com/ditto-kernel/ditto/kernel/loader"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// startMain makes pid 1, which is the kernel's own and reaps orphans, and the
// command as its child: an ordinary process, with default signal actions.
func (s *Sandbox) startMain(ns *vfs.Namespace) error {
	s.kernel.NewInit(task.First{Creds: cred.Root(), FS: vfs.NewFS(ns.Root()), Comm: "init"}, true)
	who, err := s.identity(ns)
	if err != nil {
		return err
	}
	files, err := s.stdio(ns)
	if err != nil {
		return err
	}
	fs := vfs.NewFS(ns.Root())
	fs.SetUmask(s.d.Umask)
	limits := task.DefaultLimits()
	for i := range min(len(limits), len(s.d.Limits)) {
		limits[i] = s.d.Limits[i]
	}
	t, err := s.kernel.NewProcess(task.First{
		Creds: who, Files: files, FS: fs, Comm: "ditto", Limits: &limits, OnDeath: func(status int32) { s.ended <- status },
	})
	if err != nil {
		return err
	}
	s.main = t
	if err := s.enter(t, ns); err != nil {
		return err
	}
	for _, signo := range s.d.Ignored {
		t.SetAction(signo, task.SigAction{Handler: task.SigIgn})
	}
	if s.tty != nil {
		if err := s.tty.Acquire(t, false); err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
	}
	if err := s.exec(t); err != nil {
		return err
	}
	t.Start()
	return nil
}

// enter puts the command into its working directory.
func (s *Sandbox) enter(t *task.Task, ns *vfs.Namespace) error {
	at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
	p, err := vfs.Lookup(t, at, s.d.Cwd, vfs.Follow)
	if err == nil && !p.Dentry.IsDir() {
		err = unix.ENOTDIR
	}
	if err == nil {
		err = vfs.Permission(t, p.Inode(), vfs.MayExec)
	}
	switch {
	case err == nil:
		t.FS().SetCwd(p)
	case s.d.CwdMust:
		return &Error{2, fmt.Sprintf("--workdir %q: %v", s.d.Cwd, err)}
	}
	return nil
}

// stdio is the descriptor table with the host's standard streams. What is the
// terminal on standard input goes through the sandbox's own, as one open file
// that has a name there.
func (s *Sandbox) stdio(ns *vfs.Namespace) (*vfs.FDTable, error) {
	files := vfs.NewFDTable()
	var in unix.Stat_t
	if err := unix.Fstat(0, &in); err != nil {
		return nil, err
	}
	var terminal *vfs.File
	if s.tty != nil {
		at := vfs.At{Root: ns.Root(), Dir: ns.Root()}
		f, err := vfs.Open(bootCtx{}, at, "/dev/pts/0", vfs.OpenHow{Flags: unix.O_RDWR | unix.O_NOCTTY})
		if err != nil {
			return nil, fmt.Errorf("/dev/pts/0: %w", err)
		}
		defer f.DecRef()
		terminal = f
	}
	for fd := range 3 {
		f, err := s.stream(fd, &in, terminal)
		if err != nil {
			return nil, fmt.Errorf("descriptor %d: %w", fd, err)
		}
		if _, err := files.Install(f, vfs.FD(fd), false, 3); err != nil {
			return nil, err
		}
	}
	return files, nil
}

func (s *Sandbox) stream(fd int, in *unix.Stat_t, terminal *vfs.File) (*vfs.File, error) {
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
	return hostfile.New(own, s.poller)
}

// exec finds the command and gives it to the task.
func (s *Sandbox) exec(t *task.Task) error {
	name := s.d.Args[0]
	f, path, err := s.find(t, name)
	if err != nil {
		return err
	}
	defer f.DecRef()
	r := &loader.Request{Platform: s.kernel.Platform, Ctx: t, At: t.FS().At(), File: f, Filename: path}
	for _, a := range s.d.Args {
		r.Argv = append(r.Argv, []byte(a))
	}
	for _, e := range s.d.Env {
		r.Envp = append(r.Envp, []byte(e))
	}
	img, err := loader.Load(r)
	if errors.Is(err, unix.ENOEXEC) {
		if other := describe(t, f); other != "" {
			return &Error{126, fmt.Sprintf("%s: exec format error: %s", name, other)}
		}
		// A script without #! is the shell's, as execvp(3) has it.
		s.d.Args = append([]string{"/bin/sh", path}, s.d.Args[1:]...)
		return s.exec(t)
	}
	if err != nil {
		return &Error{126, fmt.Sprintf("%s: %s", name, text(err))}
	}
	if s.d.Strace {
		s.trace(t, fmt.Sprintf("execve(%q, %s, ... /* %d vars */) = 0", path, quoted(s.d.Args), len(s.d.Env)))
	}
	return t.CommitExec(img)
}

// find opens the command: a path as it is, a name along PATH.
func (s *Sandbox) find(t *task.Task, name string) (*vfs.File, string, error) {
	if strings.Contains(name, "/") {
		f, err := loader.OpenExec(t, t.FS().At(), name, true)
		return f, name, failure(name, err)
	}
	found := error(unix.ENOENT)
	for _, dir := range strings.Split(searchPath(s.d.Env), ":") {
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
	return nil, "", failure(name, found)
}

func searchPath(env []string) string {
	for _, e := range env {
		if path, ok := strings.CutPrefix(e, "PATH="); ok {
			return path
		}
	}
	return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
}

// failure is what a shell says of a command that it can't open.
func failure(name string, err error) error {
	switch {
	case err == nil:
		return nil
	case name == "":
		return &Error{127, `"": command not found`}
	case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ENOTDIR):
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
