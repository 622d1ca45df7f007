// SPDX-License-Identifier: Apache-2.0

// A process to be signalled, moved, asked about and waited for.

package harness

import (
	"os/exec"
	"syscall"
)

// Sleeper starts a process that has executed a program without handlers and waits until it is killed. Its end is
// waited for by Status.
func (t *T) Sleeper(attr *syscall.SysProcAttr) *exec.Cmd {
	cmd := exec.Command("/bin/cat")
	cmd.SysProcAttr = attr
	// The pipe stays open for as long as cmd does.
	if _, err := cmd.StdinPipe(); err != nil {
		t.Fatalf("sleeper: %v", err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatalf("sleeper: %v", err)
	}
	return cmd
}
