// SPDX-License-Identifier: Apache-2.0

// This file is the state directory: one directory a container, with a record
// and the kernel process's socket. The record is replaced as a whole, and the
// directory locked (flock(2)) meanwhile, so whoever reads it finds one that is complete.

package oci

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"
)

const recordName = "state.json"

// Errors that engines know by their words.
var (
	ErrNotExist   = errors.New("container does not exist")
	ErrExist      = errors.New("container with given ID already exists")
	ErrNotRunning = errors.New("container not running")
)

// Status is where a container is in its life.
type Status string

// The states of the runtime specification, and paused, which runc has too.
const (
	Creating Status = "creating"
	Created  Status = "created"
	Running  Status = "running"
	Stopped  Status = "stopped"
	Paused   Status = "paused"
)

// Record is what is kept of a container.
type Record struct {
	OCIVersion  string            `json:"ociVersion"`
	ID          string            `json:"id"`
	Bundle      string            `json:"bundle"`
	Rootfs      string            `json:"rootfs"`
	Owner       string            `json:"owner"`
	Created     time.Time         `json:"created"`
	Annotations map[string]string `json:"annotations,omitempty"`

	Pid       int    `json:"pid"` // of the kernel process, or the command that creates it
	StartTime uint64 `json:"startTime"`
	Ready     bool   `json:"ready"` // created, and its deletion has not begun
	// Sandbox is the container in whose sandbox this one is; empty: its own.
	Sandbox string `json:"sandbox,omitempty"`
	Started bool   `json:"started"`

	Process *specs.Process `json:"process"` // what exec starts from
	Hooks   *specs.Hooks   `json:"hooks,omitempty"`
	Cgroup  *Cgroup        `json:"cgroup,omitempty"`
}

// Container is the state directory of one container, locked while it is open.
type Container struct {
	Record
	dir  string
	lock *os.File // the directory
}

// idCharacters are those that an id may have.
const idCharacters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-"

func checkID(id string) error {
	if id == "" || strings.Trim(id, idCharacters) != "" || id == "." || id == ".." || len(id) > 255 {
		return fmt.Errorf("invalid container ID %q: letters, digits and _+-. only", id)
	}
	return nil
}

// newContainer makes the state directory of a container, for its creator.
func (r *Runtime) newContainer(id string) (*Container, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	if err := os.MkdirAll(r.Root, 0o711); err != nil {
		return nil, err
	}
	c := &Container{dir: filepath.Join(r.Root, id)}
	c.ID, c.Pid, c.StartTime = id, os.Getpid(), startTime(os.Getpid())
	err := os.Mkdir(c.dir, 0o711)
	if errors.Is(err, os.ErrExist) {
		if err = r.finish(id); err == nil {
			err = os.Mkdir(c.dir, 0o711)
		}
	}
	if err == nil {
		err = c.acquire()
	}
	if errors.Is(err, os.ErrExist) || errors.Is(err, os.ErrNotExist) {
		err = ErrExist // of two that create it at once one comes first
	}
	if err != nil {
		return nil, err
	}
	return c, nil
}

// openContainer locks a container that is there. Commands that are after one
// another wait here.
func openContainer(root, id string) (*Container, error) {
	if err := checkID(id); err != nil {
		return nil, err
	}
	c := &Container{dir: filepath.Join(root, id)}
	if err := c.acquire(); err != nil {
		if errors.Is(err, os.ErrNotExist) {
			err = ErrNotExist
		}
		return nil, err
	}
	if err := c.read(); err != nil {
		c.Close()
		return nil, err
	}
	return c, nil
}

func (c *Container) acquire() error {
	f, err := os.Open(c.dir)
	if err != nil {
		return err
	}
	for err = unix.EINTR; err == unix.EINTR; {
		err = unix.Flock(int(f.Fd()), unix.LOCK_EX)
	}
	if err != nil {
		f.Close()
		return os.NewSyscallError("flock", err)
	}
	// The one before may have deleted it, and another one made it anew.
	now, err := os.Stat(c.dir)
	if err == nil {
		var mine os.FileInfo
		if mine, err = f.Stat(); err == nil && os.SameFile(now, mine) {
			c.lock = f
			return nil
		}
	}
	f.Close()
	if err != nil {
		return err
	}
	return c.acquire()
}

func (c *Container) read() error {
	b, err := os.ReadFile(filepath.Join(c.dir, recordName))
	if errors.Is(err, os.ErrNotExist) {
		// Whoever wanted to create it did not come that far, or who deletes it came farther.
		c.ID = filepath.Base(c.dir)
		return nil
	}
	if err == nil {
		err = json.Unmarshal(b, &c.Record)
	}
	if err != nil {
		return fmt.Errorf("container %s: %w", filepath.Base(c.dir), err)
	}
	return nil
}

// save replaces the record.
func (c *Container) save() error {
	b, err := json.Marshal(&c.Record)
	if err != nil {
		return err
	}
	name := filepath.Join(c.dir, recordName)
	fresh := name + ".new"
	if err := os.WriteFile(fresh, b, 0o600); err != nil {
		return err
	}
	return os.Rename(fresh, name)
}

// remove takes the state directory away.
func (c *Container) remove() error { return os.RemoveAll(c.dir) }

// Close lets others at the container.
func (c *Container) Close() { c.lock.Close() }

// Status is the container's state now.
func (c *Container) Status() Status {
	if c.Pid == 0 || startTime(c.Pid) != c.StartTime {
		return Stopped
	}
	switch {
	case !c.Ready:
		return Creating
	case c.Cgroup.frozen():
		return Paused
	case c.Started:
		return Running
	}
	return Created
}

// State is the container's state for hooks and "ditto state".
func (c *Container) State() *specs.State {
	s := &specs.State{
		Version: c.OCIVersion, ID: c.ID, Status: specs.ContainerState(c.Status()), Bundle: c.Bundle, Annotations: c.Annotations,
	}
	if s.Status != specs.StateStopped {
		s.Pid = c.Pid
	}
	return s
}

// startTime tells processes with the same id apart: 0 if there is none, or
// only a zombie.
func startTime(pid int) uint64 {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	// Behind the name, which may have any character in it: state is field 3,
	// starttime field 22 (proc_pid_stat(5)).
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0
	}
	n, _ := strconv.ParseUint(fields[19], 10, 64)
	return n
}
