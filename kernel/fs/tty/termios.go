// SPDX-License-Identifier: Apache-2.0

package tty

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Termios is the settings of a terminal (struct ktermios). Only the first 19
// control characters exist in Linux.
type Termios struct {
	Iflag, Oflag, Cflag, Lflag uint32
	Line                       uint8
	Cc                         [19]uint8
	Ispeed, Ospeed             uint32
}

// Winsize is the size of a terminal (struct winsize).
type Winsize struct{ Rows, Cols, Xpixel, Ypixel uint16 }

const (
	iutf8   = 0x4000
	extproc = 0x10000
	iuclc   = 0x200
	olcuc   = 0x2
	xtabs   = 0x1800
	disable = 0 // __DISABLED_CHAR

	// Sizes of the forms that the ioctls take.
	termiosSize  = 36 // struct termios
	termios2Size = 44 // struct termios2
	termioSize   = 18 // struct termio: 17 bytes and padding
)

// initTermios is tty_std_termios.
func initTermios() Termios {
	return Termios{
		Iflag: unix.ICRNL | unix.IXON,
		Oflag: unix.OPOST | unix.ONLCR,
		Cflag: unix.B38400 | unix.CS8 | unix.CREAD | unix.HUPCL,
		Lflag: unix.ISIG | unix.ICANON | unix.ECHO | unix.ECHOE | unix.ECHOK | unix.ECHOCTL | unix.ECHOKE | unix.IEXTEN,
		Cc: [19]uint8{
			unix.VINTR: 3, unix.VQUIT: 28, unix.VERASE: 127, unix.VKILL: 21, unix.VEOF: 4, unix.VMIN: 1,
			unix.VSTART: 17, unix.VSTOP: 19, unix.VSUSP: 26, unix.VREPRINT: 18, unix.VDISCARD: 15,
			unix.VWERASE: 23, unix.VLNEXT: 22,
		},
		Ispeed: 38400, Ospeed: 38400,
	}
}

// ptyTermios is what a new pseudo-terminal's slave has.
func ptyTermios() Termios {
	t := initTermios()
	t.Cflag = unix.B38400 | unix.CS8 | unix.CREAD
	return t
}

// encode2 is the struct termios2; its first 36 bytes are the struct termios.
func (t *Termios) encode2() [termios2Size]byte {
	var b [termios2Size]byte
	for i, v := range [4]uint32{t.Iflag, t.Oflag, t.Cflag, t.Lflag} {
		binary.LittleEndian.PutUint32(b[i*4:], v)
	}
	b[16] = t.Line
	copy(b[17:36], t.Cc[:])
	binary.LittleEndian.PutUint32(b[36:], t.Ispeed)
	binary.LittleEndian.PutUint32(b[40:], t.Ospeed)
	return b
}

// decode takes a struct termios or, if b is long enough, a struct termios2.
func (t *Termios) decode(b []byte) {
	t.Iflag = binary.LittleEndian.Uint32(b)
	t.Oflag = binary.LittleEndian.Uint32(b[4:])
	t.Cflag = binary.LittleEndian.Uint32(b[8:])
	t.Lflag = binary.LittleEndian.Uint32(b[12:])
	t.Line = b[16]
	copy(t.Cc[:], b[17:36])
	if len(b) >= termios2Size {
		t.Ispeed = binary.LittleEndian.Uint32(b[36:])
		t.Ospeed = binary.LittleEndian.Uint32(b[40:])
	} else {
		t.codedSpeeds()
	}
}

// keep leaves what is locked as it was in old (unset_locked_termios): the bits of the flags, and the characters and the line for which locked has
// anything.
func (t *Termios) keep(old, locked *Termios) {
	flags := func(t *Termios) [4]*uint32 { return [4]*uint32{&t.Iflag, &t.Oflag, &t.Cflag, &t.Lflag} }
	were, mask := flags(old), flags(locked)
	for i, p := range flags(t) {
		*p = *p&^*mask[i] | *were[i]&*mask[i]
	}
	if locked.Line != 0 {
		t.Line = old.Line
	}
	for i, l := range locked.Cc {
		if l != 0 {
			t.Cc[i] = old.Cc[i]
		}
	}
}

// codedSpeeds sets the speeds by their codes among the control flags; the code BOTHER leaves what there is.
func (t *Termios) codedSpeeds() {
	if code := t.Cflag & unix.CBAUD; code != unix.BOTHER {
		t.Ospeed = speedOf(code)
	}
	switch code := t.Cflag >> 16 & unix.CBAUD; code {
	case unix.B0:
		t.Ispeed = t.Ospeed
	case unix.BOTHER:
	default:
		t.Ispeed = speedOf(code)
	}
}

// encodeOld is the struct termio of System V.
func (t *Termios) encodeOld() [termioSize]byte {
	var b [termioSize]byte
	for i, v := range [4]uint32{t.Iflag, t.Oflag, t.Cflag, t.Lflag} {
		binary.LittleEndian.PutUint16(b[i*2:], uint16(v))
	}
	b[8] = t.Line
	copy(b[9:17], t.Cc[:8])
	return b
}

func (t *Termios) decodeOld(b []byte) {
	for i, v := range [4]*uint32{&t.Iflag, &t.Oflag, &t.Cflag, &t.Lflag} {
		*v = *v&^0xffff | uint32(binary.LittleEndian.Uint16(b[i*2:]))
	}
	t.Line = b[8]
	copy(t.Cc[:8], b[9:17])
	t.codedSpeeds()
}

var speeds = map[uint32]uint32{
	unix.B50: 50, unix.B75: 75, unix.B110: 110, unix.B134: 134, unix.B150: 150, unix.B200: 200,
	unix.B300: 300, unix.B600: 600, unix.B1200: 1200, unix.B1800: 1800, unix.B2400: 2400,
	unix.B4800: 4800, unix.B9600: 9600, unix.B19200: 19200, unix.B38400: 38400, unix.B57600: 57600,
	unix.B115200: 115200, unix.B230400: 230400, unix.B460800: 460800, unix.B500000: 500000,
	unix.B576000: 576000, unix.B921600: 921600, unix.B1000000: 1000000, unix.B1152000: 1152000,
	unix.B1500000: 1500000, unix.B2000000: 2000000, unix.B2500000: 2500000, unix.B3000000: 3000000,
	unix.B3500000: 3500000, unix.B4000000: 4000000,
}

func speedOf(code uint32) uint32 { return speeds[code] }

// The tests of a flag, short because the line discipline is made of them.
func (t *Termios) in(f uint32) bool    { return t.Iflag&f != 0 }
func (t *Termios) out(f uint32) bool   { return t.Oflag&f != 0 }
func (t *Termios) local(f uint32) bool { return t.Lflag&f != 0 }

func (t *Termios) canonical() bool { return t.local(unix.ICANON) }
