// SPDX-License-Identifier: Apache-2.0

// This file runs further processes in a container. Whoever asks for one stands for
// it on the host: with its exit status, and for signals.

package oci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"

	"golang.org/x/sys/unix"

	specs "github.com/opencontainers/runtime-spec/specs-go"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// Place is where a container is asked: the state directory with the socket, and by which
// name the container is known there; none for the sandbox's first.
type Place struct{ Dir, Container string }

func (c *Container) place() Place {
	if c.Sandbox == "" {
		return Place{Dir: c.dir}
	}
	return Place{filepath.Join(filepath.Dir(c.dir), c.Sandbox), c.ID}
}

// KernelFD is a pidfd of the kernel process of the place's sandbox. ErrNotRunning: there is none.
func (w Place) KernelFD() (int, error) {
	c := Container{dir: w.Dir}
	if err := c.read(); err != nil {
		return -1, err
	}
	fd, err := unix.PidfdOpen(c.Pid, 0)
	if err != nil || startTime(c.Pid) != c.StartTime {
		unix.Close(fd)
		return -1, ErrNotRunning
	}
	return fd, nil
}

// Executable finds a container that processes can be started in, with what they start from. In one that is paused they start when it goes on,
// if the caller waits for that.
func (r *Runtime) Executable(id string, waits bool) (base *specs.Process, where Place, err error) {
	err = r.With(id, func(c *Container) error {
		switch status := c.Status(); {
		case status == Running, status == Created, status == Paused && waits:
			base, where = c.Process, c.place()
			return nil
		case status == Paused:
			return errors.New("cannot exec in a paused container")
		default:
			return fmt.Errorf("cannot exec in a %s container", status)
		}
	})
	return base, where, err
}

// Exec starts a process in a container, with descriptors behind its streams, and
// returns the connection that stands for it.
func Exec(where Place, p *boot.Process, stdio [3]*os.File, extra ...*os.File) (*control.Conn, error) {
	conn, err := control.Dial(where.Dir)
	if err != nil {
		return nil, ErrNotRunning
	}
	err = conn.Send(control.Request{Container: where.Container, Exec: p}, append(stdio[:], extra...)...)
	var report control.Report
	if err == nil {
		err = conn.Receive(&report)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("kernel process: %w", err)
	case report.Error != "":
		err = &boot.Error{Status: int(report.Status), Text: report.Error}
	default:
		return conn, nil
	}
	conn.Close()
	return nil, err
}

// Processes lists what runs in a container.
func (r *Runtime) Processes(id string) (list []boot.ProcessInfo, err error) {
	err = r.With(id, func(c *Container) error {
		if s := c.Status(); s != Running && s != Created {
			return ErrNotRunning
		}
		report, err := c.ask(control.Request{List: true})
		if err == nil {
			list = report.Processes
		}
		return err
	})
	return list, err
}

// HostPids are the processes of the host that serve a container: the kernel
// process, and one for each address space.
func (r *Runtime) HostPids(id string) (pids []int, err error) {
	err = r.With(id, func(c *Container) error {
		if c.Status() == Stopped {
			return ErrNotRunning
		}
		if c.Sandbox != "" {
			pids = []int{c.Pid} // what else serves it serves the others too
			return nil
		}
		own, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", c.Pid))
		if err != nil {
			return err
		}
		entries, err := os.ReadDir("/proc")
		if err != nil {
			return err
		}
		for _, e := range entries {
			pid, err := strconv.Atoi(e.Name())
			if err != nil {
				continue
			}
			if ns, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/pid", pid)); err == nil && ns == own {
				pids = append(pids, pid)
			}
		}
		return nil
	})
	return pids, err
}
