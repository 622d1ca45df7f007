// SPDX-License-Identifier: Apache-2.0

// This file is the devices of a network (/sys/class/net and, where its links lead, /sys/devices/virtual/net), as rtnetlink tells of
// them. A mount shows the network of who mounted it.

package sysfs

import (
	"encoding/binary"
	"fmt"
	"math"
	"strconv"
	"strings"
	"weak"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/fs/kernfs"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/socket/inet"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// devices are the devices of a network, which they don't keep.
type devices struct{ network weak.Pointer[netns.Network] }

// device is one of them, as what a file is about.
type device struct {
	of    devices
	index int32
}

// Number implements kernfs.Subject.
func (d device) Number() uint64 { return uint64(d.index) }

// Owner implements kernfs.Subject: the root of the network's user namespace (net_ns_get_ownership).
func (d device) Owner(uint32) (cred.UID, cred.GID) {
	n := d.of.network.Value()
	if n == nil {
		return 0, 0
	}
	uid, gid := n.Owner.ToUID(0), n.Owner.ToGID(0)
	if uid == cred.NoUID || gid == cred.NoGID {
		return 0, 0
	}
	return uid, gid
}

// link asks for the device: ENODEV if it is gone.
func (d device) link() (*inet.Link, error) {
	links, err := d.of.links()
	if err != nil {
		return nil, err
	}
	for _, l := range links {
		if l.Index == d.index {
			return l, nil
		}
	}
	return nil, unix.ENODEV
}

func (d devices) links() ([]*inet.Link, error) {
	n := d.network.Value()
	if n == nil {
		return nil, nil
	}
	return inet.Links(n)
}

// directories are class/net, which has a link for each device, and devices/virtual/net, where they are.
func (d devices) directories() (class, virtual *kernfs.Entry) {
	link := &kernfs.Entry{Mode: unix.S_IFLNK | 0o777, Link: func(_ vfs.Ctx, of any) (string, error) {
		l, err := of.(device).link()
		if err != nil {
			return "", err
		}
		return "../../devices/virtual/net/" + l.Name(), nil
	}}
	class, virtual = dir("net"), dir("net")
	d.fill(class, link)
	d.fill(virtual, dir("", append(attributes(), dir("statistics", statistics()...),
		&kernfs.Entry{Name: "subsystem", Mode: unix.S_IFLNK | 0o777, Link: func(vfs.Ctx, any) (string, error) { return "../../../../class/net", nil }})...))
	return class, virtual
}

// fill has a directory show an entry for each device.
func (d devices) fill(e, each *kernfs.Entry) {
	e.Find = func(_ vfs.Ctx, _ any, name string) (*kernfs.Entry, any, error) {
		links, err := d.links()
		if err != nil {
			return nil, nil, err
		}
		for _, l := range links {
			if l.Name() == name {
				return each, device{d, l.Index}, nil
			}
		}
		return nil, nil, unix.ENOENT
	}
	e.List = func(_ vfs.Ctx, _ any, emit func(kernfs.Child) bool) error {
		links, err := d.links()
		for _, l := range links {
			if !emit(kernfs.Child{Name: l.Name(), Key: int64(l.Index), Entry: each, Of: device{d, l.Index}}) {
				break
			}
		}
		return err
	}
}

// attribute is a file of a device (net-sysfs.c).
func attribute(name string, show func(l *inet.Link) (string, error)) *kernfs.Entry {
	return &kernfs.Entry{Name: name, Mode: unix.S_IFREG | 0o444, Text: func(_ vfs.Ctx, of any) ([]byte, error) {
		l, err := of.(device).link()
		if err != nil {
			return nil, err
		}
		text, err := show(l)
		return []byte(text), err
	}}
}

func number(name string, kind uint16) *kernfs.Entry {
	return attribute(name, func(l *inet.Link) (string, error) { return fmt.Sprintln(l.Number(kind)), nil })
}

// running is number of what is EINVAL while the device is down.
func running(name string, value func(l *inet.Link) uint32) *kernfs.Entry {
	return attribute(name, func(l *inet.Link) (string, error) {
		if l.Flags&unix.IFF_UP == 0 {
			return "", unix.EINVAL
		}
		return fmt.Sprintln(value(l)), nil
	})
}

func hardware(name string, kind uint16) *kernfs.Entry {
	return attribute(name, func(l *inet.Link) (string, error) {
		address, _ := l.Attr(kind)
		return strings.ReplaceAll(fmt.Sprintf("% x", address), " ", ":") + "\n", nil
	})
}

// settable lets who rules over the network set a number, as ip(8) does (netdev_store).
func settable(e *kernfs.Entry, set func(n *netns.Network, index int32, v uint64) error) *kernfs.Entry {
	e.Mode |= 0o200
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		n, err := ruled(ctx, of.(device))
		if err != nil {
			return err
		}
		v, err := parse(string(data))
		if err != nil {
			return err
		}
		return set(n, of.(device).index, v)
	}
	return e
}

// parse is kstrtoul: EINVAL, ERANGE.
func parse(text string) (uint64, error) {
	text = strings.TrimPrefix(strings.TrimSuffix(text, "\n"), "+")
	if strings.ContainsAny(text, "_bBoO+") && !strings.HasPrefix(text, "0x") && !strings.HasPrefix(text, "0X") || strings.Contains(text, "_") {
		return 0, unix.EINVAL // Go reads more than C does
	}
	v, err := strconv.ParseUint(text, 0, 64)
	if ne, ok := err.(*strconv.NumError); ok && ne.Err == strconv.ErrRange {
		return 0, unix.ERANGE
	}
	if err != nil {
		return 0, unix.EINVAL
	}
	return v, nil
}

// word sets an attribute of 32 bits, from the lower half of a number.
func word(kind uint16) func(n *netns.Network, index int32, v uint64) error {
	return func(n *netns.Network, index int32, v uint64) error {
		return inet.ChangeLink(n, index, kind, binary.NativeEndian.AppendUint32(nil, uint32(v)))
	}
}

// queueLength refuses what has no place in 32 bits (dev_change_tx_queue_len).
func queueLength(n *netns.Network, index int32, v uint64) error {
	if v > math.MaxUint32 {
		return unix.ERANGE
	}
	return word(unix.IFLA_TXQLEN)(n, index, v)
}

// octet sets an attribute of 8 bits.
func octet(kind uint16) func(n *netns.Network, index int32, v uint64) error {
	return func(n *netns.Network, index int32, v uint64) error {
		return inet.ChangeLink(n, index, kind, []byte{byte(v)})
	}
}

// alias sets the name that an administrator gave the device (ifalias_store).
func alias(e *kernfs.Entry) *kernfs.Entry {
	e.Mode |= 0o200
	e.Store = func(ctx vfs.Ctx, of any, data []byte) error {
		n, err := ruled(ctx, of.(device))
		if err != nil {
			return err
		}
		return inet.ChangeLink(n, of.(device).index, unix.IFLA_IFALIAS, []byte(strings.TrimSuffix(string(data), "\n")))
	}
	return e
}

// ruled is a device's network, which the caller rules over: EPERM, ENODEV.
func ruled(ctx vfs.Ctx, d device) (*netns.Network, error) {
	n := d.of.network.Value()
	switch {
	case n == nil:
		return nil, unix.ENODEV
	case !n.Capable(ctx.Creds(), unix.CAP_NET_ADMIN):
		return nil, unix.EPERM
	}
	return n, nil
}

const (
	iflaCarrierDown = 48

	operDormant, operTesting = 5, 4 // IF_OPER_
)

// states are what operstate says.
var states = []string{"unknown", "notpresent", "down", "lowerlayerdown", "testing", "dormant", "up"}

func attributes() []*kernfs.Entry {
	is := func(state uint32) func(l *inet.Link) uint32 {
		return func(l *inet.Link) uint32 {
			if l.Number(unix.IFLA_OPERSTATE) == state {
				return 1
			}
			return 0
		}
	}
	return []*kernfs.Entry{
		attribute("addr_len", func(l *inet.Link) (string, error) {
			address, _ := l.Attr(unix.IFLA_ADDRESS)
			return fmt.Sprintln(len(address)), nil
		}),
		hardware("address", unix.IFLA_ADDRESS),
		hardware("broadcast", unix.IFLA_BROADCAST),
		settable(running("carrier", func(l *inet.Link) uint32 { return l.Number(unix.IFLA_CARRIER) }), octet(unix.IFLA_CARRIER)),
		number("carrier_changes", unix.IFLA_CARRIER_CHANGES),
		number("carrier_down_count", iflaCarrierDown),
		number("carrier_up_count", unix.IFLA_CARRIER_UP_COUNT),
		running("dormant", is(operDormant)),
		settable(attribute("flags", showFlags), inet.ChangeFlags),
		alias(attribute("ifalias", func(l *inet.Link) (string, error) {
			alias, _ := l.Attr(unix.IFLA_IFALIAS)
			if text := unix.ByteSliceToString(alias); text != "" {
				return text + "\n", nil
			}
			return "", nil
		})),
		attribute("ifindex", func(l *inet.Link) (string, error) { return fmt.Sprintln(l.Index), nil }),
		attribute("iflink", func(l *inet.Link) (string, error) {
			if _, ok := l.Attr(unix.IFLA_LINK); ok {
				return fmt.Sprintln(l.Number(unix.IFLA_LINK)), nil
			}
			return fmt.Sprintln(l.Index), nil
		}),
		number("link_mode", unix.IFLA_LINKMODE),
		settable(number("mtu", unix.IFLA_MTU), word(unix.IFLA_MTU)),
		settable(number("netdev_group", unix.IFLA_GROUP), word(unix.IFLA_GROUP)),
		attribute("operstate", func(l *inet.Link) (string, error) {
			state := l.Number(unix.IFLA_OPERSTATE)
			if l.Flags&unix.IFF_UP == 0 {
				state = 2
			}
			if int(state) >= len(states) {
				return "", unix.EINVAL
			}
			return states[state] + "\n", nil
		}),
		settable(number("proto_down", unix.IFLA_PROTO_DOWN), octet(unix.IFLA_PROTO_DOWN)),
		running("testing", is(operTesting)),
		settable(number("tx_queue_len", unix.IFLA_TXQLEN), queueLength),
		attribute("type", func(l *inet.Link) (string, error) { return fmt.Sprintln(l.Kind), nil }),
		attribute("uevent", func(l *inet.Link) (string, error) {
			return fmt.Sprintf("INTERFACE=%s\nIFINDEX=%d\n", l.Name(), l.Index), nil
		}),
	}
}

// showFlags has the flags that are set, without those that rtnetlink adds of the device's state.
func showFlags(l *inet.Link) (string, error) {
	const states = unix.IFF_RUNNING | unix.IFF_LOWER_UP | unix.IFF_DORMANT | unix.IFF_PROMISC
	flags := l.Flags &^ states
	if l.Number(unix.IFLA_PROMISCUITY) > 0 {
		flags |= unix.IFF_PROMISC
	}
	return fmt.Sprintf("0x%x\n", flags), nil
}

// statistics are the files of counters, which are in the order of struct rtnl_link_stats64.
func statistics() []*kernfs.Entry {
	names := strings.Fields(`rx_packets tx_packets rx_bytes tx_bytes rx_errors tx_errors rx_dropped tx_dropped multicast collisions
		rx_length_errors rx_over_errors rx_crc_errors rx_frame_errors rx_fifo_errors rx_missed_errors
		tx_aborted_errors tx_carrier_errors tx_fifo_errors tx_heartbeat_errors tx_window_errors rx_compressed tx_compressed rx_nohandler`)
	files := make([]*kernfs.Entry, len(names))
	for i, name := range names {
		files[i] = attribute(name, func(l *inet.Link) (string, error) {
			const size = 8
			all, _ := l.Attr(unix.IFLA_STATS64)
			if len(all) < (i+1)*size {
				return "", unix.EINVAL
			}
			return fmt.Sprintln(binary.NativeEndian.Uint64(all[i*size:])), nil
		})
	}
	return files
}
