// SPDX-License-Identifier: Apache-2.0

// This file makes of a configuration what the kernel process is told. A field
// that asks for what Ditto can't do is an error that names it; one that means
// nothing in a sandbox, and that engines always send, is noted.

package oci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// straceAnnotation turns the trace of system calls on, into the log.
const straceAnnotation = "dev.ditto.strace"

// Plan is what a configuration asks for.
type Plan struct {
	Description *boot.Description
	Notes       []string // what was accepted and has no effect

	HostNetwork bool
	Network     string            // path of the network namespace to join
	NetSysctl   map[string]string // for the network namespace, on the host

	Joins map[specs.LinuxNamespaceType]string // paths of other namespaces to join
}

// conversion is a Plan in the making.
type conversion struct {
	Plan
	bundle string
	spec   *specs.Spec
	d      *boot.Description
}

func (c *conversion) note(format string, args ...any) {
	c.Notes = append(c.Notes, fmt.Sprintf(format, args...))
}

// NewPlan checks the configuration of a bundle and converts it.
func NewPlan(bundle string, spec *specs.Spec) (*Plan, error) {
	c := &conversion{bundle: bundle, spec: spec, d: &boot.Description{Container: &boot.Container{}}}
	c.Description = c.d
	for _, step := range []func() error{c.root, c.process, c.names, c.mounts, c.linux, c.hooks, c.foreign} {
		if err := step(); err != nil {
			return nil, err
		}
	}
	return &c.Plan, nil
}

func (c *conversion) root() error {
	r := c.spec.Root
	if r == nil || r.Path == "" {
		return errors.New("root.path is missing")
	}
	c.d.Root = r.Path
	if !filepath.IsAbs(r.Path) {
		c.d.Root = filepath.Join(c.bundle, r.Path)
	}
	info, err := os.Stat(c.d.Root)
	if err == nil && !info.IsDir() {
		err = fmt.Errorf("%s: not a directory", c.d.Root)
	}
	if err != nil {
		return fmt.Errorf("root.path: %w", err)
	}
	c.d.Container.ReadOnlyRoot = r.Readonly
	return nil
}

func (c *conversion) process() error {
	if c.spec.Process == nil {
		return errors.New("process is missing")
	}
	p, notes, err := NewProcess(c.spec.Process)
	if err != nil {
		return err
	}
	c.d.Process = *p
	c.d.CPUs = nil // execCPUAffinity is for others
	c.Notes = append(c.Notes, notes...)
	return nil
}

// NewProcess checks a process and converts it.
func NewProcess(p *specs.Process) (*boot.Process, []string, error) {
	var notes []string
	switch {
	case len(p.Args) == 0 || p.Args[0] == "":
		return nil, nil, errors.New("process.args is missing")
	case !filepath.IsAbs(p.Cwd):
		return nil, nil, fmt.Errorf("process.cwd: %q is not an absolute path", p.Cwd)
	}
	for _, e := range p.Env {
		if i := strings.IndexByte(e, '='); i <= 0 || strings.IndexByte(e, 0) >= 0 {
			return nil, nil, fmt.Errorf("process.env: %q is not NAME=VALUE", e)
		}
	}
	if p.ApparmorProfile != "" {
		notes = append(notes, "process.apparmorProfile: the application's system calls are Ditto's, which has no profiles")
	}
	if p.SelinuxLabel != "" {
		notes = append(notes, "process.selinuxLabel: Ditto has no labels")
	}
	d := &boot.Process{
		Args: p.Args, Env: p.Env, Cwd: p.Cwd, CwdMust: true, UID: p.User.UID, GID: p.User.GID, Groups: p.User.AdditionalGids,
		NoNewPrivs: p.NoNewPrivileges, Umask: 0o022, Terminal: p.Terminal,
	}
	if a := p.ExecCPUAffinity; a != nil {
		if _, err := bits("initial", a.Initial, maxCPUs); err != nil {
			return nil, nil, fmt.Errorf("process.execCPUAffinity.%w", err)
		}
		var err error
		if d.CPUs, err = bits("final", a.Final, maxCPUs); err != nil {
			return nil, nil, fmt.Errorf("process.execCPUAffinity.%w", err)
		}
		if a.Initial != "" {
			notes = append(notes, "process.execCPUAffinity.initial: a process is in its container from its start on")
		}
	}
	if p.User.Umask != nil {
		d.Umask = *p.User.Umask
	}
	if p.OOMScoreAdj != nil {
		if d.OOMScore = *p.OOMScoreAdj; d.OOMScore < -1000 || d.OOMScore > 1000 {
			return nil, nil, fmt.Errorf("process.oomScoreAdj: %d is not between -1000 and 1000", d.OOMScore)
		}
	}
	if p.ConsoleSize != nil {
		d.Winsize = boot.Winsize{Row: uint16(p.ConsoleSize.Height), Col: uint16(p.ConsoleSize.Width)}
	}
	var err error
	if d.Caps, err = caps(p.Capabilities); err != nil {
		return nil, nil, err
	}
	if d.Limits, err = rlimits(p.Rlimits); err != nil {
		return nil, nil, err
	}
	if d.Sched, err = scheduler(p.Scheduler); err != nil {
		return nil, nil, fmt.Errorf("process.scheduler.%w", err)
	}
	if d.IOPrio, err = ioPriority(p.IOPriority); err != nil {
		return nil, nil, fmt.Errorf("process.ioPriority.%w", err)
	}
	return d, notes, nil
}

// rlimits are the caller's limits, and those that are set over them.
func rlimits(list []specs.POSIXRlimit) ([]task.Limit, error) {
	var result []task.Limit
	for n := range limits {
		var l unix.Rlimit
		if err := unix.Getrlimit(n, &l); err != nil {
			return nil, err
		}
		if n == unix.RLIMIT_NOFILE {
			// The Go runtime has raised ours; our parent's is what it was.
			_ = unix.Prlimit(os.Getppid(), n, nil, &l)
		}
		result = append(result, task.Limit{Cur: l.Cur, Max: l.Max})
	}
	var seen []string
	for _, l := range list {
		n, ok := limit(l.Type)
		switch {
		case !ok:
			return nil, fmt.Errorf("process.rlimits: unknown limit %q", l.Type)
		case slices.Contains(seen, l.Type):
			return nil, fmt.Errorf("process.rlimits: %s is there twice", l.Type)
		case l.Soft > l.Hard:
			return nil, fmt.Errorf("process.rlimits: %s: soft limit %d above the hard limit %d", l.Type, l.Soft, l.Hard)
		}
		seen = append(seen, l.Type)
		result[n] = task.Limit{Cur: l.Soft, Max: l.Hard}
	}
	return result, nil
}

func (c *conversion) names() error {
	for _, n := range []struct{ field, value string }{{"hostname", c.spec.Hostname}, {"domainname", c.spec.Domainname}} {
		if len(n.value) > 64 {
			return fmt.Errorf("%s: %d characters, and 64 is the most", n.field, len(n.value))
		}
	}
	c.d.Container.Domainname = c.spec.Domainname
	c.d.Hostname = c.spec.Hostname
	if c.d.Hostname == "" {
		c.d.Hostname, _ = os.Hostname()
	}
	c.d.Strace = c.spec.Annotations[straceAnnotation] == "true"
	return nil
}

// hooks checks what they are.
func (c *conversion) hooks() error {
	h := c.spec.Hooks
	if h == nil {
		return nil
	}
	for _, kind := range []struct {
		name  string
		hooks []specs.Hook
	}{
		//lint:ignore SA1019 engines use it: Docker's networks depend on it
		{"prestart", h.Prestart}, {"createRuntime", h.CreateRuntime}, {"createContainer", h.CreateContainer},
		{"startContainer", h.StartContainer}, {"poststart", h.Poststart}, {"poststop", h.Poststop},
	} {
		for i, hook := range kind.hooks {
			if !filepath.IsAbs(hook.Path) {
				return fmt.Errorf("hooks.%s[%d].path: %q is not an absolute path", kind.name, i, hook.Path)
			}
			if hook.Timeout != nil && *hook.Timeout <= 0 {
				return fmt.Errorf("hooks.%s[%d].timeout: %d is not positive", kind.name, i, *hook.Timeout)
			}
		}
	}
	return nil
}

// foreign refuses configurations for other systems.
func (c *conversion) foreign() error {
	switch s := c.spec; {
	case s.Solaris != nil:
		return errors.New("solaris: this is Linux")
	case s.Windows != nil:
		return errors.New("windows: this is Linux")
	case s.FreeBSD != nil:
		return errors.New("freebsd: this is Linux")
	case s.ZOS != nil:
		return errors.New("zos: this is Linux")
	case s.VM != nil:
		return errors.New("vm: Ditto needs no virtual machine")
	}
	return nil
}
