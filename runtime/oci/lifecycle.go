// SPDX-License-Identifier: Apache-2.0

// This file is what becomes of a container once it is created.

package oci

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// With calls f with a container, locked.
func (r *Runtime) With(id string, f func(*Container) error) error {
	c, err := openContainer(r.Root, id)
	if err != nil {
		return err
	}
	defer c.Close()
	return f(c)
}

// errEnded is that the kernel process ended instead of answering.
var errEnded = fmt.Errorf("%w: its kernel process has ended", ErrNotRunning)

// ask sends the kernel process a request and returns its answer.
func (c *Container) ask(request control.Request) (*control.Report, error) {
	where := c.place()
	conn, err := control.Dial(where.Dir)
	if err != nil {
		return nil, ErrNotRunning
	}
	defer conn.Close()
	request.Container = where.Container
	var report control.Report
	err = conn.Send(request)
	if err == nil {
		err = conn.Receive(&report)
	}
	if control.HungUp(err) {
		return nil, errEnded
	}
	if err != nil {
		return nil, fmt.Errorf("kernel process: %w", err)
	}
	if report.Error != "" {
		return nil, errors.New(report.Error)
	}
	return &report, nil
}

// Start lets the process of a created container run.
func (r *Runtime) Start(id string) error {
	return r.With(id, func(c *Container) error {
		switch c.Status() {
		case Created:
		case Stopped:
			return errors.New("cannot start a container that has stopped")
		case Running:
			return errors.New("cannot start an already running container")
		default:
			return fmt.Errorf("cannot start a container in the %s state", c.Status())
		}
		if err := c.runHooksInside("startContainer", c.Hooks.StartContainer); err != nil {
			_ = c.killKernel() // as runc: there is no second try
			return err
		}
		if _, err := c.ask(control.Request{Start: true}); err != nil {
			return err
		}
		c.Started = true
		if err := c.save(); err != nil {
			return err
		}
		if err := c.runHooks("poststart", c.Hooks.Poststart); err != nil {
			r.Notef("%v", err)
		}
		return nil
	})
}

// Kill sends a signal to the container's process, or to all of them.
func (r *Runtime) Kill(id string, signo int, all bool) error {
	return r.With(id, func(c *Container) error {
		switch status := c.Status(); {
		case status == Stopped && all:
			return nil // as runc: there is nobody left
		case status == Stopped, status == Creating:
			return ErrNotRunning
		case signo == int(unix.SIGKILL) && c.Sandbox != "":
			// Not by way of the process that stands for it: its status is to tell. Who is frozen does not die.
			if status == Paused {
				defer c.Cgroup.thaw()
			}
		case status == Paused && signo == int(unix.SIGKILL):
			// It could not answer, nor die.
			return c.killKernel()
		case status == Paused:
			return fmt.Errorf("the container is paused: resume it first")
		}
		_, err := c.ask(control.Request{Signal: signo, All: all})
		if err == errEnded || err != nil && c.Status() == Stopped {
			return nil // it ended meanwhile, and perhaps because of that
		}
		return err
	})
}

// killKernel ends the kernel process, and with it all that runs on it.
func (c *Container) killKernel() error {
	pidfd, err := unix.PidfdOpen(c.Pid, 0)
	if err == unix.ESRCH || err == nil && startTime(c.Pid) != c.StartTime {
		return nil
	}
	if err != nil {
		return os.NewSyscallError("pidfd_open", err)
	}
	defer unix.Close(pidfd)
	if err := unix.PidfdSendSignal(pidfd, unix.SIGKILL, nil, 0); err != nil && err != unix.ESRCH {
		return os.NewSyscallError("pidfd_send_signal", err)
	}
	c.Cgroup.thaw()
	// The end of the process is what the descriptor is readable for.
	fds := []unix.PollFd{{Fd: int32(pidfd), Events: unix.POLLIN}}
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); {
		if n, err := unix.Poll(fds, 1000); err != nil && err != unix.EINTR || n > 0 {
			return nil
		}
	}
	return fmt.Errorf("the kernel process %d does not die", c.Pid)
}

// Delete removes what is left of a container; with force it is killed first,
// and one that isn't there is none too few.
func (r *Runtime) Delete(id string, force bool) error {
	err := r.With(id, func(c *Container) error {
		// One that is being created nobody else has locked: its creator was killed.
		if status := c.Status(); !force && (status == Running || status == Paused) {
			return fmt.Errorf("cannot delete container %s that is not stopped: %s", id, status)
		}
		return r.destroy(c)
	})
	if force && errors.Is(err, ErrNotExist) {
		return nil
	}
	return err
}

// finish deletes what is left of a container whose creator, or deleter, was killed. ErrExist: it is one that is there.
func (r *Runtime) finish(id string) error {
	err := r.With(id, func(c *Container) error {
		if c.Ready {
			return ErrExist
		}
		return r.destroy(c)
	})
	if errors.Is(err, ErrNotExist) {
		return nil
	}
	return err
}

// destroy ends a container and takes away what it has on the host. Once it has ended the record says so: whoever is
// killed from there on leaves what a "create" of the same id finishes, as a "delete" does at any time.
func (r *Runtime) destroy(c *Container) error {
	if c.Status() != Stopped {
		if err := c.killKernel(); err != nil {
			return err
		}
	}
	if c.Ready {
		c.Ready = false
		if err := c.save(); err != nil {
			return err
		}
	}
	if err := c.Cgroup.destroy(); err != nil {
		r.Notef("control group: %v", err)
	}
	if c.Hooks != nil {
		if err := c.runHooks("poststop", c.Hooks.Poststop); err != nil {
			r.Notef("%v", err)
		}
	}
	return c.remove()
}

// List tells of every container of the root.
func (r *Runtime) List() ([]Listed, error) {
	entries, err := os.ReadDir(r.Root)
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	list := []Listed{}
	for _, e := range entries {
		if !e.IsDir() {
			continue
		}
		err := r.With(e.Name(), func(c *Container) error {
			list = append(list, c.Listed())
			return nil
		})
		if err != nil && !errors.Is(err, ErrNotExist) {
			r.Notef("%v", err)
		}
	}
	return list, nil
}

// Tell passes a signal or the terminal's size on to a container that this
// process runs in the foreground.
func (r *Runtime) Tell(id string, signo int, size *boot.Winsize) {
	c := Container{dir: filepath.Join(r.Root, id)}
	if c.read() != nil {
		return
	}
	_, _ = c.ask(control.Request{Signal: signo, Winsize: size})
}
