// SPDX-License-Identifier: Apache-2.0

// This file decides which TCP ports a domain lets a process bind and connect to.

package landlock

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
)

// MayUseAddress checks that a TCP socket of a family may be bound or connected to an address: EACCES. What is no address of the
// family is refused before the socket looks at it (EINVAL, EAFNOSUPPORT), so that the errors are those of an unrestricted process.
func MayUseAddress(c *cred.Creds, family int, sa []byte, want Ports) error {
	d := Of(c)
	if d == nil || !d.handlesPort(want) {
		return nil
	}
	if len(sa) < 2 {
		return unix.EINVAL
	}
	named := int(binary.NativeEndian.Uint16(sa))
	switch named {
	case unix.AF_UNSPEC:
		if want == ConnectTCP {
			return nil // it ends a connection
		}
		if err := checkUnspecified(family, sa); err != nil {
			return err
		}
	case unix.AF_INET:
		if len(sa) < unix.SizeofSockaddrInet4 {
			return unix.EINVAL
		}
	case unix.AF_INET6:
		if len(sa) < sizeRFC2133 {
			return unix.EINVAL
		}
	default:
		return nil // the socket refuses it
	}
	if named != unix.AF_UNSPEC && named != family {
		return unix.EINVAL
	}
	port := binary.BigEndian.Uint16(sa[2:])
	for _, layer := range d.layers {
		if want&layer.handled.Ports&^layer.ports[port] != 0 {
			return unix.EACCES
		}
	}
	return nil
}

const sizeRFC2133 = 24 // of an IPv6 address without its scope

// checkUnspecified is for bind(2) to AF_UNSPEC, which an IPv4 socket takes for its own family if the address is any.
func checkUnspecified(family int, sa []byte) error {
	switch {
	case len(sa) < unix.SizeofSockaddrInet4, family == unix.AF_INET6 && len(sa) < sizeRFC2133:
		return unix.EINVAL
	case family != unix.AF_INET || binary.NativeEndian.Uint32(sa[4:]) != 0:
		return unix.EAFNOSUPPORT
	}
	return nil
}

func (d *Domain) handlesPort(want Ports) bool {
	for _, layer := range d.layers {
		if layer.handled.Ports&want != 0 {
			return true
		}
	}
	return false
}
