// SPDX-License-Identifier: Apache-2.0

// This file is containers in the sandbox of another: each has a process of the
// host's that stands for it, and a connection to the sandbox's kernel process
// that lasts as long.

package sandbox

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/control"
)

// Membership is what the process that stands for a container is told.
type Membership struct {
	Dir  string      // the state directory of the sandbox's first container
	IDs  *boot.IDMap // its user namespace; nil: the runtime's
	Join control.Join
}

// LaunchMember starts the process that stands for a container. It is in the network
// namespace at c.Network, and a mount namespace of its own.
func (c *Container) LaunchMember() (*Kernel, error) {
	conn, theirs, err := control.Pair()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	cmd := exec.Command("/proc/self/exe")
	cmd.Args = []string{"ditto", "member"}
	cmd.Env = []string{}
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.Stdio[0], c.Stdio[1], c.Stdio[2]
	cmd.ExtraFiles = append([]*os.File{theirs}, c.Extra...)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: c.Terminal, Cloneflags: unix.CLONE_NEWNS}
	if err := c.inNetwork(cmd.Start); err != nil {
		conn.Close()
		return nil, fmt.Errorf("the process that stands for the container: %w", err)
	}
	return &Kernel{cmd: cmd, conn: conn}, nil
}

// Join tells the process that stands for a container what it is, and returns when
// the container waits to be started. Groups are cgroup.procs of control groups, which its processes are to be in.
func (k *Kernel) Join(m *Membership, groups ...*os.File) error {
	m.Join.Groups = len(groups)
	return k.tell(m, groups...)
}

// Enter makes the container, with descriptors of what its description names, of what comes behind
// its streams, and of its control groups. The connection tells its end, and is its life.
func (m *Membership) Enter(root int, volumes, extra []int, groups []*os.File) (*control.Conn, error) {
	conn, err := control.Dial(m.Dir)
	if err != nil {
		return nil, fmt.Errorf("the sandbox does not run: %w", err)
	}
	files := []*os.File{os.Stdin, os.Stdout, os.Stderr, os.NewFile(uintptr(root), "root")}
	for _, fd := range append(volumes, extra...) {
		files = append(files, os.NewFile(uintptr(fd), "volume"))
	}
	files = append(files, groups...)
	err = conn.Send(control.Request{Join: &m.Join}, files...)
	for _, f := range files[3:] {
		f.Close()
	}
	var r control.Report
	if err == nil {
		err = conn.Receive(&r)
	}
	switch {
	case err != nil:
		err = fmt.Errorf("kernel process: %w", err)
	case r.Error != "":
		err = &boot.Error{Status: int(r.Status), Text: r.Error}
	default:
		return conn, nil
	}
	conn.Close()
	return nil, err
}
