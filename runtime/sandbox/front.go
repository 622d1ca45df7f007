// SPDX-License-Identifier: Apache-2.0

package sandbox

import (
	"os"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
)

// Front is a command that stands for a process in a sandbox: it has the caller's terminal,
// if there is one and it is wanted, and gets the signals.
type Front struct {
	signals chan os.Signal
	term    *terminal
}

// NewFront catches signals from now on, and with terminal puts that on standard
// input into raw mode, if it is one.
func NewFront(terminal bool) (*Front, error) {
	f := &Front{signals: catchSignals()}
	var err error
	if terminal {
		f.term, err = rawTerminal(os.Stdin)
	}
	return f, err
}

// Size is the terminal's; nil if there is none.
func (f *Front) Size() *boot.Winsize {
	if f.term == nil {
		return nil
	}
	size := f.term.size()
	return &size
}

// Forward passes signals and the terminal's size on, for ever.
func (f *Front) Forward(tell func(signo int, size *boot.Winsize)) {
	for s := range f.signals {
		signo := int(s.(syscall.Signal))
		if signo == int(unix.SIGWINCH) && f.term != nil {
			tell(0, f.Size())
			continue
		}
		tell(signo, nil)
	}
}

// Close gives the terminal back as it was.
func (f *Front) Close() { f.term.restore() }

// NewFrontOf is a front with a terminal that an engine has the far end of. It
// becomes the controlling terminal, so that a new size is told, where this
// process leads a session that has none.
func NewFrontOf(slave *os.File) (*Front, error) {
	f := &Front{signals: catchSignals()}
	fd := int(slave.Fd())
	mode, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	if err != nil {
		return nil, err
	}
	f.term = &terminal{fd: fd, mode: *mode}
	_ = unix.IoctlSetInt(fd, unix.TIOCSCTTY, 0)
	return f, nil
}
