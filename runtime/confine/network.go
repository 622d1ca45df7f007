// SPDX-License-Identifier: Apache-2.0

package confine

import (
	"os"

	"golang.org/x/sys/unix"
)

// Network prepares a network namespace that this process alone is in: its loopback device is up. Any port may be bound: the sandbox's own
// credentials decide, by the rule of net.ipv4.ip_unprivileged_port_start=1024.
func Network() error {
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return os.NewSyscallError("socket", err)
	}
	defer unix.Close(fd)
	req, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	req.SetUint16(unix.IFF_UP | unix.IFF_RUNNING)
	if err := unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req); err != nil {
		return os.NewSyscallError("lo up", err)
	}
	// Where /proc/sys can't be written, low ports answer EACCES.
	_ = os.WriteFile("/proc/sys/net/ipv4/ip_unprivileged_port_start", []byte("0"), 0)
	return nil
}
