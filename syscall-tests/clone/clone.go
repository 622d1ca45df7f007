// SPDX-License-Identifier: Apache-2.0

// Package clone tests clone from Go: os/exec with the clone flags that it lets one set.
package clone

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("flags_of_exec", "", flagsOfExec)
	harness.Case("programs_in_a_pid_namespace", "root cap:21", programsInside)
	harness.Child("clone.inside", func([]string) int {
		fmt.Println("pid", os.Getpid(), "parent", os.Getppid())
		// A program that it starts is number 2 or later, and dies with it if it stays.
		out, err := exec.Command("/bin/sh", "-c", "echo $$ $PPID; (exit 3); kill -0 1; echo $?").Output()
		if err != nil {
			fmt.Println(err)
		}
		var pid, parent, status int
		if _, err := fmt.Sscan(string(out), &pid, &parent, &status); err != nil {
			fmt.Println(err)
		}
		fmt.Println("child above 1:", pid > 1, "parent", parent, "kill", status)
		if err := exec.Command("/bin/sleep", "1000").Start(); err != nil {
			fmt.Println(err)
		}
		return 4
	})
}

func flagsOfExec(t *harness.T) {
	for _, flags := range []uintptr{0, unix.CLONE_IO, unix.CLONE_SYSVSEM, unix.CLONE_IO | unix.CLONE_SYSVSEM} {
		cmd := exec.Command("/bin/sh", "-c", "exit 6")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		t.Observe(fmt.Sprintf("flags %#x", flags), "%s", harness.Status(cmd))
	}
	fd := -1
	cmd := exec.Command("/bin/sh", "-c", "exit 7")
	cmd.SysProcAttr = &syscall.SysProcAttr{PidFD: &fd}
	t.Must("start", cmd.Start())
	t.Check(fd >= 0, "no pidfd")
	t.Observe("with a pidfd", "%s", harness.Status(cmd))
}

func programsInside(t *harness.T) {
	for _, flags := range []uintptr{unix.CLONE_NEWPID, unix.CLONE_NEWPID | unix.CLONE_NEWIPC | unix.CLONE_NEWUTS, unix.CLONE_NEWPID | unix.CLONE_NEWUSER} {
		cmd := harness.Command("clone.inside")
		cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: flags}
		var out bytes.Buffer
		cmd.Stdout = &out
		t.Must("start", cmd.Start())
		name := fmt.Sprintf("flags %#x", flags)
		// Its output ends when the last process of the namespace has.
		t.Observe(name+", end", "%s", harness.Status(cmd))
		t.Observe(name+", output", "%s", out.String())
	}
}
