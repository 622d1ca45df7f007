// SPDX-License-Identifier: Apache-2.0

// This file is the containers of one sandbox, as its kernel process has them:
// that for which it was started, and those that joined.

package cli

import (
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// pod finds the container that a command is about.
type pod struct {
	first *container

	serving sync.WaitGroup // connections

	mu     sync.Mutex
	others map[string]*container // nil: it is about to be there
}

// drain waits for the processes that stand for others in this sandbox to have gone, for a
// while: engines want to hear of their ends before the container's, as of processes that end with their pid namespace.
func (p *pod) drain() {
	done := make(chan struct{})
	go func() {
		p.serving.Wait()
		close(done)
	}()
	select {
	case <-done:
	case <-time.After(10 * time.Second):
	}
}

func (p *pod) accept(l *control.Listener) {
	for {
		conn, err := l.Accept()
		if err != nil {
			return
		}
		p.serving.Go(func() { p.serve(conn) })
	}
}

func (p *pod) serve(conn *control.Conn) {
	defer conn.Close()
	var r control.Request
	if conn.Receive(&r) != nil {
		return
	}
	c := p.find(r.Container)
	switch {
	case r.Join != nil:
		p.join(conn, r.Join)
		return
	case r.Exec != nil && c != nil:
		c.exec(conn, r.Exec)
		return
	}
	for _, f := range conn.Files() {
		f.Close()
	}
	report, err := control.Report{}, errors.New("container not running")
	if c != nil {
		report, err = c.answer(&r)
	}
	report.Final = true
	if err != nil {
		report.Error = err.Error()
	}
	_ = conn.Send(report)
}

// find is the container with a name, or nil.
func (p *pod) find(id string) *container {
	if id == "" {
		return p.first
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.others[id]
}

// join makes a container for whoever stands for it on the host, tells when it is there and
// when it has ended, and ends it if the other goes.
func (p *pod) join(conn *control.Conn, j *control.Join) {
	c, err := p.make(conn, j)
	if err != nil {
		refuse(conn, err)
		return
	}
	g := guest{
		signal:  func(signo int) { _ = c.signal(signo, false) },
		winsize: c.s.SetWinsize,
		end:     c.s.End,
		wait: func() uint32 {
			defer p.set(j.ID, nil)
			return c.s.Wait()
		},
	}
	g.serve(conn)
}

// make makes a container, and makes it known.
func (p *pod) make(conn *control.Conn, j *control.Join) (*container, error) {
	joining, err := p.joining(conn.Files(), j)
	if err != nil {
		return nil, err
	}
	p.mu.Lock()
	_, there := p.others[j.ID]
	if !there {
		p.others[j.ID] = nil
	}
	p.mu.Unlock()
	if there {
		return nil, fmt.Errorf("a container %s is in the sandbox already", j.ID)
	}
	s, err := p.first.s.Join(joining)
	if err != nil {
		p.set(j.ID, nil)
		return nil, err
	}
	c := &container{s: s, joined: true}
	p.set(j.ID, c)
	return c, nil
}

// set makes a container known, or forgets it.
func (p *pod) set(id string, c *container) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if c == nil {
		delete(p.others, id)
		return
	}
	p.others[id] = c
}

// joining tells the descriptors apart that came with a container: three streams, the root, the volumes, and what
// its process gets behind its streams.
func (p *pod) joining(files []*os.File, j *control.Join) (*boot.Joining, error) {
	const root = 3
	o := &boot.Joining{Description: j.Description, IPC: j.IPC, UTS: j.UTS}
	if j.PidsOf != nil {
		of := p.find(*j.PidsOf)
		if of == nil {
			return nil, fmt.Errorf("linux.namespaces: pid: the container %s, whose it is, does not run", *j.PidsOf)
		}
		o.Pids = of.s
	}
	if j.Description == nil || j.Description.Container == nil || j.Groups < 0 ||
		len(files) != root+1+len(j.Description.Volumes)+j.Description.Extra+j.Groups {
		return nil, fmt.Errorf("%d descriptors came with the container", len(files))
	}
	extra, groups := root+1+len(j.Description.Volumes), len(files)-j.Groups
	o.Stdio, o.Groups = append(files[:root:root], files[extra:groups]...), files[groups:]
	for i, f := range files[root:extra] {
		// Its own from now on: a file of Go's would close itself.
		fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 5)
		if err != nil {
			return nil, os.NewSyscallError("fcntl", err)
		}
		f.Close()
		if i == 0 {
			o.Root = fd
		} else {
			o.Volumes = append(o.Volumes, fd)
		}
	}
	return o, nil
}
