// SPDX-License-Identifier: Apache-2.0

// Pseudo-terminals (pty(7)): the far end is the master, a file.

package tty

import (
	"encoding/binary"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// ptyBuffer is the room in each direction, beside that of the line discipline.
const ptyBuffer = 65536

// Pty is a pseudo-terminal: what its master and its slave share.
type Pty struct {
	Slave *TTY
	Index int
	// OpenPeer opens the slave for TIOCGPTPEER; the file system sets it.
	OpenPeer func(ctx vfs.Ctx, flags uint32) (*vfs.File, error)
	// Closed is called when the master is gone; the file system sets it.
	Closed func()

	queue wait.Queue // of the master

	mu          sync.Mutex // the slave's lock too
	locked      bool
	in, out     []byte // to and from the slave
	masterGone  bool
	slaveGone   bool // it was open and is not any more
	packet      bool
	packetState byte
}

// NewPty is a pseudo-terminal whose slave is locked (unlockpt(3)), and the
// operations of its master.
func NewPty(index int) (*Pty, vfs.FileOps) {
	p := &Pty{Index: index, locked: true}
	p.Slave = newTTY(&p.mu, ptyTermios(), unix.Mkdev(uint32(136+index>>8), uint32(index&0xff)))
	p.Slave.pty = p
	p.Slave.drv = (*ptyDriver)(p)
	return p, &master{pty: p}
}

// ptyDriver is the slave's way to the master.
type ptyDriver Pty

func (d *ptyDriver) send(b []byte) int {
	n := min(len(b), d.room())
	if n > 0 {
		d.out = append(d.out, b[:n]...)
		d.queue.Notify(wait.Readable)
	}
	return n
}

func (d *ptyDriver) room() int    { return ptyBuffer - len(d.out) }
func (d *ptyDriver) pending() int { return 0 }
func (d *ptyDriver) discard() {
	d.out = d.out[:0]
	(*Pty)(d).packetEvent(unix.TIOCPKT_FLUSHWRITE)
	d.queue.Notify(wait.Writable)
}

// inputRoom feeds the line discipline from what the master wrote.
func (d *ptyDriver) inputRoom() {
	if len(d.in) == 0 {
		return
	}
	n := d.Slave.input(d.in)
	d.in = d.in[:copy(d.in, d.in[n:])]
	if n > 0 {
		d.queue.Notify(wait.Writable)
	}
}

// The slave's events, with the lock.
func (p *Pty) slaveOpened() { p.slaveGone = false }

func (p *Pty) slaveClosed() {
	p.slaveGone = true
	p.queue.Notify(wait.Readable | wait.Hup)
}

func (p *Pty) flowChanged(stopped bool) {
	if stopped {
		p.packetState &^= unix.TIOCPKT_START
		p.packetEvent(unix.TIOCPKT_STOP)
	} else {
		p.packetState &^= unix.TIOCPKT_STOP
		p.packetEvent(unix.TIOCPKT_START)
	}
}

func (p *Pty) packetEvent(bits byte) {
	if p.packet {
		p.packetState |= bits
		p.queue.Notify(wait.Readable | wait.Pri)
	}
}

// termiosChanged tells a master in packet mode who does flow control.
func (p *Pty) termiosChanged(old, new *Termios) {
	usual := func(t *Termios) bool {
		return t.in(unix.IXON) && t.Cc[unix.VSTOP] == 0o23 && t.Cc[unix.VSTART] == 0o21
	}
	bits := byte(0)
	if was, is := usual(old), usual(new); was != is {
		p.packetState &^= unix.TIOCPKT_DOSTOP | unix.TIOCPKT_NOSTOP
		if bits = unix.TIOCPKT_NOSTOP; is {
			bits = unix.TIOCPKT_DOSTOP
		}
	}
	if old.local(extproc) || new.local(extproc) {
		bits |= unix.TIOCPKT_IOCTL
	}
	if bits != 0 {
		p.packetEvent(bits)
	}
}

// master is the open file of the master side.
type master struct {
	vfs.BaseFile
	pty *Pty
}

// Read implements vfs.FileOps: what the slave's users wrote.
func (m *master) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	if dst.Len() == 0 {
		return 0, nil
	}
	p := m.pty
	var chunk [4096]byte
	for {
		p.mu.Lock()
		n := m.fill(chunk[:min(len(chunk), dst.Len())])
		gone := p.slaveGone
		p.Slave.unlock()
		switch {
		case n > 0:
			return dst.CopyOut(chunk[:n])
		case gone:
			return 0, unix.EIO
		case f.NonBlock():
			return 0, unix.EAGAIN
		}
		err := wait.Until(ctx, &p.queue, wait.Readable, time.Time{}, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return m.readable() || p.slaveGone
		})
		if err != nil {
			return 0, err
		}
	}
}

// readable: with the lock.
func (m *master) readable() bool {
	return len(m.pty.out) > 0 || m.pty.packet && m.pty.packetState != 0
}

// fill takes output, in packet mode behind a byte that says what it is. With the lock.
func (m *master) fill(b []byte) int {
	p := m.pty
	if !m.readable() {
		return 0
	}
	head := 0
	if p.packet {
		b[0] = p.packetState
		if p.packetState != 0 {
			p.packetState = 0
			return 1
		}
		head = 1
	}
	before := p.Slave.outputRoom()
	n := copy(b[head:], p.out)
	p.out = p.out[:copy(p.out, p.out[n:])]
	p.Slave.flushEcho()
	if before < wakeupChars && p.Slave.outputRoom() > 0 {
		p.Slave.queue.Notify(wait.Writable)
	}
	return head + n
}

// Write implements vfs.FileOps: as if typed.
func (m *master) Write(ctx vfs.Ctx, f *vfs.File, src *user.Buf, _ *int64) (int, error) {
	p := m.pty
	total := 0
	var chunk [writeChunk]byte
	for src.Len() > 0 {
		p.mu.Lock()
		room := ptyBuffer - len(p.in)
		p.mu.Unlock()
		if room > 0 {
			n, err := src.CopyIn(chunk[:min(room, len(chunk), src.Len())])
			if err != nil {
				return writeResult(total, err)
			}
			p.mu.Lock()
			p.in = append(p.in, chunk[:n]...)
			p.Slave.drv.inputRoom()
			p.Slave.unlock()
			total += n
			continue
		}
		if f.NonBlock() {
			return writeResult(total, unix.EAGAIN)
		}
		err := wait.Until(ctx, &p.queue, wait.Writable, time.Time{}, func() bool {
			p.mu.Lock()
			defer p.mu.Unlock()
			return len(p.in) < ptyBuffer
		})
		if err != nil {
			return writeResult(total, err)
		}
	}
	return total, nil
}

// Poll implements vfs.FileOps.
func (m *master) Poll(*vfs.File) wait.Mask {
	p := m.pty
	p.mu.Lock()
	defer p.mu.Unlock()
	var mask wait.Mask
	if m.readable() {
		mask |= wait.Readable
	}
	if p.packet && p.packetState != 0 {
		mask |= wait.Pri
	}
	if p.slaveGone {
		mask |= wait.Hup
	}
	if len(p.in) < ptyBuffer {
		mask |= wait.Writable
	}
	return mask
}

// Queue implements vfs.FileOps.
func (m *master) Queue(*vfs.File) *wait.Queue { return &m.pty.queue }

// Ioctl implements vfs.FileOps: of the master alone, or on the slave.
func (m *master) Ioctl(ctx vfs.Ctx, f *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	p, addr := m.pty, user.Addr(arg)
	switch cmd {
	case unix.TIOCGPTN:
		return 0, out32(ctx, addr, uint32(p.Index))
	case unix.TIOCGPTLCK:
		return 0, out32(ctx, addr, b2u(p.get(&p.locked)))
	case unix.TIOCGPKT:
		return 0, out32(ctx, addr, b2u(p.get(&p.packet)))
	case unix.TIOCSPTLCK, unix.TIOCPKT, unix.TIOCSIG:
		return 0, m.set(ctx, cmd, addr, arg)
	case unix.TIOCGPTPEER:
		return m.peer(ctx, uint32(arg))
	case unix.TIOCINQ:
		p.mu.Lock()
		n := len(p.out)
		p.mu.Unlock()
		return 0, out32(ctx, addr, uint32(n))
	case unix.TIOCOUTQ:
		return 0, out32(ctx, addr, 0)
	case unix.TCFLSH:
		return 0, m.flush(arg)
	}
	return p.Slave.ioctl(ctx, f, cmd, addr, false)
}

func (p *Pty) get(b *bool) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	return *b
}

func (m *master) set(ctx vfs.Ctx, cmd uint32, addr user.Addr, arg uint64) error {
	p := m.pty
	if cmd == unix.TIOCSIG {
		if arg != uint64(unix.SIGINT) && arg != uint64(unix.SIGQUIT) && arg != uint64(unix.SIGTSTP) {
			return unix.EINVAL
		}
		p.mu.Lock()
		p.Slave.signalLocked(int(arg))
		p.Slave.unlock()
		return nil
	}
	var b [4]byte
	if _, err := ctx.Memory().CopyIn(addr, b[:]); err != nil {
		return err
	}
	on := binary.LittleEndian.Uint32(b[:]) != 0
	p.mu.Lock()
	defer p.mu.Unlock()
	if cmd == unix.TIOCSPTLCK {
		p.locked = on
	} else if p.packet != on {
		p.packet, p.packetState = on, 0
	}
	return nil
}

// flush drops what the master wrote and nobody took yet, or what it has not read.
func (m *master) flush(which uint64) error {
	p := m.pty
	if which > unix.TCIOFLUSH {
		return unix.EINVAL
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if which != unix.TCOFLUSH {
		p.out = p.out[:0]
		p.Slave.queue.Notify(wait.Writable)
	}
	if which != unix.TCIFLUSH {
		p.in = p.in[:0]
		p.queue.Notify(wait.Writable)
	}
	return nil
}

// descriptors is a task that can take a new file.
type descriptors interface{ Files() *vfs.FDTable }

func (m *master) peer(ctx vfs.Ctx, flags uint32) (uint64, error) {
	t, ok := ctx.(descriptors)
	if !ok || m.pty.OpenPeer == nil {
		return 0, unix.EIO
	}
	f, err := m.pty.OpenPeer(ctx, flags)
	if err != nil {
		return 0, err
	}
	fd, err := t.Files().Install(f, 0, flags&unix.O_CLOEXEC != 0, ctx.RLimit(unix.RLIMIT_NOFILE))
	if err != nil {
		f.DecRef()
		return 0, err
	}
	return uint64(fd), nil
}

// Release implements vfs.FileOps: the slave is hung up.
func (m *master) Release(*vfs.File) {
	p := m.pty
	if p.Closed != nil {
		p.Closed()
	}
	p.mu.Lock()
	p.masterGone = true
	p.Slave.otherClosed = true
	p.Slave.hangUpLocked()
	p.Slave.unlock()
}
