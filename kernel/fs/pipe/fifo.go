// SPDX-License-Identifier: Apache-2.0

// FIFOs: pipes that have a name (fifo(7)).

package pipe

import (
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// fifoTable finds the pipe of an inode that somebody has open.
type fifoTable struct {
	mu    sync.Mutex
	pipes map[vfs.Inode]*Pipe
}

var fifos = fifoTable{pipes: map[vfs.Inode]*Pipe{}}

func (t *fifoTable) get(inode vfs.Inode) *Pipe {
	t.mu.Lock()
	defer t.mu.Unlock()
	p := t.pipes[inode]
	if p == nil {
		p = newPipe(DefaultSlots)
		t.pipes[inode] = p
	}
	p.refs++
	return p
}

func (t *fifoTable) drop(inode vfs.Inode, p *Pipe) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if p.refs--; p.refs == 0 {
		delete(t.pipes, inode)
	}
}

// OpenFIFO opens the FIFO that inode is, waiting for the other side as open(2)
// says: ENXIO, or abi.ERESTARTSYS.
func OpenFIFO(ctx vfs.Ctx, inode vfs.Inode, flags uint32) (vfs.FileOps, error) {
	var reader, writer bool
	switch flags & unix.O_ACCMODE {
	case unix.O_RDONLY:
		reader = true
	case unix.O_WRONLY:
		writer = true
	case unix.O_RDWR:
		reader, writer = true, true
	default:
		return nil, unix.EINVAL
	}
	p := fifos.get(inode)
	e := &End{pipe: p, fifo: inode}
	if err := e.open(ctx, reader, writer, flags&unix.O_NONBLOCK != 0); err != nil {
		fifos.drop(inode, p)
		return nil, err
	}
	return e, nil
}

// open counts the new end and waits until it has a partner (fifo_open).
func (e *End) open(ctx vfs.Ctx, reader, writer, nonblock bool) error {
	p := e.pipe
	p.mu.Lock()
	if writer && !reader && nonblock && p.readers == 0 {
		p.mu.Unlock()
		return unix.ENXIO
	}
	if reader {
		p.rcount++
		p.readers++
	}
	if writer {
		p.wcount++
		p.writers++
	}
	alone := reader != writer && (reader && p.writers == 0 || writer && p.readers == 0)
	if reader && alone && nonblock {
		e.sawNoWriter, e.wcountAtOpen = true, p.wcount
		alone = false
	}
	rcount, wcount := p.rcount, p.wcount
	p.mu.Unlock()
	p.openers.Notify(wait.All)
	if !alone {
		return nil
	}
	err := wait.Until(ctx, &p.openers, wait.All, time.Time{}, func() bool {
		p.mu.Lock()
		defer p.mu.Unlock()
		return reader && p.wcount != wcount || writer && p.rcount != rcount
	})
	if err != nil {
		p.close(reader, writer)
	}
	return err
}
