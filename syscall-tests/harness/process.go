// SPDX-License-Identifier: Apache-2.0

// Helpers for scenarios of several processes.

package harness

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Command prepares a run of a function registered by Child, in a process of its own. Its stderr is the case's.
func Command(name string, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", append([]string{"child", name}, args...)...)
	cmd.Args[0] = os.Args[0]
	cmd.Stderr = os.Stderr
	return cmd
}

// Status runs or waits for a command and returns its end in words: StatusText, or the error that kept it from running.
func Status(cmd *exec.Cmd) string {
	var err error
	if cmd.Process == nil {
		err = cmd.Start()
		if err != nil {
			return ErrnoName(err)
		}
	}
	cmd.Wait()
	return StatusText(unix.WaitStatus(cmd.ProcessState.Sys().(syscall.WaitStatus)))
}

// WaitBlocked waits until thread tid of process pid sleeps in the kernel. False if it did not within 5 seconds.
func WaitBlocked(pid, tid int) bool {
	seen := 0
	for tries := 0; tries < 5000 && seen < 3; tries++ {
		if s := threadState(pid, tid); s == 'S' || s == 'D' {
			seen++
		} else {
			seen = 0
		}
		if seen < 3 {
			time.Sleep(time.Millisecond) // between two looks
		}
	}
	return seen == 3
}

func threadState(pid, tid int) byte {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/stat", pid, tid))
	if err != nil {
		return '?'
	}
	i := bytes.LastIndexByte(b, ')')
	if i < 0 || i+2 >= len(b) {
		return '?'
	}
	return b[i+2]
}
