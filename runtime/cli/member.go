// SPDX-License-Identifier: Apache-2.0

// This file is the process of the host's that stands for a container in the
// sandbox of another.

package cli

import (
	"fmt"
	"os"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/boot"
	"github.com/ditto-kernel/ditto/runtime/confine"
	"github.com/ditto-kernel/ditto/runtime/control"
	"github.com/ditto-kernel/ditto/runtime/sandbox"
)

// memberVerb is "ditto member": it opens what the container is to see, hands that to
// the sandbox's kernel process, and ends as the container does. The container ends
// with it. Only ditto itself starts it.
func memberVerb([]string) int {
	unix.CloseOnExec(controlFD)
	creator, err := control.Open(controlFD)
	if err != nil {
		fmt.Fprintln(os.Stderr, "ditto member: not for people: \"ditto create\" starts it")
		return 2
	}
	var m sandbox.Membership
	if creator.Receive(&m) != nil || m.Join.Description == nil {
		return sandbox.StatusFailed
	}
	front, conn, err := enter(&m, creator.Files())
	if err != nil {
		_ = creator.Send(control.Report{Final: true, Status: boot.ExitStatus(err), Error: err.Error()})
		return sandbox.StatusFailed
	}
	// The connection is closed by this process's end: the sandbox takes that for it.
	if creator.Send(control.Report{Created: true}) != nil {
		return sandbox.StatusFailed
	}
	creator.Close()
	go front.Forward(func(signo int, size *boot.Winsize) { _ = conn.Send(control.Request{Signal: signo, Winsize: size}) })
	var report control.Report
	if err := conn.Receive(&report); err != nil {
		return 128 + int(unix.SIGKILL) // the sandbox is gone, and the container with it
	}
	return sandbox.ExitStatus(report.Status)
}

// enter makes the container in its sandbox. Afterwards nothing of the host's is
// left to this process but its terminal, for that may change its size.
func enter(m *sandbox.Membership, groups []*os.File) (*sandbox.Front, *control.Conn, error) {
	if err := unix.Chdir("/"); err != nil {
		return nil, nil, err
	}
	front, err := sandbox.NewFront(false)
	if m.Join.Description.Terminal {
		front, err = sandbox.NewFrontOf(os.Stdin)
	}
	if err != nil {
		return nil, nil, fmt.Errorf("terminal: %w", err)
	}
	if size := front.Size(); size != nil {
		m.Join.Description.Winsize = *size
	}
	files, err := confine.Open(m.Join.Description, nil, m.IDs)
	if err != nil {
		return nil, nil, err
	}
	var extra []int
	for i := range m.Join.Description.Extra {
		extra = append(extra, controlFD+1+i)
	}
	conn, err := m.Enter(files.Root, files.Volumes, extra, groups)
	if err != nil {
		return nil, nil, err
	}
	if !m.Join.Description.Terminal {
		err = nullStdio()
	}
	if err == nil {
		err = files.EmptyRoot()
	}
	if err == nil {
		err = confine.DropCapabilities(nil)
	}
	if err != nil {
		conn.Close()
	}
	return front, conn, err
}
