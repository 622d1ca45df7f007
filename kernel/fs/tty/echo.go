// SPDX-License-Identifier: Apache-2.0

// What the line discipline shows: echo, erasure, output processing.

package tty

import "golang.org/x/sys/unix"

func isCntrl(c byte) bool { return c < 32 || c == 127 }

// isAlnum is the kernel's, whose letters are those of Latin-1.
func isAlnum(c byte) bool {
	return c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= 0xc0 && c != 0xd7 && c != 0xf7
}

// toUpper and toLower too know Latin-1, as far as the kernel's do.
func toUpper(c byte) byte {
	if c >= 'a' && c <= 'z' || c >= 0xdf && c != 0xf7 {
		return c - 0x20
	}
	return c
}

func toLower(c byte) byte {
	if c >= 'A' && c <= 'Z' || c >= 0xc0 && c <= 0xde && c != 0xd7 {
		return c + 0x20
	}
	return c
}

func (d *discipline) continuation(c byte) bool { return d.in(iutf8) && c&0xc0 == 0x80 }

// show puts a byte on the screen by way of output processing.
func (d *discipline) show(c byte) {
	switch {
	case c == 0xff:
		// Linux marks commands in its echo buffer with this byte; the byte
		// itself goes past output processing.
		d.echo = append(d.echo, c)
		d.column++
	case d.out(unix.OPOST):
		d.echo = d.process(d.echo, c)
	default:
		d.echo = append(d.echo, c)
	}
}

// echoChar shows a byte as typed: control characters as ^X under ECHOCTL.
func (d *discipline) echoChar(c byte) {
	if d.local(unix.ECHOCTL) && isCntrl(c) && c != '\t' {
		d.echo = append(d.echo, '^', c^0x40)
		d.column += 2
		return
	}
	d.show(c)
}

func (d *discipline) finishErasing() {
	if d.erasing {
		d.show('/')
		d.erasing = false
	}
}

// erase is ERASE, WERASE and KILL on the line that is being edited.
func (d *discipline) erase(c byte) {
	if d.head == d.canonHead {
		return
	}
	single, word := c == d.Cc[unix.VERASE], false
	switch {
	case single:
	case c == d.Cc[unix.VWERASE]:
		word = true
	case !d.local(unix.ECHO):
		d.head = d.canonHead
		return
	case !d.local(unix.ECHOK) || !d.local(unix.ECHOKE) || !d.local(unix.ECHOE):
		d.head = d.canonHead
		d.finishErasing()
		d.echoChar(d.Cc[unix.VKILL])
		if d.local(unix.ECHOK) {
			d.show('\n')
		}
		return
	}
	seen := false
	for d.head != d.canonHead {
		head, c := d.charBefore(d.head)
		if d.continuation(c) {
			break // part of a character whose start is not in this line
		}
		if word {
			if isAlnum(c) || c == '_' {
				seen = true
			} else if seen {
				break
			}
		}
		size := d.head - head
		d.head = head
		if d.local(unix.ECHO) {
			d.showErased(c, size, single)
		}
		if single {
			break
		}
	}
	if d.head == d.canonHead && d.local(unix.ECHO) {
		d.finishErasing()
	}
}

// charBefore is the start of the character that ends before i, and its first byte.
func (d *discipline) charBefore(i uint32) (uint32, byte) {
	for {
		i--
		c := d.buf[i%bufSize]
		if !d.continuation(c) || i == d.canonHead {
			return i, c
		}
	}
}

// showErased takes a character of size bytes off the screen.
func (d *discipline) showErased(c byte, size uint32, single bool) {
	switch {
	case d.local(unix.ECHOPRT):
		if !d.erasing {
			d.show('\\')
			d.erasing = true
		}
		d.echoChar(c)
		for i := uint32(1); i < size; i++ {
			d.show(d.buf[(d.head+i)%bufSize])
			if d.column > 0 {
				d.column--
			}
		}
	case single && !d.local(unix.ECHOE):
		d.echoChar(d.Cc[unix.VERASE])
	case c == '\t':
		d.eraseTab()
	default:
		if isCntrl(c) && d.local(unix.ECHOCTL) {
			d.rubOut()
		}
		if !isCntrl(c) || d.local(unix.ECHOCTL) {
			d.rubOut()
		}
	}
}

func (d *discipline) rubOut() {
	d.show('\b')
	d.show(' ')
	d.show('\b')
}

// eraseTab goes back over a tab: to where the text before it ends, which must
// be worked out from the last tab or the column in which the line began.
func (d *discipline) eraseTab() {
	n := uint32(0)
	afterTab := false
	for i := d.head; i != d.canonHead; {
		i--
		c := d.buf[i%bufSize]
		if c == '\t' {
			afterTab = true
			break
		}
		if isCntrl(c) {
			if d.local(unix.ECHOCTL) {
				n += 2
			}
		} else if !d.continuation(c) {
			n++
		}
	}
	if n &= 7; !afterTab {
		n += d.canonColumn
	}
	for range 8 - n&7 {
		d.echo = append(d.echo, '\b')
		if d.column > 0 {
			d.column--
		}
	}
}

// process appends c as output processing (OPOST) sends it.
func (d *discipline) process(to []byte, c byte) []byte {
	switch c {
	case '\n':
		if d.out(unix.ONLRET) {
			d.column = 0
		}
		if d.out(unix.ONLCR) {
			d.canonColumn, d.column = 0, 0
			return append(to, '\r', '\n')
		}
		d.canonColumn = d.column
	case '\r':
		if d.out(unix.ONOCR) && d.column == 0 {
			return to
		}
		if d.out(unix.OCRNL) {
			c = '\n'
			if d.out(unix.ONLRET) {
				d.canonColumn, d.column = 0, 0
			}
			break
		}
		d.canonColumn, d.column = 0, 0
	case '\t':
		n := 8 - d.column&7
		d.column += n
		if d.Oflag&xtabs == xtabs {
			return append(to, "        "[:n]...)
		}
	case '\b':
		if d.column > 0 {
			d.column--
		}
	default:
		if isCntrl(c) {
			break
		}
		if d.out(olcuc) {
			c = toUpper(c)
		}
		if !d.continuation(c) {
			d.column++
		}
	}
	return append(to, c)
}
