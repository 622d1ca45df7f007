// SPDX-License-Identifier: Apache-2.0

// This file is further containers in a sandbox that runs: those of a pod.

package boot

import (
	"errors"
	"fmt"
	"os"
	"strconv"

	"github.com/ditto-kernel/ditto/kernel/fs/proc"
	"github.com/ditto-kernel/ditto/kernel/fs/tty"
	"github.com/ditto-kernel/ditto/kernel/task"
)

// Joining is a container that a sandbox is to have besides those that it has.
type Joining struct {
	Description *Description
	Root        int        // descriptors of what the description names
	Volumes     []int      // likewise
	Stdio       []*os.File // the standard streams, and what comes behind them
	Groups      []*os.File // where the host's control groups of its own take processes; none: it is in the sandbox's

	// What it shares with others, and has no namespace of its own for.
	Pids     *Sandbox // a container of the same sandbox; nil: none
	IPC, UTS bool     // with the sandbox's first container
}

// Join makes a container up to its process's first instruction: Run lets it run, Wait waits
// for its end. Its mounts are its own, the network is the sandbox's. It takes
// over the streams.
func (s *Sandbox) Join(j *Joining) (*Sandbox, error) {
	d := j.Description
	if len(d.Container.Sysctl) > 0 {
		return nil, errors.New("linux.sysctl: not supported by Ditto for a container in the sandbox of another: set them there")
	}
	c := &Sandbox{
		d: d, joined: true, facts: s.facts, log: s.log, poller: s.poller, kernel: s.kernel, stubs: s.stubs, sys: s.sys, ended: make(chan int32, 1),
		tasks: &task.Container{}, pids: s.kernel.NewPids(), stdio: j.Stdio,
	}
	if j.Pids != nil {
		c.pids = j.Pids.pids
	}
	if c.ipc = s.kernel.IPC(); !j.IPC {
		c.ipc = s.kernel.NewIPC()
	}
	c.proc = proc.NewIn(s.kernel, s.facts.proc, c.pids, proc.Options{})
	d.Strace = false // it is the sandbox's that decides
	c.tasks.MaxTasks.Store(d.Container.MaxTasks)
	err := c.setApart(j.Groups)
	if err == nil {
		err = c.build(j)
	}
	if err != nil {
		c.release()
		return nil, err
	}
	return c, nil
}

// setApart has the host count the container's processes by themselves: they come from a zygote that is in the groups.
func (s *Sandbox) setApart(groups []*os.File) error {
	if len(groups) == 0 {
		return nil
	}
	n, pid, err := s.stubs.NewNursery()
	if err != nil {
		return fmt.Errorf("address spaces: %w", err)
	}
	s.nursery, s.tasks.Platform = n, n
	for _, g := range groups {
		if _, err := g.WriteString(strconv.Itoa(pid)); err != nil {
			return fmt.Errorf("control group: %w", err)
		}
		g.Close()
	}
	return nil
}

func (s *Sandbox) build(j *Joining) (err error) {
	if s.d.Terminal {
		if s.tty, err = tty.NewHost(s.stdio[0], 0, s.poller); err != nil {
			return fmt.Errorf("terminal: %w", err)
		}
	}
	if s.ns, err = s.mountContainer(j.Root, j.Volumes); err != nil {
		return err
	}
	apart := task.Apart{Mounts: s.ns, IPC: s.ipc, Pids: s.pids}
	if !j.UTS {
		names := s.kernel.UTS().Names()
		names.Nodename = s.d.Hostname
		if s.d.Container.Domainname != "" {
			names.Domainname = s.d.Container.Domainname
		}
		apart.UTS = &names
	}
	s.spaces = s.kernel.NewNamespaces(&apart)
	if err := s.makeJoined(); err != nil {
		if s.main != nil {
			s.End() // it got no program: all that it does is to end
			<-s.ended
		}
		return err
	}
	// It has its own by now, and shall be the one that closes them. The terminal works on the first.
	keep := 0
	if s.tty != nil {
		keep = 1
	}
	for _, f := range s.stdio[keep:] {
		f.Close()
	}
	s.stdio = s.stdio[:keep]
	return nil
}

// makeJoined makes the container's first process: number 1 of its pid
// namespace, unless that is another's.
func (s *Sandbox) makeJoined() error {
	std := stdio{tty: s.tty}
	for i, f := range s.stdio {
		if i < len(std.fds) {
			std.fds[i] = int(f.Fd())
		} else {
			std.extra = append(std.extra, int(f.Fd()))
		}
	}
	_, err := s.spawn(&s.d.Process, std, func(f task.First) (t *task.Task, err error) {
		f.Alone = true
		f.OnDeath = func(status int32) { s.ended <- status }
		t, err = s.kernel.NewProcess(f)
		s.main = t
		return t, err
	})
	return err
}

// End kills every process of the container, whether it was let run or not.
func (s *Sandbox) End() {
	s.kernel.KillContainer(s.tasks)
	s.Run()
}

// release gives back what a container that joined has of the host's, at its end.
func (s *Sandbox) release() {
	s.kernel.KillContainer(s.tasks)
	if s.nursery != nil {
		_ = s.nursery.Close()
	}
	if s.tty != nil {
		s.tty.HangUp()
		s.tty.CloseHost()
	}
	s.closeStdio()
}

func (s *Sandbox) closeStdio() {
	for _, f := range s.stdio {
		f.Close()
	}
	s.stdio = nil
}
