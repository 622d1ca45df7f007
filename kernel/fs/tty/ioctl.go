// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
	"github.com/ditto-kernel/ditto/kernel/wait"
)

// Commands that x/sys/unix has no names for.
const (
	tcgeta  = 0x5405
	tcseta  = 0x5406
	tcsetaw = 0x5407
	tcsetaf = 0x5408
	tcxonc  = 0x540a
	tiocsid = 0x5429 // TIOCGSID

	serialSize = 72 // struct serial_struct
)

// Ioctl implements vfs.FileOps: tty_ioctl(4).
func (f *file) Ioctl(ctx vfs.Ctx, vf *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	t := f.tty
	t.mu.Lock()
	hungUp := t.hungUp
	t.mu.Unlock()
	if hungUp {
		if cmd == unix.TIOCSPGRP {
			return 0, unix.ENOTTY
		}
		return 0, unix.EIO
	}
	return t.ioctl(ctx, vf, cmd, user.Addr(arg), true)
}

// ioctl is a command on the terminal itself or, with own false, on the master of it.
func (t *TTY) ioctl(ctx vfs.Ctx, vf *vfs.File, cmd uint32, arg user.Addr, own bool) (uint64, error) {
	switch cmd {
	case unix.TCGETS, unix.TCGETS2, tcgeta, unix.TCSETS, unix.TCSETSW, unix.TCSETSF,
		unix.TCSETS2, unix.TCSETSW2, unix.TCSETSF2, tcseta, tcsetaw, tcsetaf:
		return 0, t.ioctlTermios(ctx, cmd, arg, own)
	case unix.TIOCSCTTY, unix.TIOCNOTTY, unix.TIOCGPGRP, unix.TIOCSPGRP, tiocsid:
		return 0, t.ioctlJob(ctx, vf, cmd, arg, own)
	case unix.TIOCGWINSZ:
		ws := t.Winsize()
		var b [8]byte
		for i, v := range [4]uint16{ws.Rows, ws.Cols, ws.Xpixel, ws.Ypixel} {
			binary.LittleEndian.PutUint16(b[i*2:], v)
		}
		return 0, out(ctx, arg, b[:])
	case unix.TIOCSWINSZ:
		var b [8]byte
		if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
			return 0, err
		}
		u := binary.LittleEndian.Uint16
		t.SetWinsize(Winsize{u(b[:]), u(b[2:]), u(b[4:]), u(b[6:])})
		return 0, nil
	case unix.TIOCINQ:
		t.mu.Lock()
		n := t.inq()
		t.mu.Unlock()
		return 0, out32(ctx, arg, uint32(n))
	case unix.TIOCOUTQ:
		t.mu.Lock()
		n := t.drv.pending()
		t.mu.Unlock()
		return 0, out32(ctx, arg, uint32(n))
	case unix.TCFLSH, tcxonc, unix.TCSBRK, unix.TCSBRKP, unix.TIOCSBRK, unix.TIOCCBRK:
		return 0, t.ioctlFlow(ctx, cmd, uint64(arg), own)
	case unix.TIOCSTI:
		return 0, t.simulate(ctx, arg)
	}
	return 0, t.ioctlMisc(ctx, cmd, arg, own)
}

func (t *TTY) ioctlMisc(ctx vfs.Ctx, cmd uint32, arg user.Addr, own bool) error {
	switch cmd {
	case unix.TIOCEXCL, unix.TIOCNXCL:
		t.mu.Lock()
		t.exclusive = cmd == unix.TIOCEXCL
		t.mu.Unlock()
		return nil
	case unix.TIOCGEXCL:
		t.mu.Lock()
		on := t.exclusive
		t.mu.Unlock()
		return out32(ctx, arg, b2u(on))
	case unix.TIOCGETD:
		return out32(ctx, arg, 0) // N_TTY
	case unix.TIOCSETD:
		var b [4]byte
		if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
			return err
		}
		if binary.LittleEndian.Uint32(b[:]) != 0 {
			return unix.EINVAL
		}
		return nil
	case unix.TIOCVHANGUP:
		if !ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
			return unix.EPERM
		}
		t.HangUp()
		return nil
	case unix.TIOCCONS:
		if !own {
			return unix.EINVAL
		}
		return unix.EPERM // the machine's console is nobody's here
	case unix.TIOCSSERIAL:
		var b [serialSize]byte
		if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
			return err
		}
	case unix.TIOCGDEV:
		return out32(ctx, arg, uint32(t.rdev))
	case unix.TIOCGSOFTCAR, unix.TIOCSSOFTCAR:
		return t.ioctlCarrier(ctx, cmd, arg)
	case unix.TIOCGLCKTRMIOS, unix.TIOCSLCKTRMIOS:
		return t.ioctlLock(ctx, cmd, arg)
	}
	return unix.ENOTTY
}

// ioctlLock is which settings are locked.
func (t *TTY) ioctlLock(ctx vfs.Ctx, cmd uint32, arg user.Addr) error {
	t.mu.Lock()
	locked := t.locked
	t.mu.Unlock()
	if cmd == unix.TIOCGLCKTRMIOS {
		b := locked.encode2()
		return out(ctx, arg, b[:termiosSize])
	}
	if c := ctx.Creds(); !c.Capable(unix.CAP_CHECKPOINT_RESTORE) && !c.Capable(unix.CAP_SYS_ADMIN) {
		return unix.EPERM
	}
	var b [termiosSize]byte
	if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
		return err
	}
	locked.decode(b[:])
	t.mu.Lock()
	t.locked = locked
	t.mu.Unlock()
	return nil
}

// ioctlCarrier is CLOCAL by itself.
func (t *TTY) ioctlCarrier(ctx vfs.Ctx, cmd uint32, arg user.Addr) error {
	t.mu.Lock()
	tio := t.d.Termios
	t.mu.Unlock()
	if cmd == unix.TIOCGSOFTCAR {
		return out32(ctx, arg, b2u(tio.Cflag&unix.CLOCAL != 0))
	}
	var b [4]byte
	if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
		return err
	}
	tio.Cflag &^= unix.CLOCAL
	if binary.LittleEndian.Uint32(b[:]) != 0 {
		tio.Cflag |= unix.CLOCAL
	}
	return t.setTermios(ctx, tio, false, false)
}

func b2u(b bool) uint32 {
	if b {
		return 1
	}
	return 0
}

func out(ctx vfs.Ctx, addr user.Addr, b []byte) error {
	_, err := ctx.Memory().CopyOut(addr, b)
	return err
}

func out32(ctx vfs.Ctx, addr user.Addr, v uint32) error {
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], v)
	return out(ctx, addr, b[:])
}

// inq is what FIONREAD says: in canonical mode, complete lines. With the lock.
func (t *TTY) inq() int {
	if !t.d.canonical() || t.d.local(extproc) {
		return t.d.buffered()
	}
	n := 0
	for i := t.d.tail; i != t.d.canonHead; i++ {
		if !t.d.eol[i%bufSize] || t.d.buf[i%bufSize] != disable {
			n++
		}
	}
	return n
}

func (t *TTY) ioctlTermios(ctx vfs.Ctx, cmd uint32, arg user.Addr, own bool) error {
	t.mu.Lock()
	tio := t.d.Termios
	t.mu.Unlock()
	drain, flush, size := false, false, termiosSize
	switch cmd {
	case unix.TCGETS:
		b := tio.encode2()
		return out(ctx, arg, b[:termiosSize])
	case unix.TCGETS2:
		b := tio.encode2()
		return out(ctx, arg, b[:])
	case tcgeta:
		b := tio.encodeOld()
		return out(ctx, arg, b[:])
	case unix.TCSETSW:
		drain = true
	case unix.TCSETSF:
		drain, flush = true, true
	case unix.TCSETS2:
		size = termios2Size
	case unix.TCSETSW2:
		size, drain = termios2Size, true
	case unix.TCSETSF2:
		size, drain, flush = termios2Size, true, true
	case tcseta:
		size = termioSize
	case tcsetaw:
		size, drain = termioSize, true
	case tcsetaf:
		size, drain, flush = termioSize, true, true
	}
	if own {
		if err := t.checkBackground(ctx, int(unix.SIGTTOU)); err != nil {
			return err
		}
	}
	var buf [termios2Size]byte
	if _, err := ctx.Memory().CopyIn(arg, buf[:size]); err != nil {
		return err
	}
	if size == termioSize {
		tio.decodeOld(buf[:size])
	} else {
		tio.decode(buf[:size])
	}
	return t.setTermios(ctx, tio, drain, flush)
}

func (t *TTY) setTermios(ctx vfs.Ctx, tio Termios, drain, flush bool) error {
	if drain {
		if err := t.drain(ctx); err != nil {
			return err
		}
	}
	t.mu.Lock()
	defer t.unlock()
	if flush {
		t.dropInput()
	}
	tio.keep(&t.d.Termios, &t.locked)
	if t.pty != nil {
		// A pseudo-terminal has no wire (pty_set_termios).
		tio.Cflag = tio.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8 | unix.CREAD
		t.pty.termiosChanged(&t.d.Termios, &tio)
	}
	t.d.setTermios(tio)
	t.flushEcho()
	t.queue.Notify(wait.Readable | wait.Writable)
	return nil
}

func (t *TTY) ioctlJob(ctx vfs.Ctx, vf *vfs.File, cmd uint32, arg user.Addr, own bool) error {
	switch cmd {
	case unix.TIOCSCTTY:
		return t.ioctlAcquire(ctx, vf, uint64(arg))
	case unix.TIOCNOTTY:
		if !own {
			return unix.ENOTTY
		}
		return t.giveUp(ctx)
	case unix.TIOCSPGRP:
		var b [4]byte
		if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
			return err
		}
		return t.setForeground(ctx, int32(binary.LittleEndian.Uint32(b[:])))
	}
	if own && Controlling(ctx) != t {
		return unix.ENOTTY
	}
	sid, pgid := t.session(ctx)
	if cmd == unix.TIOCGPGRP {
		return out32(ctx, arg, uint32(pgid))
	}
	if sid == 0 {
		return unix.ENOTTY
	}
	return out32(ctx, arg, uint32(sid))
}

func (t *TTY) ioctlFlow(ctx vfs.Ctx, cmd uint32, arg uint64, own bool) error {
	if own {
		if err := t.checkBackground(ctx, int(unix.SIGTTOU)); err != nil {
			return err
		}
	}
	switch cmd {
	case unix.TCFLSH:
		return t.flush(arg)
	case tcxonc:
		return t.xonc(arg)
	case unix.TIOCCBRK:
		return nil // no wire, so no break
	}
	return t.drain(ctx)
}

func (t *TTY) flush(which uint64) error {
	if which > unix.TCIOFLUSH {
		return unix.EINVAL
	}
	t.mu.Lock()
	defer t.unlock()
	if which != unix.TCOFLUSH {
		t.dropInput()
	}
	if which != unix.TCIFLUSH {
		t.d.echo = t.d.echo[:0]
		t.drv.discard()
		t.queue.Notify(wait.Writable)
	}
	return nil
}

// dropInput is n_tty_flush_buffer: with the lock.
func (t *TTY) dropInput() {
	t.d.flushInput()
	t.drv.inputRoom()
	if t.pty != nil {
		t.pty.packetEvent(unix.TIOCPKT_FLUSHREAD)
	}
}

func (t *TTY) xonc(what uint64) error {
	t.mu.Lock()
	defer t.unlock()
	switch what {
	case unix.TCOOFF:
		t.d.stop()
	case unix.TCOON:
		t.d.start()
		t.flushEcho()
		t.queue.Notify(wait.Writable)
	case unix.TCIOFF, unix.TCION:
		c := t.d.Cc[unix.VSTOP]
		if what == unix.TCION {
			c = t.d.Cc[unix.VSTART]
		}
		if c != disable {
			t.drv.send([]byte{c})
		}
	default:
		return unix.EINVAL
	}
	return nil
}

// simulate is TIOCSTI, which takes privilege since Linux 6.2.
func (t *TTY) simulate(ctx vfs.Ctx, arg user.Addr) error {
	if !ctx.Creds().Capable(unix.CAP_SYS_ADMIN) {
		return unix.EIO
	}
	var b [1]byte
	if _, err := ctx.Memory().CopyIn(arg, b[:]); err != nil {
		return err
	}
	t.mu.Lock()
	defer t.unlock()
	t.input(b[:])
	return nil
}
