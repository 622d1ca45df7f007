// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// setNetSysctl sets sysctls of the network namespace that the process is in.
func setNetSysctl(pid int, sysctl map[string]string) error {
	if len(sysctl) == 0 {
		return nil
	}
	done := make(chan error, 1)
	go func() {
		runtime.LockOSThread() // and never unlocked: the thread ends with the goroutine
		done <- func() error {
			fd, err := unix.Open(fmt.Sprintf("/proc/%d/ns/net", pid), unix.O_RDONLY|unix.O_CLOEXEC, 0)
			if err == nil {
				err = unix.Setns(fd, unix.CLONE_NEWNET)
				unix.Close(fd)
			}
			if err != nil {
				return fmt.Errorf("linux.sysctl: %w", err)
			}
			for key, value := range sysctl {
				name := filepath.Join("/proc/sys", strings.ReplaceAll(key, ".", "/"))
				if err := os.WriteFile(name, []byte(value), 0); err != nil {
					return fmt.Errorf("linux.sysctl: %s: %w", key, err)
				}
			}
			return nil
		}()
	}()
	return <-done
}
