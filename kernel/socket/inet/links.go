// SPDX-License-Identifier: Apache-2.0

// This file is the devices of a network as rtnetlink tells of them, for the kernel's own use: /sys/class/net shows them.

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/netns"
)

// Link is a device.
type Link struct {
	Index int32
	Kind  uint16 // ifi_type: ARPHRD_ETHER
	Flags uint32

	attrs map[uint16][]byte
}

// Attr is the value of an attribute (IFLA_ADDRESS); false if the host doesn't tell it.
func (l *Link) Attr(kind uint16) ([]byte, bool) {
	v, ok := l.attrs[kind]
	return v, ok
}

// Number is an attribute that is a number, 0 if it is not there.
func (l *Link) Number(kind uint16) uint32 {
	switch v := l.attrs[kind]; {
	case len(v) >= 4:
		return binary.NativeEndian.Uint32(v)
	case len(v) > 0:
		return uint32(v[0])
	}
	return 0
}

// Name is the device's.
func (l *Link) Name() string { return unix.ByteSliceToString(l.attrs[unix.IFLA_IFNAME]) }

// Links are the devices of a network, the lowest index first.
func Links(n *netns.Network) ([]*Link, error) {
	var links []*Link
	err := askHost(n, unix.RTM_GETLINK, unix.NLM_F_DUMP, make([]byte, unix.SizeofIfInfomsg), func(kind uint16, body []byte) {
		if kind != unix.RTM_NEWLINK || len(body) < unix.SizeofIfInfomsg {
			return
		}
		l := &Link{Kind: binary.NativeEndian.Uint16(body[2:]), Index: int32(binary.NativeEndian.Uint32(body[4:])),
			Flags: binary.NativeEndian.Uint32(body[8:]), attrs: map[uint16][]byte{}}
		_ = attributes(body[unix.SizeofIfInfomsg:], func(kind uint16, _, value []byte) error {
			l.attrs[kind] = value
			return nil
		})
		links = append(links, l)
	})
	return links, err
}

// ChangeLink sets an attribute of a device.
func ChangeLink(n *netns.Network, index int32, kind uint16, value []byte) error {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	body = binary.NativeEndian.AppendUint16(body, uint16(sizeofAttr+len(value)))
	body = append(binary.NativeEndian.AppendUint16(body, kind), value...)
	body = append(body, make([]byte, -len(body)&3)...)
	return askHost(n, unix.RTM_SETLINK, unix.NLM_F_ACK, body, func(uint16, []byte) {})
}

// ChangeFlags sets a device's flags, as SIOCSIFFLAGS does.
func ChangeFlags(n *netns.Network, index int32, flags uint64) error {
	body := make([]byte, unix.SizeofIfInfomsg)
	binary.NativeEndian.PutUint32(body[4:], uint32(index))
	binary.NativeEndian.PutUint32(body[8:], uint32(flags))
	binary.NativeEndian.PutUint32(body[12:], ^uint32(0)) // ifi_change: all of them
	return askHost(n, unix.RTM_SETLINK, unix.NLM_F_ACK, body, func(uint16, []byte) {})
}

// askHost asks the host and visits each message of its answer, which the host gives at once.
func askHost(n *netns.Network, kind, flags uint16, body []byte, visit func(kind uint16, body []byte)) error {
	fd, err := n.Socket(unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	m := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(body)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = binary.NativeEndian.AppendUint16(m, flags|unix.NLM_F_REQUEST)
	m = append(append(m, 0, 0, 0, 0, 0, 0, 0, 0), body...)
	if _, err := hostio.Send(fd, m, &hostio.Message{Name: kernelName}, 0); err != nil {
		return err
	}
	for {
		buf := make([]byte, 64<<10) // kept by who visits
		size, err := hostio.Receive(fd, buf, &hostio.Message{}, 0)
		if err != nil {
			return err
		}
		for p := buf[:size]; len(p) >= unix.SizeofNlMsghdr; {
			size, kind := int(binary.NativeEndian.Uint32(p)), binary.NativeEndian.Uint16(p[4:])
			if size < unix.SizeofNlMsghdr || size > len(p) {
				return unix.EIO
			}
			switch kind {
			case unix.NLMSG_DONE:
				return nil
			case unix.NLMSG_ERROR:
				return answered(p[unix.SizeofNlMsghdr:size])
			}
			visit(kind, p[unix.SizeofNlMsghdr:size])
			p = p[min(len(p), (size+3)&^3):]
		}
	}
}

// answered is what a struct nlmsgerr says.
func answered(body []byte) error {
	if len(body) < sizeofInt {
		return unix.EIO
	}
	if errno := unix.Errno(-int32(binary.NativeEndian.Uint32(body))); errno != 0 {
		return errno
	}
	return nil
}
