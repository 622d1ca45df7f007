// SPDX-License-Identifier: Apache-2.0

// This file creates containers.

package oci

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
	"time"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// Runtime is where containers are, and where what is said of them goes.
type Runtime struct {
	Root    string   // the state directories
	Log     *os.File // nil: none
	JSONLog bool
	// Notef is told what has no effect, and other things that one may want to know.
	Notef func(format string, args ...any)

	SystemdCgroup bool
	Rootless      bool // the caller may have no control groups to make some in
}

// CreateOptions are what a container is created from.
type CreateOptions struct {
	ID, Bundle    string
	PidFile       string
	ConsoleSocket string
	// Foreground: the process runs on the caller's own terminal, if it wants one,
	// which has this size.
	Foreground  bool
	Winsize     *boot.Winsize
	PreserveFDs int // how many descriptors of the caller's behind the standard streams the process gets
}

// Create creates a container, which waits to be started. The kernel process
// is a child of the caller's.
func (r *Runtime) Create(o *CreateOptions) (*sandbox.Kernel, error) {
	bundle, err := filepath.Abs(o.Bundle)
	if err != nil {
		return nil, err
	}
	spec, err := LoadSpec(bundle)
	if err != nil {
		return nil, err
	}
	plan, err := NewPlan(bundle, spec)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", configName, err)
	}
	if err := checkConsole(spec.Process.Terminal, o); err != nil {
		return nil, err
	}
	extra, err := Extra(&plan.Description.Process, o.PreserveFDs)
	if err != nil {
		return nil, err
	}
	if err := checkUser(plan); err != nil {
		return nil, err
	}
	if o.Winsize != nil && o.ConsoleSocket == "" {
		plan.Description.Winsize = *o.Winsize
	}
	in, err := r.findSandbox(spec, plan)
	if err != nil {
		return nil, err
	}
	for _, note := range plan.Notes {
		r.Notef("%s", note)
	}
	c, err := r.newContainer(o.ID)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	c.fill(spec, plan, bundle)
	kernel, err := r.create(c, in, spec, plan, o, extra)
	if err != nil {
		_ = c.remove()
		return nil, err
	}
	return kernel, nil
}

// checkUser: only root may make the other namespaces without one of ids.
func checkUser(plan *Plan) error {
	d := plan.Description.Container
	switch {
	case os.Geteuid() == 0:
		return nil
	case len(d.UIDMap) == 0 && len(plan.Joins) == 0:
		return errors.New("linux.namespaces: for who isn't root a container needs one of type \"user\" (ditto spec --rootless makes such a configuration)")
	case len(d.UIDMap) > 1 || len(d.UIDMap) == 1 && d.UIDMap[0].Count > 1:
		return errors.New("linux.uidMappings: who isn't root can only have its own id mapped (podman unshare has a range of ids mapped, and ditto run in it)")
	}
	return nil
}

func checkConsole(terminal bool, o *CreateOptions) error {
	switch {
	case terminal && o.Foreground && o.ConsoleSocket == "" && o.Winsize == nil:
		return errors.New("process.terminal: standard input is not a terminal")
	case terminal && o.ConsoleSocket == "" && !o.Foreground:
		return errors.New("cannot allocate tty if runc will detach without setting console socket") // as engines know it
	case !terminal && o.ConsoleSocket != "":
		return errors.New("--console-socket: process.terminal is false: there is no terminal to send")
	}
	return nil
}

func (c *Container) fill(spec *specs.Spec, plan *Plan, bundle string) {
	c.OCIVersion, c.Bundle, c.Rootfs = spec.Version, bundle, plan.Description.Root
	c.Created, c.Annotations = time.Now().UTC(), spec.Annotations
	c.Process, c.Hooks = spec.Process, spec.Hooks
	if c.Hooks == nil {
		c.Hooks = &specs.Hooks{}
	}
	if u, err := user.Current(); err == nil {
		c.Owner = u.Username
	}
}

// create does what can be undone, and undoes it if it fails.
func (r *Runtime) create(c *Container, in *member, spec *specs.Spec, plan *Plan, o *CreateOptions, extra []*os.File) (_ *sandbox.Kernel, err error) {
	if in != nil {
		c.Sandbox = in.sandbox
	}
	if err := c.save(); err != nil {
		return nil, err
	}
	launch := &sandbox.Container{
		Log: r.Log, JSONLog: r.JSONLog, Stdio: [3]*os.File{os.Stdin, os.Stdout, os.Stderr},
		Extra: extra, HostNetwork: plan.HostNetwork, Network: plan.Network,
	}
	if d := plan.Description.Container; len(d.UIDMap) > 0 {
		launch.IDs = &sandbox.IDs{UIDs: d.UIDMap, GIDs: d.GIDMap}
		d.DenySetgroups = launch.IDs.Denied()
	}
	if o.ConsoleSocket != "" {
		slave, err := sandbox.SendConsole(o.ConsoleSocket, plan.Description.Winsize)
		if err != nil {
			return nil, fmt.Errorf("--console-socket: %w", err)
		}
		defer slave.Close()
		launch.Stdio, launch.Terminal = [3]*os.File{slave, slave, slave}, true
	}
	kernel, err := c.launch(launch, in)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			kernel.Kill()
			c.Cgroup.destroy()
			_ = c.runHooks("poststop", c.Hooks.Poststop)
		}
	}()
	c.Pid, c.StartTime = kernel.Pid(), startTime(kernel.Pid())
	if err := r.prepare(c, spec, plan); err != nil {
		return nil, err
	}
	if in != nil {
		err = c.join(kernel, in, plan.Description)
	} else {
		err = kernel.Create(plan.Description)
	}
	if err != nil {
		return nil, err
	}
	c.Ready = true
	if err := c.save(); err != nil {
		return nil, err
	}
	return kernel, WritePid(o.PidFile, c.Pid)
}

// launch starts the container's kernel process, or the one that stands for it
// where that is another's.
func (c *Container) launch(l *sandbox.Container, in *member) (*sandbox.Kernel, error) {
	if in != nil {
		l.Network = fmt.Sprintf("/proc/%d/ns/net", in.pid)
		return l.LaunchMember()
	}
	var err error
	if l.Socket, err = control.Bind(c.dir); err != nil {
		return nil, fmt.Errorf("control socket: %w", err)
	}
	defer l.Socket.Close()
	return l.Launch()
}

// join has the process that stands for the container bring it into its sandbox, and into its control groups.
func (c *Container) join(kernel *sandbox.Kernel, in *member, d *boot.Description) error {
	groups, err := c.Cgroup.entrances()
	if err != nil {
		return fmt.Errorf("control group: %w", err)
	}
	defer func() {
		for _, g := range groups {
			g.Close()
		}
	}()
	return kernel.Join(in.membership(c, d), groups...)
}

// prepare gives the kernel process, which waits, its place on the host.
func (r *Runtime) prepare(c *Container, spec *specs.Spec, plan *Plan) error {
	if err := r.placeCgroup(c, spec); err != nil {
		return err
	}
	if score := spec.Process.OOMScoreAdj; score != nil {
		name := fmt.Sprintf("/proc/%d/oom_score_adj", c.Pid)
		if err := os.WriteFile(name, []byte(strconv.Itoa(*score)), 0); err != nil {
			return fmt.Errorf("process.oomScoreAdj: %w", err)
		}
	}
	//lint:ignore SA1019 engines use it: Docker's networks depend on it
	if err := c.runHooks("prestart", c.Hooks.Prestart); err != nil {
		return err
	}
	if err := c.runHooks("createRuntime", c.Hooks.CreateRuntime); err != nil {
		return err
	}
	if err := c.runHooksBeside("createContainer", c.Hooks.CreateContainer); err != nil {
		return err
	}
	return setNetSysctl(c.Pid, plan.NetSysctl)
}

// WritePid replaces the pid file as a whole, since engines may wait for it.
func WritePid(name string, pid int) error {
	if name == "" {
		return nil
	}
	fresh := filepath.Join(filepath.Dir(name), "."+filepath.Base(name))
	err := os.WriteFile(fresh, []byte(strconv.Itoa(pid)), 0o666)
	if err == nil {
		err = os.Rename(fresh, name)
	}
	if err != nil {
		return fmt.Errorf("--pid-file: %w", err)
	}
	return nil
}

// Listed is what "ditto state" and "ditto list" print: the specification's
// state and what runc adds.
type Listed struct {
	Version     string            `json:"ociVersion"`
	ID          string            `json:"id"`
	Pid         int               `json:"pid"`
	Status      string            `json:"status"`
	Bundle      string            `json:"bundle"`
	Rootfs      string            `json:"rootfs"`
	Created     time.Time         `json:"created"`
	Annotations map[string]string `json:"annotations,omitempty"`
	Owner       string            `json:"owner"`
}

// Listed is the container as it is now.
func (c *Container) Listed() Listed {
	s := c.State()
	return Listed{s.Version, s.ID, s.Pid, string(s.Status), s.Bundle, c.Rootfs, c.Created, s.Annotations, c.Owner}
}

// StateJSON is what "ditto state" prints.
func (c *Container) StateJSON() ([]byte, error) { return json.MarshalIndent(c.Listed(), "", "  ") }
