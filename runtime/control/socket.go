// SPDX-License-Identifier: Apache-2.0

// This file is the socket in a container's state directory.

package control

import (
	"fmt"
	"net"
	"os"

	"golang.org/x/sys/unix"
)

// socketName is the socket's name in the state directory.
const socketName = "control.sock"

// address is the socket's, by way of a descriptor of its directory: a path may be longer
// than a socket address takes.
func address(dir string) (*os.File, *net.UnixAddr, error) {
	d, err := os.OpenFile(dir, unix.O_PATH|unix.O_DIRECTORY, 0)
	if err != nil {
		return nil, nil, err
	}
	return d, &net.UnixAddr{Net: "unix", Name: fmt.Sprintf("/proc/self/fd/%d/%s", d.Fd(), socketName)}, nil
}

// Bind makes the socket, listening, to hand to a kernel process.
func Bind(dir string) (*os.File, error) {
	d, addr, err := address(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	l, err := net.ListenUnix("unix", addr)
	if err != nil {
		return nil, err
	}
	defer l.Close()
	l.SetUnlinkOnClose(false)
	return l.File()
}

// Dial connects to the kernel process whose socket is in the directory.
func Dial(dir string) (*Conn, error) {
	d, addr, err := address(dir)
	if err != nil {
		return nil, err
	}
	defer d.Close()
	u, err := net.DialUnix("unix", nil, addr)
	if err != nil {
		return nil, err
	}
	return newConn(u), nil
}

// Listener accepts connections in the kernel process.
type Listener struct{ l *net.UnixListener }

// Listen takes over the descriptor that Bind made.
func Listen(fd int) (*Listener, error) {
	f := os.NewFile(uintptr(fd), "socket")
	if f == nil {
		return nil, fmt.Errorf("control: descriptor %d is not there", fd)
	}
	defer f.Close()
	l, err := net.FileListener(f)
	if err != nil {
		return nil, err
	}
	u, ok := l.(*net.UnixListener)
	if !ok {
		l.Close()
		return nil, fmt.Errorf("control: not a unix socket")
	}
	u.SetUnlinkOnClose(false)
	return &Listener{u}, nil
}

// Accept waits for the next connection.
func (l *Listener) Accept() (*Conn, error) {
	u, err := l.l.AcceptUnix()
	if err != nil {
		return nil, err
	}
	return newConn(u), nil
}
