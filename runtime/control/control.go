// SPDX-License-Identifier: Apache-2.0

// Package control is how commands and the kernel process talk: JSON
// messages over a stream socket, one a line, some with descriptors. The first message to the kernel process
// is a boot.Description; then come Requests, and Reports come back. Either
// side takes the end of the stream for the end of the other.
//
// The kernel process of a container also listens on a socket in the container's state
// directory: each connection there has one Request to begin with, and ends
// with a Report that is Final.
package control

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/kernel/fs/cgroupfs"
)

// Request is what a command asks of the kernel process.
type Request struct {
	Signal  int           `json:",omitempty"` // for the main process, or that which this connection started
	Winsize *boot.Winsize `json:",omitempty"` // of its terminal

	// The rest is for a container's socket.
	Container string `json:",omitempty"` // which of the sandbox's it is about; empty: the first

	All   bool          `json:",omitempty"` // Signal is for every process
	Start bool          `json:",omitempty"` // let the container's process run
	Exec  *boot.Process `json:",omitempty"` // start this too: three descriptors come along
	List  bool          `json:",omitempty"` // of the processes

	MaxTasks *int64           `json:",omitempty"` // the limit from now on; 0: none
	Limits   *cgroupfs.Limits `json:",omitempty"` // what the host's limits are from now on
	Join     *Join            `json:",omitempty"` // a further container, which lasts as long as the connection
}

// Join is a container that comes into a sandbox. With it come the descriptors
// of its streams, its root and its volumes.
type Join struct {
	ID          string
	Description *boot.Description
	IPC, UTS    bool    // it has the sandbox's first namespaces of these kinds
	Groups      int     `json:",omitempty"` // descriptors behind the others: cgroup.procs of control groups of its own
	PidsOf      *string `json:",omitempty"` // the container whose pid namespace it is in, as Request.Container; nil: one of its own
}

// MarshalJSON keeps encoding/json from looking at all that a container may be for each other request, as boot.Container's.
func (j *Join) MarshalJSON() ([]byte, error) {
	type plain Join
	return json.Marshal((*plain)(j))
}

// UnmarshalJSON is as MarshalJSON.
func (j *Join) UnmarshalJSON(b []byte) error {
	type plain Join
	return json.Unmarshal(b, (*plain)(j))
}

// Report is what the kernel process tells. Every conversation ends with one that
// is Final.
type Report struct {
	Final bool `json:",omitempty"`
	// Status is the command's wait status (wait(2)), if Error is empty; else
	// the exit status that goes with the error.
	Status uint32
	Error  string `json:",omitempty"` // why the command did not start, or the request failed
	Counts string `json:",omitempty"` // boot.Sandbox.Counts, if asked for

	Created   bool               `json:",omitempty"` // a container that waits for Start, or an executed process
	Processes []boot.ProcessInfo `json:",omitempty"`
	MaxTasks  int64              `json:",omitempty"` // with Processes: the limit
}

// Conn is one end. Send is safe for concurrent use.
type Conn struct {
	conn *net.UnixConn
	dec  *json.Decoder

	files []*os.File // that came, for the goroutine that receives

	mu sync.Mutex // of Send
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
	u, ok := c.(*net.UnixConn)
	if !ok {
		c.Close()
		return nil, errors.New("control: not a unix socket")
	}
	return newConn(u), nil
}

func newConn(u *net.UnixConn) *Conn {
	c := &Conn{conn: u}
	c.dec = json.NewDecoder(reader{c})
	return c
}

// Send writes one message, and descriptors with it.
func (c *Conn) Send(message any, files ...*os.File) error {
	b, err := json.Marshal(message)
	if err != nil {
		return err
	}
	b = append(b, '\n')
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(files) > 0 {
		var fds []int
		for _, f := range files {
			fds = append(fds, int(f.Fd()))
		}
		n, _, err := c.conn.WriteMsgUnix(b, unix.UnixRights(fds...), nil)
		if err != nil {
			return err
		}
		b = b[n:]
	}
	if len(b) == 0 {
		return nil // the answer may have come already, and the other end be gone
	}
	_, err = c.conn.Write(b)
	return err
}

// HungUp tells whether an error of Send or Receive says that the other end is gone, whether or not it had read what was sent.
func HungUp(err error) bool {
	return errors.Is(err, io.EOF) || errors.Is(err, unix.ECONNRESET) || errors.Is(err, unix.EPIPE)
}

// Receive reads the next message. One goroutine at a time.
func (c *Conn) Receive(message any) error { return c.dec.Decode(message) }

// Files are the descriptors that came with what was received, for the caller
// to close.
func (c *Conn) Files() []*os.File {
	files := c.files
	c.files = nil
	return files
}

// Close ends the conversation.
func (c *Conn) Close() error { return c.conn.Close() }

// reader reads a connection and keeps the descriptors that come.
type reader struct{ c *Conn }

// maxFiles is how many descriptors a message may carry.
const maxFiles = 253 // SCM_MAX_FD

func (r reader) Read(p []byte) (int, error) {
	oob := make([]byte, unix.CmsgSpace(4*maxFiles))
	n, oobn, _, _, err := r.c.conn.ReadMsgUnix(p, oob)
	if oobn > 0 {
		r.c.keep(oob[:oobn])
	}
	if n == 0 && err == nil {
		return 0, io.EOF
	}
	return max(n, 0), err // net has -1 with an error, which no io.Reader may
}

func (c *Conn) keep(oob []byte) {
	messages, err := unix.ParseSocketControlMessage(oob)
	if err != nil {
		return
	}
	for i := range messages {
		fds, err := unix.ParseUnixRights(&messages[i])
		if err != nil {
			continue
		}
		for _, fd := range fds {
			unix.CloseOnExec(fd)
			c.files = append(c.files, os.NewFile(uintptr(fd), fmt.Sprintf("descriptor %d", len(c.files))))
		}
	}
}
