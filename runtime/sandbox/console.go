// SPDX-License-Identifier: Apache-2.0

// This file makes the terminal that an engine holds the far end of.

package sandbox

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
)

// SendConsole makes a pseudo-terminal of the host's, sends its master over the unix
// socket at path, as engines want it, and returns the slave: in raw mode, for
// the sandbox does the line discipline.
func SendConsole(path string, size boot.Winsize) (*os.File, error) {
	conn, err := net.DialUnix("unix", nil, &net.UnixAddr{Net: "unix", Name: path})
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	master, slave, err := openPty()
	if err != nil {
		return nil, err
	}
	defer master.Close()
	if size != (boot.Winsize{}) {
		ws := unix.Winsize{Row: size.Row, Col: size.Col, Xpixel: size.Xpixel, Ypixel: size.Ypixel}
		err = unix.IoctlSetWinsize(int(slave.Fd()), unix.TIOCSWINSZ, &ws)
	}
	if err == nil {
		_, err = makeRaw(int(slave.Fd()))
	}
	if err == nil {
		_, _, err = conn.WriteMsgUnix([]byte(slave.Name()), unix.UnixRights(int(master.Fd())), nil)
	}
	if err != nil {
		slave.Close()
		return nil, err
	}
	return slave, nil
}

func openPty() (master, slave *os.File, err error) {
	master, err = os.OpenFile("/dev/ptmx", os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, nil, err
	}
	defer func() {
		if err != nil {
			master.Close()
		}
	}()
	fd := int(master.Fd())
	if err := unix.IoctlSetPointerInt(fd, unix.TIOCSPTLCK, 0); err != nil {
		return nil, nil, os.NewSyscallError("unlock pseudo-terminal", err)
	}
	n, err := unix.IoctlGetUint32(fd, unix.TIOCGPTN)
	if err != nil {
		return nil, nil, os.NewSyscallError("number of pseudo-terminal", err)
	}
	slave, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", n), os.O_RDWR|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	return master, slave, err
}
