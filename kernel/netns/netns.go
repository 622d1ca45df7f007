// SPDX-License-Identifier: Apache-2.0

// Package netns is the network namespaces of the host's that the sandbox has: the one that the kernel process lives in, and those that
// are made for the sandbox's own (clone(2), unshare(2)). The host's protocols, devices and routes are the sandbox's; who may do what with
// them is the kernel's to decide, before the host is asked.
//
// The kernel process can't leave its namespace, nor make another. So the runtime leaves two things with it (runtime/confine):
//
//   - a maker, a process that makes namespaces, each with an agent: a process that lives in the namespace and makes sockets in it for who
//     has the other end of its socket, which is this package;
//   - a user namespace that owns all of them, and the kernel process's own one, if that is fresh. The kernel process is that user
//     namespace's owner and lives in the one around it, which for Linux is as good as having every capability over what belongs to it,
//     and none over anything else. So changes to a namespace (rtnetlink, ioctls, options of sockets, /proc/sys/net) are ordinary
//     calls on the sockets and files that came from an agent.
//
// A namespace lives as long as something in it does; here it is as long as a Network can be reached.
//
// Lock order: the locks of Maker and agent are leaves, and the one exception to the rule that no lock is held while waiting for the host: an
// agent answers at once, or is dead.
package netns

import (
	"fmt"
	"strconv"
	"strings"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// Tree is a directory of the host's: /proc/net or /proc/sys/net of a namespace.
type Tree interface {
	Read(name string) ([]byte, error)
	Mode(name string) (uint32, error)
	Names(name string) ([]string, error)
	Write(name string, data []byte) error
}

// Network is a network namespace.
type Network struct {
	Owner *cred.UserNS // whose capabilities rule over it
	// Of the host's /proc; nil: it has none to show.
	Net, Sysctl Tree
	// Own: it was made for the sandbox, so that all of it is the sandbox's to change.
	Own bool

	fd    int    // of the host's namespace; -1: unknown
	agent *agent // nil: the kernel process is in this one itself

	settings sync.Map // see Setting
}

// Here is the network namespace that the kernel process is in. fd is the host's namespace, or -1.
func Here(fd int, own bool, net, sysctl Tree) *Network {
	n := &Network{Owner: cred.InitialNS, Net: net, Sysctl: sysctl, Own: own, fd: fd}
	if own {
		n.prepare()
	}
	return n
}

// Capable tells whether c has a capability over the namespace.
func (n *Network) Capable(c *cred.Creds, capability uint) bool {
	return c.CapableIn(n.Owner, capability)
}

// FD is the host's namespace, for requests that name one; -1: it can't be named.
func (n *Network) FD() int { return n.fd }

// Socket makes a socket of the host's in the namespace, close-on-exec and non-blocking.
func (n *Network) Socket(family, kind, protocol int) (int, error) {
	kind |= unix.SOCK_NONBLOCK | unix.SOCK_CLOEXEC
	if n.agent == nil {
		return unix.Socket(family, kind, protocol)
	}
	_, fd, err := n.agent.ask(request{int32(family), int32(kind), int32(protocol)}, "")
	if err == nil && fd < 0 {
		err = unix.ENETDOWN
	}
	return fd, err
}

// Setting is the value that a file of /proc/sys/net shows where that is the kernel's own matter; Set gives it one.
func (n *Network) Setting(path string) (string, bool) {
	v, ok := n.settings.Load(path)
	if !ok {
		return "", false
	}
	return v.(string), true
}

// Set sets what Setting answers.
func (n *Network) Set(path, value string) { n.settings.Store(path, value) }

// The settings that decide who may do something are the kernel's own where the network is: the host's let the kernel process do all of it.
const (
	PortStart  = "./ipv4/ip_unprivileged_port_start"
	PingGroups = "./ipv4/ping_group_range"
)

// prepare has the host let the kernel process do what the kernel decides about.
func (n *Network) prepare() {
	n.Set(PortStart, "1024")
	n.Set(PingGroups, "1\t0")
	if n.Sysctl != nil {
		// Where /proc/sys can't be written, low ports answer EACCES, as pinging does.
		_ = n.Sysctl.Write(PortStart, []byte("0"))
		_ = n.Sysctl.Write(PingGroups, fmt.Appendf(nil, "%d %d", unix.Getegid(), unix.Getegid()))
	}
}

// value is a setting's, be it the host's.
func (n *Network) value(path string) string {
	if v, ok := n.Setting(path); ok {
		return v
	}
	if n.Sysctl != nil {
		if b, err := n.Sysctl.Read(path); err == nil {
			return string(b)
		}
	}
	return ""
}

// Unprivileged tells whether everybody may bind a port.
func (n *Network) Unprivileged(port int) bool {
	if !n.Own && port >= 1024 {
		return true // the host decides
	}
	first, err := strconv.Atoi(strings.TrimSpace(n.value(PortStart)))
	return port >= first && err == nil
}

// PingRange is the groups that may ping, from the first to the last.
func (n *Network) PingRange() (low, high cred.GID) {
	low, high = 1, 0
	_, _ = fmt.Sscan(n.value(PingGroups), &low, &high)
	return low, high
}
