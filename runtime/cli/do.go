// SPDX-License-Identifier: Apache-2.0

package cli

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/spf13/pflag"
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/task"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// The help, in pieces that the manual page has too.
const (
	doAbout = `The command sees the host's files, and may change them as it likes: what it
writes is kept in memory and gone when it ends. Volumes are the exception.`
	doExamples = `  ditto do bash
  ditto do --volume $PWD:/src --workdir /src make test
  ditto do --strace --log /tmp/trace ls /`
	doStatus = `Exit status: the command's; 128+n if signal n ended it; 127 if there is no such
command, 126 if it can't be executed, 125 if the sandbox failed, 2 for a bad flag.`
	doUsage = "Run one command in a fresh sandbox and exit with its status.\n\n" +
		"usage: ditto do [flags] CMD [ARGS...]\n\n" + doAbout + "\n\nFlags:\n%s\nExamples:\n" + doExamples + "\n\n" + doStatus + "\n"
)

// doFlags are the flags of "ditto do".
type doFlags struct {
	set      *pflag.FlagSet
	network  string
	rootfs   string
	volumes  []string
	workdir  string
	env      []string
	user     string
	hostname string
	strace   bool
	counts   string
	log      string
}

func newDoFlags() *doFlags {
	f := &doFlags{set: pflag.NewFlagSet("do", pflag.ContinueOnError)}
	s := f.set
	s.SetInterspersed(false)
	s.SortFlags = false
	s.SetOutput(io.Discard)
	s.Usage = func() {}
	s.StringVar(&f.network, "network", "none", "`NET`: none (loopback only) or host (the caller's network)")
	s.StringVar(&f.rootfs, "rootfs", "/", "`DIR` of the host that is the sandbox's root, read-only underneath")
	s.StringArrayVar(&f.volumes, "volume", nil, "`SRC:DST[:ro]`: show SRC of the host at DST, writable unless ro; repeatable")
	s.StringVar(&f.workdir, "workdir", "", "`DIR` to start in (default: the caller's, if it is there)")
	s.StringArrayVar(&f.env, "env", nil, "`K=V` to set in the environment; repeatable")
	s.StringVar(&f.user, "user", "", "`UID[:GID]` or name to run as (default: the caller)")
	s.StringVar(&f.hostname, "hostname", "", "`NAME` of the sandbox's host (default: the caller's)")
	s.BoolVar(&f.strace, "strace", false, "print every system call, as strace does")
	s.StringVar(&f.counts, "strace-counts", "", "`FILE` to append to which flags, commands and errnos the calls carried")
	s.StringVar(&f.log, "log", "", "`FILE` for the trace and the kernel's messages (default: stderr)")
	return f
}

// do is "ditto do".
func do(args []string) int {
	f := newDoFlags()
	if err := f.set.Parse(args); err != nil {
		if errors.Is(err, pflag.ErrHelp) {
			fmt.Printf(doUsage, f.set.FlagUsages())
			return 0
		}
		return misuse("ditto do: " + err.Error() + hint(f.set, err))
	}
	d, err := f.description()
	if err != nil {
		return misuse("ditto do: " + err.Error())
	}
	return sandbox.Run(sandbox.Options{Description: d, HostNetwork: f.network == "host", Log: f.log, Counts: f.counts})
}

func (f *doFlags) description() (*boot.Description, error) {
	if f.set.NArg() == 0 {
		return nil, errors.New("which command? usage: ditto do [flags] CMD [ARGS...]")
	}
	if f.network != "none" && f.network != "host" {
		return nil, fmt.Errorf("--network %q: want none or host", f.network)
	}
	d := &boot.Description{Hostname: f.hostname, Strace: f.strace, Counts: f.counts != ""}
	d.Process = boot.Process{Args: f.set.Args(), Env: os.Environ(), User: f.user, UID: uint32(os.Getuid()), GID: uint32(os.Getgid())}
	for _, step := range []func(*boot.Description) error{f.identity, f.inherit, f.place, f.mounts, f.environment} {
		if err := step(d); err != nil {
			return nil, err
		}
	}
	return d, nil
}

func (f *doFlags) identity(d *boot.Description) error {
	groups, err := os.Getgroups()
	if err != nil {
		return err
	}
	for _, g := range groups {
		d.Groups = append(d.Groups, uint32(g))
	}
	if d.Hostname == "" {
		d.Hostname, err = os.Hostname()
	}
	if len(d.Hostname) > 64 {
		return fmt.Errorf("--hostname: %d characters, and 64 is the most", len(d.Hostname))
	}
	return err
}

// inherit is what else a process gets from its parent.
func (f *doFlags) inherit(d *boot.Description) error {
	d.Umask = uint32(unix.Umask(0))
	unix.Umask(int(d.Umask))
	for n := range 16 {
		var l unix.Rlimit
		if err := unix.Getrlimit(n, &l); err != nil {
			return err
		}
		if n == unix.RLIMIT_NOFILE {
			// The Go runtime has raised ours; our parent's is what it was.
			_ = unix.Prlimit(os.Getppid(), n, nil, &l)
		}
		d.Limits = append(d.Limits, task.Limit{Cur: l.Cur, Max: l.Max})
	}
	for n := 1; n < 32; n++ {
		if signal.Ignored(unix.Signal(n)) {
			d.Ignored = append(d.Ignored, n)
		}
	}
	return nil
}

func (f *doFlags) place(d *boot.Description) error {
	if d.Cwd, d.CwdMust = f.workdir, f.workdir != ""; d.CwdMust {
		if !filepath.IsAbs(d.Cwd) {
			return fmt.Errorf("--workdir %q: want an absolute path", d.Cwd)
		}
		return nil
	}
	// The logical name, if it is right, is what the caller calls the place.
	cwd, err := os.Getwd()
	if err != nil {
		cwd = "/"
	}
	d.Cwd = cwd
	return nil
}

func (f *doFlags) mounts(d *boot.Description) error {
	root, err := hostDir(f.rootfs)
	if err != nil {
		return fmt.Errorf("--rootfs: %w", err)
	}
	d.Root = root
	for _, v := range f.volumes {
		volume, err := parseVolume(v)
		if err != nil {
			return fmt.Errorf("--volume %q: %w", v, err)
		}
		d.Volumes = append(d.Volumes, volume)
	}
	return nil
}

func hostDir(path string) (string, error) {
	abs, err := filepath.Abs(path)
	if err != nil {
		return "", err
	}
	info, err := os.Stat(abs)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: not a directory", path)
	}
	return abs, err
}

func parseVolume(v string) (boot.Volume, error) {
	parts := strings.Split(v, ":")
	if len(parts) == 3 && (parts[2] == "ro" || parts[2] == "rw") {
		parts, v = parts[:2], parts[2]
	}
	if len(parts) != 2 || parts[0] == "" || !filepath.IsAbs(parts[1]) {
		return boot.Volume{}, errors.New("want SRC:DST or SRC:DST:ro, DST absolute")
	}
	src, err := filepath.Abs(parts[0])
	if err != nil {
		return boot.Volume{}, err
	}
	if _, err := os.Stat(src); err != nil {
		return boot.Volume{}, err
	}
	return boot.Volume{Source: src, Target: filepath.Clean(parts[1]), ReadOnly: v == "ro"}, nil
}

func (f *doFlags) environment(d *boot.Description) error {
	for _, kv := range f.env {
		name, _, ok := strings.Cut(kv, "=")
		if !ok || name == "" {
			return fmt.Errorf("--env %q: want NAME=VALUE", kv)
		}
		d.Env = setenv(d.Env, name, kv)
	}
	return nil
}

// setenv replaces the entry of name, or appends one.
func setenv(env []string, name, entry string) []string {
	for i, e := range env {
		if strings.HasPrefix(e, name+"=") {
			env[i] = entry
			return env
		}
	}
	return append(env, entry)
}
