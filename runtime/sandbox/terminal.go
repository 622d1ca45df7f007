// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
)

// terminal is the caller's terminal while the sandbox has the use of it. The
// sandbox's own line discipline does what the host's would do.
type terminal struct {
	fd   int
	mode unix.Termios // as it was
}

// rawTerminal puts f into raw mode, if it is a terminal; otherwise it returns nil.
func rawTerminal(f *os.File) (*terminal, error) {
	fd := int(f.Fd())
	if _, err := unix.IoctlGetTermios(fd, unix.TCGETS); err != nil {
		return nil, nil // not a terminal
	}
	mode, err := makeRaw(fd)
	if err != nil {
		return nil, err
	}
	return &terminal{fd: fd, mode: *mode}, nil
}

// makeRaw puts a terminal into raw mode, and returns the mode before.
func makeRaw(fd int) (*unix.Termios, error) {
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	raw := *mode
	raw.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	raw.Oflag &^= unix.OPOST
	raw.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	raw.Cflag = raw.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	raw.Cc[unix.VMIN], raw.Cc[unix.VTIME] = 1, 0
	return mode, unix.IoctlSetTermios(fd, unix.TCSETS, &raw)
}

// restore gives the terminal back as it was. It waits for what was written.
func (t *terminal) restore() {
	if t != nil {
		_ = unix.IoctlSetTermios(t.fd, unix.TCSETSW, &t.mode)
	}
}

// size is the terminal's size now.
func (t *terminal) size() boot.Winsize {
	w, err := unix.IoctlGetWinsize(t.fd, unix.TIOCGWINSZ)
	if err != nil {
		return boot.Winsize{}
	}
	return boot.Winsize{Row: w.Row, Col: w.Col, Xpixel: w.Xpixel, Ypixel: w.Ypixel}
}
