// SPDX-License-Identifier: Apache-2.0

// FIFOs: pipes that have a name (fifo(7)).

package pipe

import (
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

func init() { vfs.OpenFIFO = OpenFIFO }

// getFIFO is the pipe behind a name: one as long as somebody has it open.
func getFIFO(fifo *vfs.FIFO) *Pipe {
	fifo.Mu.Lock()
	defer fifo.Mu.Unlock()
	p, _ := fifo.Pipe.(*Pipe)
	if p == nil {
		p = newPipe(DefaultSlots)
		fifo.Pipe = p
	}
	p.refs++
	return p
}

func dropFIFO(fifo *vfs.FIFO, p *Pipe) {
	fifo.Mu.Lock()
	defer fifo.Mu.Unlock()
	if p.refs--; p.refs == 0 {
		fifo.Pipe = nil
	}
}

// OpenFIFO opens a FIFO, waiting for the other side as open(2)
// says: ENXIO, or abi.ERESTARTSYS.
func OpenFIFO(ctx vfs.Ctx, _ vfs.Inode, fifo *vfs.FIFO, flags uint32) (vfs.FileOps, error) {
	return openEnd(ctx, fifo, flags, true)
}

// openEnd opens a pipe by an inode. One without a name, as /proc/PID/fd leads to, waits for no other side.
func openEnd(ctx vfs.Ctx, fifo *vfs.FIFO, flags uint32, named bool) (vfs.FileOps, error) {
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
	p := getFIFO(fifo)
	e := &End{pipe: p, fifo: fifo, named: named}
	if err := e.open(ctx, reader, writer, flags&unix.O_NONBLOCK != 0, named); err != nil {
		dropFIFO(fifo, p)
		return nil, err
	}
	return e, nil
}

// open counts the new end and waits until it has a partner (fifo_open).
func (e *End) open(ctx vfs.Ctx, reader, writer, nonblock, named bool) error {
	p := e.pipe
	p.mu.Lock()
	if named && writer && !reader && nonblock && p.readers == 0 {
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
	alone := named && reader != writer && (reader && p.writers == 0 || writer && p.readers == 0)
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
