// SPDX-License-Identifier: Apache-2.0

// This file reads the configuration's part for Linux.

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
	"github.com/ditto-kernel/ditto/kernel/mm"
	"github.com/ditto-kernel/ditto/kernel/syscalls"
	"github.com/ditto-kernel/ditto/kernel/task"
)

func (c *conversion) linux() error {
	l := c.spec.Linux
	if l == nil {
		l = &specs.Linux{Namespaces: []specs.LinuxNamespace{{Type: specs.PIDNamespace}, {Type: specs.MountNamespace},
			{Type: specs.IPCNamespace}, {Type: specs.NetworkNamespace}, {Type: specs.UTSNamespace}}}
	}
	if err := c.namespaces(l); err != nil {
		return err
	}
	if err := unsupported(l); err != nil {
		return err
	}
	if err := c.personality(l.Personality); err != nil {
		return err
	}
	if err := c.memoryPolicy(l.MemoryPolicy); err != nil {
		return fmt.Errorf("linux.memoryPolicy: %w", err)
	}
	if err := c.seccomp(l.Seccomp); err != nil {
		return fmt.Errorf("linux.seccomp: %w", err)
	}
	c.meaningless(l)
	c.d.Container.MaxTasks = maxTasks(l.Resources)
	r, err := resources(l.Resources)
	if err != nil {
		return err
	}
	c.d.Container.Limits = limitsOf(r)
	c.sysctl(l)
	if c.HostNetwork && len(c.NetSysctl) > 0 {
		return fmt.Errorf("linux.sysctl: net.*: not allowed in the host's network namespace")
	}
	if err := c.devices(l); err != nil {
		return err
	}
	for _, list := range []struct {
		field string
		paths []string
		into  *[]string
	}{
		{"maskedPaths", l.MaskedPaths, &c.d.Container.Masked}, {"readonlyPaths", l.ReadonlyPaths, &c.d.Container.ReadOnly},
	} {
		for _, p := range list.paths {
			if !filepath.IsAbs(p) {
				return fmt.Errorf("linux.%s: %q is not an absolute path", list.field, p)
			}
			*list.into = append(*list.into, p)
		}
	}
	return nil
}

// namespaces: a sandbox is in namespaces of its own by what it is. The network's
// can be another one; those of some kinds can be a sandbox's that runs, which
// the container then joins.
func (c *conversion) namespaces(l *specs.Linux) error {
	seen := map[specs.LinuxNamespaceType]bool{}
	c.Joins = map[specs.LinuxNamespaceType]string{}
	for i, ns := range l.Namespaces {
		switch {
		case seen[ns.Type]:
			return fmt.Errorf("linux.namespaces[%d]: type %q is there twice", i, ns.Type)
		case ns.Type == specs.NetworkNamespace:
			c.Network = ns.Path
		case ns.Type == specs.UserNamespace && ns.Path == "":
			if err := c.userNamespace(l); err != nil {
				return fmt.Errorf("linux.%w", err)
			}
		case ns.Path != "" && slices.Contains(shareable, ns.Type):
			c.Joins[ns.Type] = ns.Path
		case ns.Path != "":
			return fmt.Errorf("linux.namespaces[%d]: joining a %s namespace (%s) is not supported by Ditto yet", i, ns.Type, ns.Path)
		}
		switch ns.Type {
		case specs.PIDNamespace, specs.NetworkNamespace, specs.MountNamespace, specs.IPCNamespace, specs.UTSNamespace, specs.CgroupNamespace,
			specs.UserNamespace, specs.TimeNamespace:
		default:
			return fmt.Errorf("linux.namespaces[%d]: unknown type %q", i, ns.Type)
		}
		seen[ns.Type] = true
	}
	for _, must := range []specs.LinuxNamespaceType{specs.PIDNamespace, specs.MountNamespace, specs.IPCNamespace} {
		if !seen[must] {
			return fmt.Errorf("linux.namespaces: without type %q the host's would be used, which a sandbox is kept from", must)
		}
	}
	if err := c.clocks(l, seen[specs.TimeNamespace]); err != nil {
		return err
	}
	if !seen[specs.UserNamespace] && len(l.UIDMappings)+len(l.GIDMappings) > 0 {
		return errors.New("linux.uidMappings: there is no namespace of type \"user\" that they could be of")
	}
	c.HostNetwork = !seen[specs.NetworkNamespace]
	if !seen[specs.UTSNamespace] {
		c.note("linux.namespaces: no type \"uts\": the host's names as they are now")
	}
	return nil
}

// clocks are the offsets of a time namespace, which is the container's own.
func (c *conversion) clocks(l *specs.Linux, own bool) error {
	if !own {
		if len(l.TimeOffsets) > 0 {
			return errors.New("linux.timeOffsets: there is no namespace of type \"time\" that they could be of")
		}
		return nil
	}
	c.d.Container.Clocks = []task.ClockOffset{}
	for name, o := range l.TimeOffsets {
		clock := task.ClockOffset{By: unix.Timespec{Sec: o.Secs, Nsec: int64(o.Nanosecs)}}
		switch name {
		case "monotonic":
			clock.Clock = unix.CLOCK_MONOTONIC
		case "boottime":
			clock.Clock = unix.CLOCK_BOOTTIME
		default:
			return fmt.Errorf("linux.timeOffsets: no clock %q: \"monotonic\" and \"boottime\" can be set", name)
		}
		if o.Nanosecs >= 1e9 {
			return fmt.Errorf("linux.timeOffsets.%s: %d nanoseconds: at most 999999999", name, o.Nanosecs)
		}
		c.d.Container.Clocks = append(c.d.Container.Clocks, clock)
	}
	return nil
}

func unsupported(l *specs.Linux) error {
	for _, f := range []struct {
		is   bool
		name string
	}{
		{len(l.NetDevices) > 0, "netDevices"},
		{l.RootfsPropagation != "" && !slices.Contains(propagations, l.RootfsPropagation), fmt.Sprintf("rootfsPropagation %q", l.RootfsPropagation)},
		{l.Personality != nil && len(l.Personality.Flags) > 0, "personality.flags"},
	} {
		if f.is {
			return fmt.Errorf("linux.%s is not supported by Ditto yet", f.name)
		}
	}
	return nil
}

// personality is the execution domain (personality(2)).
func (c *conversion) personality(p *specs.LinuxPersonality) error {
	const perLinux32 = 0x8
	switch {
	case p == nil || p.Domain == specs.PerLinux:
	case p.Domain == specs.PerLinux32:
		c.d.Container.Personality = perLinux32
	default:
		return fmt.Errorf("linux.personality.domain: unknown: %q", p.Domain)
	}
	return nil
}

// memoryPolicy is where memory is to be (set_mempolicy(2)), on the one node that a sandbox has.
func (c *conversion) memoryPolicy(p *specs.LinuxMemoryPolicy) error {
	if p == nil {
		return nil
	}
	mode, ok := memoryModes[p.Mode]
	if !ok {
		return fmt.Errorf("mode: unknown: %q", p.Mode)
	}
	for _, name := range p.Flags {
		flag, ok := memoryFlags[name]
		if !ok {
			return fmt.Errorf("flags: unknown: %q", name)
		}
		mode |= flag
	}
	m := &boot.MemoryPolicy{Mode: mode}
	nodes, err := bits("nodes", p.Nodes, mm.MaxNodes)
	if err != nil {
		return err
	}
	copy(m.Nodes[:], nodes)
	if _, err := syscalls.MemoryPolicy(m.Mode, &m.Nodes); err != nil {
		return fmt.Errorf("mode %s with nodes %q and flags %q, where node 0 is all there is: %w", p.Mode, p.Nodes, p.Flags, err)
	}
	if online, err := os.ReadFile("/sys/devices/system/node/online"); err == nil && strings.TrimSpace(string(online)) != "0" {
		return errors.New("this host has several nodes, and Ditto does not place memory on them")
	}
	c.d.Container.Memory = m
	return nil
}

// seccomp takes the profile, which Ditto's own kernel applies.
func (c *conversion) seccomp(p *specs.LinuxSeccomp) error {
	if p == nil {
		return nil
	}
	if p.ListenerPath != "" {
		return errors.New("listenerPath is not supported by Ditto yet")
	}
	if _, err := syscalls.SeccompProfile(p); err != nil {
		return err
	}
	c.d.Container.Seccomp = p
	return nil
}

// meaningless notes what is accepted and has no effect.
func (c *conversion) meaningless(l *specs.Linux) {
	if strings.HasSuffix(l.RootfsPropagation, "shared") { // Docker sends it along with a volume that is shared
		c.note("linux.rootfsPropagation: %q: what is mounted in the container is not seen outside", l.RootfsPropagation)
	}
	if l.MountLabel != "" {
		c.note("linux.mountLabel: Ditto has no labels")
	}
	if l.IntelRdt != nil {
		c.note("linux.intelRdt: not applied")
	}
}

// sysctl parts those of the network, which are the network namespace's, from the others.
func (c *conversion) sysctl(l *specs.Linux) {
	for key, value := range l.Sysctl {
		into := &c.d.Container.Sysctl
		if strings.HasPrefix(key, "net.") {
			into = &c.NetSysctl
		}
		if *into == nil {
			*into = map[string]string{}
		}
		(*into)[key] = value
	}
}

// knownDevices are those that Ditto has (package dev).
var knownDevices = map[[2]int64]bool{
	{1, 3}: true, {1, 5}: true, {1, 7}: true, {1, 8}: true, {1, 9}: true, {5, 0}: true, {5, 1}: true, {5, 2}: true,
}

// privileged tells whether a container may use every device, as an engine's --privileged asks: the last rule for all of them allows it.
// Its list has every device of the host then, not those that somebody chose.
func privileged(l *specs.Linux) bool {
	all := false
	if l.Resources == nil {
		return false
	}
	for _, r := range l.Resources.Devices {
		if (r.Type == "" || r.Type == "a") && r.Major == nil && r.Minor == nil {
			all = r.Allow
		}
	}
	return all
}

func (c *conversion) devices(l *specs.Linux) error {
	var missing []string
	for i, d := range l.Devices {
		node := boot.Device{Path: filepath.Clean(d.Path), Major: uint32(d.Major), Minor: uint32(d.Minor), Mode: 0o666}
		if d.FileMode != nil {
			node.Mode = uint32(d.FileMode.Perm())
		}
		if d.UID != nil {
			node.UID = *d.UID
		}
		if d.GID != nil {
			node.GID = *d.GID
		}
		switch d.Type {
		case "c", "u":
			node.Mode |= unix.S_IFCHR
		case "b":
			node.Mode |= unix.S_IFBLK
		case "p":
			node.Mode |= unix.S_IFIFO
		default:
			return fmt.Errorf("linux.devices[%d] (%s): unknown type %q", i, d.Path, d.Type)
		}
		if !filepath.IsAbs(d.Path) {
			return fmt.Errorf("linux.devices[%d]: path %q is not absolute", i, d.Path)
		}
		if node.Path == "/dev/ptmx" {
			continue // it is the container's own, whatever it is on the host
		}
		if d.Type != "p" && (d.Type == "b" || !knownDevices[[2]int64{d.Major, d.Minor}]) {
			if privileged(l) {
				missing = append(missing, d.Path)
				continue
			}
			return fmt.Errorf("linux.devices[%d]: Ditto has no device %s %d:%d (%s)", i, d.Type, d.Major, d.Minor, d.Path)
		}
		c.d.Container.Devices = append(c.d.Container.Devices, node)
	}
	if len(missing) > 0 {
		c.note("linux.devices: of the host's devices, which a privileged container gets, Ditto has none of %s", strings.Join(missing, " "))
	}
	return nil
}
