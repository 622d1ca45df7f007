// SPDX-License-Identifier: Apache-2.0

// This file finds the sandbox that a container is to be in, if that is another
// container's: by the annotations of the Kubernetes container runtime interface,
// or by the namespaces that it is to join.

package oci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"sync"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// shareable are the namespaces that containers in one sandbox can have in common,
// but for the network, which they always have.
var shareable = []specs.LinuxNamespaceType{specs.PIDNamespace, specs.IPCNamespace, specs.UTSNamespace, specs.UserNamespace}

// podAnnotations are those of containerd and of CRI-O.
var podAnnotations = []struct{ kind, sandbox string }{
	{"io.kubernetes.cri.container-type", "io.kubernetes.cri.sandbox-id"},
	{"io.kubernetes.cri-o.ContainerType", "io.kubernetes.cri-o.SandboxID"},
}

// podOf is the sandbox that the annotations name; empty: none. holds tells that the container's
// own sandbox is there for others.
func podOf(annotations map[string]string) (sandbox string, holds bool) {
	for _, a := range podAnnotations {
		switch annotations[a.kind] {
		case "container":
			return annotations[a.sandbox], false
		case "sandbox":
			return "", true
		}
	}
	return "", false
}

// member is a container's place in the sandbox of another.
type member struct {
	sandbox  string // the id of the sandbox's first container
	dir      string // its state directory
	pid      int    // the kernel process
	ipc, uts bool   // shared with the first container
	pidsOf   *string
	ids      *boot.IDMap // of the sandbox's user namespace; nil: the runtime's
}

// findSandbox finds the sandbox of another that a container is to be in; nil:
// it is to have its own.
func (r *Runtime) findSandbox(spec *specs.Spec, plan *Plan) (*member, error) {
	id, _ := podOf(spec.Annotations)
	if id == "" && len(plan.Joins) == 0 {
		return nil, nil
	}
	m := &member{}
	if id != "" {
		if err := r.enter(m, id); err != nil {
			return nil, fmt.Errorf("annotations: the sandbox %s: %w", id, err)
		}
	}
	for kind, path := range plan.Joins {
		if err := r.share(m, kind, path); err != nil {
			return nil, fmt.Errorf("linux.namespaces: %s (%s): %w", kind, path, err)
		}
	}
	if err := m.checkNetwork(plan); err != nil {
		return nil, fmt.Errorf("linux.namespaces: network: %w", err)
	}
	if err := m.checkUser(plan); err != nil {
		return nil, fmt.Errorf("linux.namespaces: user: %w", err)
	}
	return m, nil
}

// enter makes the sandbox of a container the one.
func (r *Runtime) enter(m *member, id string) error {
	c, err := r.peek(id)
	switch {
	case err != nil:
		return err
	case c.Sandbox != "":
		return fmt.Errorf("is not the first container of its sandbox, which is %s", c.Sandbox)
	case m.sandbox != "" && m.sandbox != id:
		return fmt.Errorf("not in the sandbox %s, where the container is to be", m.sandbox)
	case startTime(c.Pid) != c.StartTime || !c.Ready:
		return ErrNotRunning
	}
	m.sandbox, m.dir, m.pid = id, c.dir, c.Pid
	return nil
}

// peek reads a container's record as it is now, without waiting for commands about it.
func (r *Runtime) peek(id string) (*Container, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	c := &Container{dir: filepath.Join(r.Root, id)}
	if _, err := os.Stat(c.dir); err != nil {
		return nil, ErrNotExist
	}
	return c, c.read()
}

// namespaceOfProcess is compiled when it is wanted: that is rare, and would be paid for by every start.
var namespaceOfProcess = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^/proc/(\d+)/(task/\d+/)?ns/`) })

// share notes that a namespace is shared: that of the process by which the path
// names it, which is of a container's.
func (r *Runtime) share(m *member, kind specs.LinuxNamespaceType, path string) error {
	parts := namespaceOfProcess().FindStringSubmatch(path)
	if parts == nil {
		return errors.New("not of a container of Ditto's: want a path of /proc/PID/ns")
	}
	pid, _ := strconv.Atoi(parts[1])
	of, err := r.byPid(pid)
	if err != nil {
		return err
	}
	first := of.Sandbox
	if first == "" {
		first = of.ID
	}
	if err := r.enter(m, first); err != nil {
		return err
	}
	name := ""
	if of.Sandbox != "" {
		name = of.ID
	}
	switch kind {
	case specs.PIDNamespace:
		m.pidsOf = &name
		return nil
	case specs.UserNamespace:
		return nil // it is the sandbox's, and everyone's in it
	case specs.IPCNamespace:
		m.ipc = true
	case specs.UTSNamespace:
		m.uts = true
	}
	if name != "" {
		return fmt.Errorf("of the container %s, which is not the first of its sandbox: not supported by Ditto yet", name)
	}
	return nil
}

// byPid finds the container that a process of the host's stands for.
func (r *Runtime) byPid(pid int) (*Container, error) {
	entries, err := os.ReadDir(r.Root)
	if err != nil {
		return nil, err
	}
	for _, e := range entries {
		if c, err := r.peek(e.Name()); err == nil && c.Pid == pid && startTime(pid) == c.StartTime {
			return c, nil
		}
	}
	return nil, fmt.Errorf("the process %d is no container of Ditto's: its namespaces can't be joined", pid)
}

// checkNetwork makes sure that the container's network is the sandbox's: there is no other in it.
func (m *member) checkNetwork(plan *Plan) error {
	path := plan.Network
	switch {
	case plan.HostNetwork:
		path = "/proc/self/ns/net"
	case path == "":
		return fmt.Errorf("one of its own is not supported by Ditto for a container in the sandbox of another (%s)", m.sandbox)
	}
	var wanted, there unix.Stat_t
	if err := unix.Stat(path, &wanted); err != nil {
		return &os.PathError{Op: "stat", Path: path, Err: err}
	}
	if err := unix.Stat(fmt.Sprintf("/proc/%d/ns/net", m.pid), &there); err != nil {
		return ErrNotRunning
	}
	if wanted.Ino != there.Ino || wanted.Dev != there.Dev {
		return fmt.Errorf("%s is not that of the sandbox %s: not supported by Ditto", path, m.sandbox)
	}
	return nil
}

// checkUser makes sure that the container's user namespace is the sandbox's: there is no other in it.
func (m *member) checkUser(plan *Plan) (err error) {
	ours := sandbox.SameFile("/proc/self/ns/user", fmt.Sprintf("/proc/%d/ns/user", m.pid))
	_, joins := plan.Joins[specs.UserNamespace]
	if !joins && (!ours || len(plan.Description.Container.UIDMap) > 0) {
		return fmt.Errorf("is not that of the sandbox %s: not supported by Ditto", m.sandbox)
	}
	if ours {
		return nil
	}
	m.ids = &boot.IDMap{}
	if m.ids.UIDs, err = readMap(fmt.Sprintf("/proc/%d/uid_map", m.pid)); err == nil {
		m.ids.GIDs, err = readMap(fmt.Sprintf("/proc/%d/gid_map", m.pid))
	}
	return err
}

// membership is what the process that stands for the container is told.
func (m *member) membership(c *Container, d *boot.Description) *sandbox.Membership {
	return &sandbox.Membership{Dir: m.dir, IDs: m.ids, Join: control.Join{ID: c.ID, Description: d, IPC: m.ipc, UTS: m.uts, PidsOf: m.pidsOf}}
}
