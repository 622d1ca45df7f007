// SPDX-License-Identifier: Apache-2.0

// Package control is how the command and the kernel process talk: JSON
// messages over a stream socketpair, one a line. The first message to the kernel process
// is a boot.Description; then come Requests, and Reports come back. Either
// side takes the end of the stream for the end of the other.
package control

import (
	"encoding/json"
	"errors"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
)

// Request is what the command asks of the kernel process.
type Request struct {
	Signal  int           `json:",omitempty"` // for the sandbox's main process
	Winsize *boot.Winsize `json:",omitempty"` // of the terminal
}

// Report is what the kernel process tells. Every sandbox ends with one that
// is Final.
type Report struct {
	Final bool `json:",omitempty"`
	// Status is the command's wait status (wait(2)), if Error is empty; else
	// the exit status that goes with the error.
	Status uint32
	Error  string `json:",omitempty"` // why the command did not start
	Counts string `json:",omitempty"` // boot.Sandbox.Counts, if asked for
}

// Conn is one end. Send is safe for concurrent use.
type Conn struct {
	conn net.Conn
	dec  *json.Decoder

	mu  sync.Mutex
	enc *json.Encoder
}

// Pair makes the two ends: one for this process, one to hand to a child.
func Pair() (*Conn, *os.File, error) {
	fds, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, nil, os.NewSyscallError("socketpair", err)
	}
	theirs := os.NewFile(uintptr(fds[1]), "control")
	ours, err := Open(fds[0])
	if err != nil {
		theirs.Close()
		return nil, nil, err
	}
	return ours, theirs, nil
}

// Open takes over the descriptor of one end.
func Open(fd int) (*Conn, error) {
	f := os.NewFile(uintptr(fd), "control")
	if f == nil {
		return nil, errors.New("control: no such descriptor")
	}
	defer f.Close()
	c, err := net.FileConn(f)
	if err != nil {
		return nil, err
	}
	return &Conn{conn: c, dec: json.NewDecoder(c), enc: json.NewEncoder(c)}, nil
}

// Send writes one message.
func (c *Conn) Send(message any) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.enc.Encode(message)
}

// Receive reads the next message. One goroutine at a time.
func (c *Conn) Receive(message any) error { return c.dec.Decode(message) }

// Close ends the conversation.
func (c *Conn) Close() error { return c.conn.Close() }
