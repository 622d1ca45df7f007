// SPDX-License-Identifier: Apache-2.0

// This file is rtnetlink's changes (rtnetlink(7)): which of them the host is asked for, and what they say of other network
// namespaces, in the kernel process's terms.

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// changes are the requests that change the network and are let through for who may: devices, addresses, routes, neighbours, rules.
// Queueing and filters (tc(8)) are as in a kernel that was built without.
var changes = map[uint16]bool{
	unix.RTM_NEWLINK: true, unix.RTM_DELLINK: true, unix.RTM_SETLINK: true, unix.RTM_NEWADDR: true, unix.RTM_DELADDR: true,
	unix.RTM_NEWROUTE: true, unix.RTM_DELROUTE: true, unix.RTM_NEWNEIGH: true, unix.RTM_DELNEIGH: true, unix.RTM_NEWRULE: true,
	unix.RTM_DELRULE: true, unix.RTM_SETNEIGHTBL: true, unix.RTM_NEWADDRLABEL: true, unix.RTM_DELADDRLABEL: true,
	unix.RTM_NEWNSID: true, unix.RTM_DELNSID: true, unix.RTM_NEWNEXTHOP: true, unix.RTM_DELNEXTHOP: true,
	unix.RTM_NEWLINKPROP: true, unix.RTM_DELLINKPROP: true,
}

// kinds are the devices that may be made. For others the host might load a module.
var kinds = map[string]bool{
	"veth": true, "dummy": true, "bridge": true, "vlan": true, "macvlan": true, "ipvlan": true, "ifb": true,
}

// judgeRoute is rtnetlink_rcv_msg's check: whoever changes must be privileged.
func (s *Socket) judgeRoute(ctx vfs.Ctx, kind, flags uint16, m []byte) verdict {
	const kinds, get = 3, 2
	switch {
	case kind > unix.RTM_MAX || kind < unix.RTM_BASE:
		return pass // EOPNOTSUPP
	case (kind-unix.RTM_BASE)&kinds == get:
		if kind != unix.RTM_GETLINK && kind != unix.RTM_GETNSID && kind != unix.RTM_GETADDR {
			return pass
		}
	case !s.admin(ctx.Creds()):
		return verdict(unix.EPERM)
	case !changes[kind]:
		return verdict(unix.EOPNOTSUPP)
	}
	t := translation{ctx: ctx, creates: kind == unix.RTM_NEWLINK && flags&unix.NLM_F_CREATE != 0}
	body := m[unix.SizeofNlMsghdr:]
	var err error
	switch kind {
	case unix.RTM_NEWLINK, unix.RTM_DELLINK, unix.RTM_SETLINK, unix.RTM_GETLINK:
		err = t.link(body)
	case unix.RTM_NEWNSID, unix.RTM_GETNSID:
		err = t.nsid(body)
	case unix.RTM_NEWADDR, unix.RTM_DELADDR, unix.RTM_GETADDR:
		err = t.address(body)
	}
	if e, ok := err.(unix.Errno); ok {
		return verdict(e)
	}
	return pass
}

// translation turns what a request says of network namespaces, in pids and descriptors of its sender, into descriptors of the
// kernel process.
type translation struct {
	ctx     vfs.Ctx
	creates bool
}

const sizeofAttr = 4

// attributes calls visit with each attribute of a list: its header and its value, which may be changed.
func attributes(list []byte, visit func(kind uint16, head, value []byte) error) error {
	for len(list) >= sizeofAttr {
		size := int(binary.NativeEndian.Uint16(list))
		if size < sizeofAttr || size > len(list) {
			return nil // the host finds out
		}
		const flags = 0xc000 // NLA_F_NESTED, NLA_F_NET_BYTEORDER
		kind := binary.NativeEndian.Uint16(list[2:]) &^ flags
		if err := visit(kind, list[:sizeofAttr], list[sizeofAttr:size]); err != nil {
			return err
		}
		list = list[min(len(list), (size+3)&^3):]
	}
	return nil
}

// link translates a request about a device: a struct ifinfomsg and its attributes.
func (t *translation) link(body []byte) error {
	if len(body) < unix.SizeofIfInfomsg {
		return nil
	}
	return attributes(body[unix.SizeofIfInfomsg:], func(kind uint16, head, value []byte) error {
		switch kind {
		case unix.IFLA_NET_NS_PID, unix.IFLA_NET_NS_FD:
			return t.namespace(kind == unix.IFLA_NET_NS_PID, head, value, unix.IFLA_NET_NS_FD, true)
		case unix.IFLA_TARGET_NETNSID, unix.IFLA_LINK_NETNSID:
			return unix.EOPNOTSUPP
		case unix.IFLA_LINKINFO:
			return t.info(value)
		}
		return nil
	})
}

// address refuses what names another namespace by its number: only this kernel knows who may look there.
func (t *translation) address(body []byte) error {
	if len(body) < unix.SizeofIfAddrmsg {
		return nil
	}
	return attributes(body[unix.SizeofIfAddrmsg:], func(kind uint16, _, _ []byte) error {
		if kind == unix.IFA_TARGET_NETNSID {
			return unix.EOPNOTSUPP
		}
		return nil
	})
}

// info looks at a device's IFLA_LINKINFO: its kind, and the other end of a pair.
func (t *translation) info(list []byte) error {
	var name string
	var data []byte
	err := attributes(list, func(kind uint16, _, value []byte) error {
		switch kind {
		case unix.IFLA_INFO_KIND:
			name = unix.ByteSliceToString(value)
		case unix.IFLA_INFO_DATA:
			data = value
		}
		return nil
	})
	switch {
	case err != nil:
		return err
	case t.creates && !kinds[name]:
		return unix.EOPNOTSUPP
	case name != "veth":
		return nil
	}
	const peer = 1 // VETH_INFO_PEER
	return attributes(data, func(kind uint16, _, value []byte) error {
		if kind == peer {
			return t.link(value)
		}
		return nil
	})
}

// nsid translates a request about the number that a namespace has in another: a struct rtgenmsg and its attributes.
func (t *translation) nsid(body []byte) error {
	const sizeofRtgenmsg, byPid, byFD = 4, 2, 3 // aligned; NETNSA_PID, NETNSA_FD
	if len(body) < sizeofRtgenmsg {
		return nil
	}
	return attributes(body[sizeofRtgenmsg:], func(kind uint16, head, value []byte) error {
		if kind == byPid || kind == byFD {
			return t.namespace(kind == byPid, head, value, byFD, false)
		}
		return nil
	})
}

// namespaces finds network namespaces for their names: ESRCH, EBADF, EINVAL.
type namespaces interface {
	NetworkOfProcess(pid int32) (*netns.Network, error)
	NetworkOfFD(fd int32) (*netns.Network, error)
}

// namespace translates one attribute. moves: a device shall go there, which needs the right to change that namespace too.
func (t *translation) namespace(isPid bool, head, value []byte, byFD uint16, moves bool) error {
	find, ok := t.ctx.(namespaces)
	if !ok || len(value) < 4 {
		return unix.EINVAL
	}
	named := int32(binary.NativeEndian.Uint32(value))
	of := find.NetworkOfFD
	if isPid {
		of = find.NetworkOfProcess
	}
	n, err := of(named)
	switch {
	case err != nil:
		return err
	case moves && !n.Capable(t.ctx.Creds(), unix.CAP_NET_ADMIN):
		return unix.EPERM
	case n.FD() < 0:
		return unix.EOPNOTSUPP
	}
	binary.NativeEndian.PutUint16(head[2:], byFD)
	binary.NativeEndian.PutUint32(value, uint32(n.FD()))
	return nil
}
