// SPDX-License-Identifier: Apache-2.0

// Namespaces for the native side: pid, mount, network, uts and ipc, as a container has, so that both sides start from
// the same and a test can't hurt the machine. This program starts itself again in them, prepares /proc and the
// loopback device, and becomes the test program: which thereby is process 1, as it is in a sandbox.

package runner

import (
	"fmt"
	"os"
	"os/exec"
	"syscall"

	"golang.org/x/sys/unix"
)

// NativeVerb is the hidden first argument with which this program prepares the native side.
const NativeVerb = "native-side"

// Native is the native side. Without root it has no namespaces of its own.
func Native() (Side, error) {
	self, err := os.Executable()
	if err != nil {
		return Side{}, err
	}
	if os.Geteuid() != 0 {
		return Side{Name: "native"}, nil
	}
	return Side{Name: "native", Command: []string{self, NativeVerb}, Isolate: true}, nil
}

func isolate(cmd *exec.Cmd) {
	cmd.SysProcAttr.Cloneflags = unix.CLONE_NEWNS | unix.CLONE_NEWPID | unix.CLONE_NEWNET | unix.CLONE_NEWUTS | unix.CLONE_NEWIPC
}

// NativeMain is what runs under NativeVerb. It only returns on failure.
func NativeMain(args []string) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("making / private: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mounting /proc: %w", err)
	}
	if err := loopbackUp(); err != nil {
		return fmt.Errorf("bringing up lo: %w", err)
	}
	return syscall.Exec(args[0], args, os.Environ())
}

func loopbackUp() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	return unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req)
}
