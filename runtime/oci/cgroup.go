// SPDX-License-Identifier: Apache-2.0

// This file places the processes of a sandbox among the host's control groups,
// of version 1, 2 or both.

package oci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/opencontainers/cgroups"
	"github.com/opencontainers/cgroups/manager"
	specs "github.com/opencontainers/runtime-spec/specs-go"
)

// Cgroup is where a container is among the host's control groups; nil: where
// its creator was.
type Cgroup struct {
	Config *cgroups.Cgroup   `json:"config"`
	Paths  map[string]string `json:"paths"`
}

func (c *Cgroup) manager() (cgroups.Manager, error) {
	if c == nil {
		return nil, errors.New("the container has no control group of its own")
	}
	config := *c.Config
	if config.Resources == nil {
		config.Resources = &cgroups.Resources{} // one without values is not written
	}
	return manager.NewWithPaths(&config, c.Paths)
}

// placeCgroup makes the container's group and moves the kernel process there. The record
// says where it is before it is there: whoever is killed in between leaves
// nothing that delete can't find.
func (r *Runtime) placeCgroup(c *Container, spec *specs.Spec) error {
	l := spec.Linux
	if l == nil {
		l = &specs.Linux{}
	}
	config, err := cgroupConfig(c.ID, l.CgroupsPath, r.SystemdCgroup)
	if err != nil {
		return err
	}
	if config.Resources, err = resources(l.Resources); err != nil {
		return err
	}
	if _, holds := podOf(spec.Annotations); holds && config.Resources.CpuShares != 0 {
		// Engines mean a process that waits. This one runs the others' programs, too.
		config.Resources.CpuShares, config.Resources.CpuWeight = 0, 0
		r.Notef("linux.resources.cpu.shares: not for a sandbox that others come into")
	}
	m, err := manager.New(config)
	if err == nil {
		c.Cgroup = &Cgroup{Config: config, Paths: m.GetPaths()}
		err = c.enterCgroup(m)
	}
	if err == nil {
		return c.save()
	}
	_ = c.Cgroup.destroy()
	c.Cgroup = nil
	// A caller who isn't root, or a host without control groups: nothing is lost
	// if nothing was asked for.
	if l.CgroupsPath == "" || r.Rootless {
		if asksNothing(l.Resources) {
			r.Notef("control group: %v: the container stays in the caller's", err)
			return c.save()
		}
	}
	return fmt.Errorf("control group: %w", err)
}

func (c *Container) enterCgroup(m cgroups.Manager) error {
	if err := c.save(); err != nil {
		return err
	}
	if err := m.Apply(c.Pid); err != nil {
		return err
	}
	c.Cgroup.Paths = m.GetPaths()
	return m.Set(c.Cgroup.Config.Resources)
}

func cgroupConfig(id, path string, systemd bool) (*cgroups.Cgroup, error) {
	if !systemd {
		if path == "" {
			path = id // below the caller's own
		}
		return &cgroups.Cgroup{Path: path}, nil
	}
	if path == "" {
		return &cgroups.Cgroup{Systemd: true, ScopePrefix: "ditto", Name: id}, nil
	}
	parts := strings.Split(path, ":")
	if len(parts) != 3 {
		return nil, fmt.Errorf("linux.cgroupsPath: %q: with --systemd-cgroup want SLICE:PREFIX:NAME", path)
	}
	return &cgroups.Cgroup{Systemd: true, Parent: parts[0], ScopePrefix: parts[1], Name: parts[2]}, nil
}

func asksNothing(r *specs.LinuxResources) bool {
	return r == nil || r.Memory == nil && r.CPU == nil && r.BlockIO == nil && r.HugepageLimits == nil && r.Network == nil &&
		r.Rdma == nil && r.Unified == nil
}

// entrances are the files by which processes come into the group, one for each hierarchy.
func (c *Cgroup) entrances() (files []*os.File, err error) {
	if c == nil {
		return nil, nil
	}
	seen := map[string]bool{}
	for _, dir := range c.Paths {
		if dir == "" || seen[dir] {
			continue
		}
		seen[dir] = true
		f, err := os.OpenFile(filepath.Join(dir, "cgroup.procs"), os.O_WRONLY, 0)
		if err != nil {
			for _, f := range files {
				f.Close()
			}
			return nil, err
		}
		files = append(files, f)
	}
	return files, nil
}

func (c *Cgroup) frozen() bool {
	if c == nil {
		return false
	}
	m, err := c.manager()
	if err != nil {
		return false
	}
	state, err := m.GetFreezerState()
	return err == nil && state == cgroups.Frozen
}

func (c *Cgroup) thaw() {
	if m, err := c.manager(); err == nil {
		_ = m.Freeze(cgroups.Thawed)
	}
}

func (c *Cgroup) destroy() error {
	if c == nil {
		return nil
	}
	m, err := c.manager()
	if err != nil {
		return err
	}
	return m.Destroy()
}

// Pause stops everything in a container, or lets it go on.
func (r *Runtime) Pause(id string, pause bool) error {
	return r.With(id, func(c *Container) error {
		state := cgroups.Frozen
		switch status := c.Status(); {
		case pause && status != Running && status != Created:
			return fmt.Errorf("container not running or created: %s", status)
		case !pause && status != Paused:
			return errors.New("container not paused")
		case !pause:
			state = cgroups.Thawed
		}
		m, err := c.Cgroup.manager()
		if err != nil {
			return err
		}
		return m.Freeze(state)
	})
}
