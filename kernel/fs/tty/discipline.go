// SPDX-License-Identifier: Apache-2.0

package tty

import "golang.org/x/sys/unix"

// bufSize is the room for input that nobody read yet (N_TTY_BUF_SIZE).
const bufSize = 4096

// discipline is the line discipline N_TTY: what becomes of each byte that
// comes from the keyboard and of each byte that goes to the screen. It is a
// state machine over bytes, without locks or I/O: input is collected in a
// ring, and what is to be shown is appended to out for its owner to send.
type discipline struct {
	Termios

	buf [bufSize]byte
	eol [bufSize]bool // the byte there ends a line; a NUL with it is the EOF mark
	// Free-running indices: read up to, complete lines up to, filled up to.
	tail, canonHead, head uint32

	column, canonColumn uint32
	erasing, lnext      bool
	stopped             bool // by ^S
	special             [256]bool

	echo []byte     // to be shown, after output processing
	sig  func(int)  // a signal for the foreground group
	flow func(bool) // output was stopped or started (for packet mode)
}

func newDiscipline(t Termios) *discipline {
	d := &discipline{Termios: t}
	d.classify()
	return d
}

// setTermios changes the settings, and what they mean for input that waits.
func (d *discipline) setTermios(t Termios) {
	old := d.Termios
	d.Termios = t
	if (old.Lflag^t.Lflag)&(unix.ICANON|extproc) != 0 {
		d.eol = [bufSize]bool{}
		d.canonHead = d.tail
		if t.canonical() && d.head != d.tail {
			// What came in raw mode counts as a line.
			d.eol[(d.head-1)%bufSize] = true
			d.canonHead = d.head
		}
		d.erasing, d.lnext = false, false
	}
	d.classify()
	if old.in(unix.IXON) && !t.in(unix.IXON) {
		d.start()
	}
}

// classify marks the bytes that mean something under the current settings.
func (d *discipline) classify() {
	d.special = [256]bool{}
	s, cc := &d.special, &d.Cc
	if d.in(unix.IGNCR | unix.ICRNL) {
		s['\r'] = true
	}
	if d.in(unix.INLCR) {
		s['\n'] = true
	}
	if d.canonical() {
		s[cc[unix.VERASE]], s[cc[unix.VKILL]], s[cc[unix.VEOF]], s[cc[unix.VEOL]], s['\n'] = true, true, true, true, true
		if d.local(unix.IEXTEN) {
			s[cc[unix.VWERASE]], s[cc[unix.VLNEXT]], s[cc[unix.VEOL2]] = true, true, true
			if d.local(unix.ECHO) {
				s[cc[unix.VREPRINT]] = true
			}
		}
	}
	if d.in(unix.IXON) {
		s[cc[unix.VSTART]], s[cc[unix.VSTOP]] = true, true
	}
	if d.local(unix.ISIG) {
		s[cc[unix.VINTR]], s[cc[unix.VQUIT]], s[cc[unix.VSUSP]] = true, true, true
	}
	s[disable] = false
}

// buffered is how many bytes of input wait, complete or not.
func (d *discipline) buffered() int { return int(d.head - d.tail) }

// available tells whether a read would find something. As far as poll goes,
// VMIN bytes must be there if there is no timer.
func (d *discipline) available(poll bool) bool {
	if d.canonical() && !d.local(extproc) {
		return d.canonHead != d.tail
	}
	n := 1
	if m := int(d.Cc[unix.VMIN]); poll && d.Cc[unix.VTIME] == 0 && m != 0 {
		n = m
	}
	return d.buffered() >= n
}

// room is how many bytes receive takes now. A full buffer without a complete
// line takes more, one at a time, each over the last: else the line could
// never be ended.
func (d *discipline) room() int {
	r := bufSize - d.buffered()
	if d.in(unix.PARMRK) {
		r = (r + 2) / 3
	}
	if r--; r > 0 {
		return r
	}
	if d.canonical() && d.canonHead == d.tail {
		return 1
	}
	return 0
}

// receive takes bytes from the keyboard, as many as there is room for.
func (d *discipline) receive(p []byte) int {
	done := 0
	for done < len(p) {
		if d.room() == 0 {
			break
		}
		if d.buffered() >= bufSize {
			d.head-- // overflow: over the last byte
		}
		d.receiveByte(p[done])
		done++
	}
	return done
}

func (d *discipline) receiveByte(c byte) {
	if d.lnext {
		d.lnext = false
		d.strip(&c)
		d.ordinary(c)
		return
	}
	d.strip(&c)
	switch {
	case d.local(extproc):
		d.put(c)
	case d.special[c]:
		d.specialByte(c)
	default:
		d.ordinary(c)
	}
}

func (d *discipline) strip(c *byte) {
	if d.in(unix.ISTRIP) {
		*c &= 0x7f
	}
	if d.in(iuclc) && d.local(unix.IEXTEN) {
		*c = toLower(*c)
	}
}

func (d *discipline) put(c byte) {
	d.buf[d.head%bufSize] = c
	d.eol[d.head%bufSize] = false
	d.head++
}

// putMarked doubles 0377 under PARMRK.
func (d *discipline) putMarked(c byte) {
	if c == 0xff && d.in(unix.PARMRK) {
		d.put(c)
	}
	d.put(c)
}

func (d *discipline) ordinary(c byte) {
	d.anyStarts()
	if d.local(unix.ECHO) {
		d.finishErasing()
		if d.canonHead == d.head {
			d.canonColumn = d.column
		}
		d.echoChar(c)
	}
	d.putMarked(c)
}

func (d *discipline) anyStarts() {
	if d.stopped && d.in(unix.IXON) && d.in(unix.IXANY) {
		d.start()
	}
}

func (d *discipline) specialByte(c byte) {
	if d.in(unix.IXON) {
		switch c {
		case d.Cc[unix.VSTART]:
			d.start()
			return
		case d.Cc[unix.VSTOP]:
			d.stop()
			return
		}
	}
	if d.local(unix.ISIG) {
		switch c {
		case d.Cc[unix.VINTR]:
			d.signal(int(unix.SIGINT), c)
			return
		case d.Cc[unix.VQUIT]:
			d.signal(int(unix.SIGQUIT), c)
			return
		case d.Cc[unix.VSUSP]:
			d.signal(int(unix.SIGTSTP), c)
			return
		}
	}
	d.anyStarts()
	switch {
	case c == '\r' && d.in(unix.IGNCR):
		return
	case c == '\r' && d.in(unix.ICRNL):
		c = '\n'
	case c == '\n' && d.in(unix.INLCR):
		c = '\r'
	}
	if d.canonical() && d.canonicalByte(c) {
		return
	}
	if d.local(unix.ECHO) {
		d.finishErasing()
		if c == '\n' {
			d.show(c)
		} else {
			if d.canonHead == d.head {
				d.canonColumn = d.column
			}
			d.echoChar(c)
		}
	}
	d.putMarked(c)
}

// canonicalByte does what c does to a line that is being edited; false if it
// is just part of the line.
func (d *discipline) canonicalByte(c byte) bool {
	ext := d.local(unix.IEXTEN)
	switch {
	case c == d.Cc[unix.VERASE] || c == d.Cc[unix.VKILL] || c == d.Cc[unix.VWERASE] && ext:
		d.erase(c)
	case c == d.Cc[unix.VLNEXT] && ext:
		d.lnext = true
		if d.local(unix.ECHO) {
			d.finishErasing()
			if d.local(unix.ECHOCTL) {
				d.show('^')
				d.show('\b')
			}
		}
	case c == d.Cc[unix.VREPRINT] && ext && d.local(unix.ECHO):
		d.finishErasing()
		d.echoChar(c)
		d.show('\n')
		for i := d.canonHead; i != d.head; i++ {
			d.echoChar(d.buf[i%bufSize])
		}
	case c == '\n':
		if d.local(unix.ECHO | unix.ECHONL) {
			d.show('\n')
		}
		d.endLine(c)
	case c == d.Cc[unix.VEOF]:
		d.endLine(disable)
	case c == d.Cc[unix.VEOL] || c == d.Cc[unix.VEOL2] && ext:
		if d.local(unix.ECHO) {
			if d.canonHead == d.head {
				d.canonColumn = d.column
			}
			d.echoChar(c)
		}
		if c == 0xff && d.in(unix.PARMRK) {
			d.put(c)
		}
		d.endLine(c)
	default:
		return false
	}
	return true
}

func (d *discipline) endLine(c byte) {
	d.put(c)
	d.eol[(d.head-1)%bufSize] = true
	d.canonHead = d.head
}

// signal tells the foreground group and, unless NOFLSH, forgets what waits.
func (d *discipline) signal(signo int, c byte) {
	if !d.local(unix.NOFLSH) {
		d.echo = d.echo[:0]
		d.flushInput()
	}
	if d.sig != nil {
		d.sig(signo)
	}
	if d.in(unix.IXON) {
		d.start()
	}
	if d.local(unix.ECHO) {
		d.echoChar(c)
	}
}

func (d *discipline) flushInput() {
	d.tail, d.canonHead, d.head = 0, 0, 0
	d.eol = [bufSize]bool{}
	d.erasing = false
}

func (d *discipline) start() {
	if d.stopped {
		d.stopped = false
		if d.flow != nil {
			d.flow(false)
		}
	}
}

func (d *discipline) stop() {
	if !d.stopped {
		d.stopped = true
		if d.flow != nil {
			d.flow(true)
		}
	}
}

// read takes bytes for a reader: of a complete line in canonical mode, of all
// there is otherwise. done says that a canonical read is complete, which it can
// be with 0 bytes (end of file).
func (d *discipline) read(p []byte) (n int, done bool) {
	if !d.canonical() || d.local(extproc) {
		for n < len(p) && d.tail != d.head {
			p[n] = d.buf[d.tail%bufSize]
			d.tail++
			n++
		}
		return n, n > 0
	}
	for n < len(p) && d.tail != d.canonHead {
		i := d.tail % bufSize
		c, end := d.buf[i], d.eol[i]
		d.eol[i] = false
		d.tail++
		if end && c == disable {
			return n, true
		}
		p[n] = c
		n++
		if end {
			return n, true
		}
	}
	// An EOF mark right behind a full buffer goes with it, or the next read
	// would take it for the end of the file.
	if i := d.tail % bufSize; n == len(p) && d.tail != d.canonHead && d.eol[i] && d.buf[i] == disable {
		d.eol[i] = false
		d.tail++
	}
	return n, n > 0
}
