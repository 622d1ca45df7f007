// SPDX-License-Identifier: Apache-2.0

package socket

import (
	"encoding/binary"
	"fmt"
	"net"
	"os"
	"runtime"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("rtnetlink_devices", "root cap:21", devices)
	harness.Case("rtnetlink_addresses_and_routes", "root cap:21", addressesAndRoutes)
	harness.Case("rtnetlink_moves_devices", "root cap:21", moves)
}

// route is a socket of NETLINK_ROUTE in a network namespace of the caller's own.
type route struct {
	t  *harness.T
	fd int
}

// own puts the thread into a network namespace of its own, for good.
func own(t *harness.T) route {
	runtime.LockOSThread()
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNET))
	return here(t)
}

func here(t *harness.T) route {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	t.Must("socket", err)
	return route{t, fd}
}

// ask makes a request, and says what the acknowledgement says.
func (r route) ask(kind, flags uint16, body ...[]byte) string {
	all := slices.Concat(body...)
	m := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(all)))
	m = binary.NativeEndian.AppendUint16(m, kind)
	m = binary.NativeEndian.AppendUint16(m, flags|unix.NLM_F_REQUEST|unix.NLM_F_ACK)
	m = append(append(m, 0, 0, 0, 0, 0, 0, 0, 0), all...)
	r.t.Must("send", unix.Sendto(r.fd, m, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}))
	b := make([]byte, 1<<16)
	for {
		n, _, err := unix.Recvfrom(r.fd, b, 0)
		r.t.Must("recv", err)
		if n >= 20 && binary.NativeEndian.Uint16(b[4:]) == unix.NLMSG_ERROR {
			if e := unix.Errno(-int32(binary.NativeEndian.Uint32(b[16:]))); e != 0 {
				return unix.ErrnoName(e)
			}
			return "ok"
		}
	}
}

func attr(kind uint16, value ...[]byte) []byte {
	v := slices.Concat(value...)
	p := binary.NativeEndian.AppendUint16(nil, uint16(4+len(v)))
	p = append(binary.NativeEndian.AppendUint16(p, kind), v...)
	return append(p, make([]byte, -len(p)&3)...)
}

func text(s string) []byte   { return append([]byte(s), 0) }
func number(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
func ifinfo(index int, flags, change uint32) []byte {
	b := append(make([]byte, 4), number(uint32(index))...)
	return append(append(b, number(flags)...), number(change)...)
}

func kindOf(kind string, data ...[]byte) []byte {
	info := attr(unix.IFLA_INFO_KIND, text(kind))
	if len(data) > 0 {
		info = append(info, attr(unix.IFLA_INFO_DATA, data...)...)
	}
	return attr(unix.IFLA_LINKINFO, info)
}

// pair is what makes a pair of devices.
func pair(a, b string, more ...[]byte) []byte {
	peer := slices.Concat(ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text(b)), slices.Concat(more...))
	return slices.Concat(ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text(a)), kindOf("veth", attr(1, peer)))
}

// devicesThere are the names of the devices, and whether they are up.
func devicesThere(t *harness.T) string {
	list, err := net.Interfaces()
	t.Must("interfaces", err)
	var names []string
	for _, i := range list {
		names = append(names, fmt.Sprintf("%s %d %v", i.Name, i.MTU, i.Flags&net.FlagUp != 0))
	}
	return strings.Join(names, ", ")
}

func index(t *harness.T, name string) int {
	i, err := net.InterfaceByName(name)
	t.Must("interface "+name, err)
	return i.Index
}

const creates = unix.NLM_F_CREATE | unix.NLM_F_EXCL

func devices(t *harness.T) {
	r := own(t)
	t.Observe("fresh", "%s", devicesThere(t))
	t.Observe("a pair", "%s", r.ask(unix.RTM_NEWLINK, creates, pair("a0", "a1")))
	t.Observe("the same again", "%s", r.ask(unix.RTM_NEWLINK, creates, pair("a0", "a2")))
	t.Observe("a bridge", "%s", r.ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text("br0")), kindOf("bridge")))
	t.Observe("no such kind", "%s", r.ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text("x0")), kindOf("nosuchkind")))
	t.Observe("bad name", "%s", r.ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text("x/0")), kindOf("bridge")))
	t.Observe("no kind", "%s", r.ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), attr(unix.IFLA_IFNAME, text("x0"))))
	t.Observe("made", "%s", devicesThere(t))
	a0, br0 := index(t, "a0"), index(t, "br0")
	t.Observe("up", "%s", r.ask(unix.RTM_NEWLINK, 0, ifinfo(a0, unix.IFF_UP, unix.IFF_UP)))
	t.Observe("mtu", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(a0, 0, 0), attr(unix.IFLA_MTU, number(1300))))
	t.Observe("bad mtu", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(a0, 0, 0), attr(unix.IFLA_MTU, number(1<<31))))
	t.Observe("name", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "a1"), 0, 0), attr(unix.IFLA_IFNAME, text("other"))))
	t.Observe("into the bridge", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(a0, 0, 0), attr(unix.IFLA_MASTER, number(uint32(br0)))))
	t.Observe("no such device", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(99, 0, 0), attr(unix.IFLA_MTU, number(1300))))
	t.Observe("changed", "%s", devicesThere(t))
	t.Observe("delete lo", "%s", r.ask(unix.RTM_DELLINK, 0, ifinfo(1, 0, 0)))
	t.Observe("delete one of the pair", "%s", r.ask(unix.RTM_DELLINK, 0, ifinfo(a0, 0, 0)))
	t.Observe("delete no device", "%s", r.ask(unix.RTM_DELLINK, 0, ifinfo(99, 0, 0)))
	t.Observe("left", "%s", devicesThere(t))
	asNobody(t)
	t.Observe("nobody's bridge, on root's socket", "%s", r.ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), kindOf("bridge")))
	t.Observe("nobody's bridge", "%s", here(t).ask(unix.RTM_NEWLINK, creates, ifinfo(0, 0, 0), kindOf("bridge")))
	t.Observe("nobody's delete", "%s", here(t).ask(unix.RTM_DELLINK, 0, ifinfo(br0, 0, 0)))
}

func asNobody(t *harness.T) {
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 65534, 65534, 65534); e != 0 {
		t.Must("setresuid", e)
	}
}

func addressesAndRoutes(t *harness.T) {
	r := own(t)
	address := func(index int, bits uint8, ip ...byte) []byte {
		head := append([]byte{unix.AF_INET, bits, 0, 0}, number(uint32(index))...)
		return slices.Concat(head, attr(unix.IFA_LOCAL, ip), attr(unix.IFA_ADDRESS, ip))
	}
	to := func(bits uint8, dst, via []byte, more ...[]byte) []byte {
		head := append([]byte{unix.AF_INET, bits, 0, 0, unix.RT_TABLE_MAIN, unix.RTPROT_BOOT, unix.RT_SCOPE_UNIVERSE, unix.RTN_UNICAST}, number(0)...)
		if via != nil {
			more = append(more, attr(unix.RTA_GATEWAY, via))
		}
		return slices.Concat(head, attr(unix.RTA_DST, dst), slices.Concat(more...))
	}
	t.Must("up", errnoOf(r.ask(unix.RTM_NEWLINK, 0, ifinfo(1, unix.IFF_UP, unix.IFF_UP))))
	t.Observe("add", "%s", r.ask(unix.RTM_NEWADDR, creates, address(1, 24, 10, 1, 2, 3)))
	t.Observe("add again", "%s", r.ask(unix.RTM_NEWADDR, creates, address(1, 24, 10, 1, 2, 3)))
	t.Observe("add to no device", "%s", r.ask(unix.RTM_NEWADDR, creates, address(99, 24, 10, 1, 2, 3)))
	t.Observe("bad length", "%s", r.ask(unix.RTM_NEWADDR, creates, address(1, 33, 10, 1, 2, 4)))
	l, err := net.Listen("tcp4", "10.1.2.3:0")
	t.ObserveErr("listen on it", err)
	if err == nil {
		l.Close()
	}
	t.Observe("route", "%s", r.ask(unix.RTM_NEWROUTE, creates, to(16, []byte{10, 9, 0, 0}, nil, attr(unix.RTA_OIF, number(1)))))
	t.Observe("route again", "%s", r.ask(unix.RTM_NEWROUTE, creates, to(16, []byte{10, 9, 0, 0}, nil, attr(unix.RTA_OIF, number(1)))))
	t.Observe("unreachable gateway", "%s", r.ask(unix.RTM_NEWROUTE, creates, to(16, []byte{10, 8, 0, 0}, []byte{99, 1, 1, 1})))
	table, err := os.ReadFile("/proc/thread-self/net/route")
	t.Must("route table", err)
	t.Observe("table", "%s", table)
	t.Observe("delete", "%s", r.ask(unix.RTM_DELROUTE, 0, to(16, []byte{10, 9, 0, 0}, nil)))
	t.Observe("delete again", "%s", r.ask(unix.RTM_DELROUTE, 0, to(16, []byte{10, 9, 0, 0}, nil)))
	t.Observe("delete the address", "%s", r.ask(unix.RTM_DELADDR, 0, address(1, 24, 10, 1, 2, 3)))
	t.Observe("delete it again", "%s", r.ask(unix.RTM_DELADDR, 0, address(1, 24, 10, 1, 2, 3)))
	neighbour := slices.Concat([]byte{unix.AF_INET, 0, 0, 0}, number(1), []byte{0x80, 0, 0, 0}, attr(unix.NDA_DST, []byte{10, 1, 2, 9}),
		attr(unix.NDA_LLADDR, []byte{2, 0, 0, 0, 0, 1}))
	t.Observe("neighbour", "%s", r.ask(unix.RTM_NEWNEIGH, creates, neighbour))
	rule := slices.Concat([]byte{unix.AF_INET, 0, 0, 0, 100, 0, 0, 1}, number(0), attr(unix.FRA_PRIORITY, number(500)))
	t.Observe("rule", "%s", r.ask(unix.RTM_NEWRULE, creates, rule))
	t.Observe("delete the rule", "%s", r.ask(unix.RTM_DELRULE, 0, rule))
	asNobody(t)
	t.Observe("nobody's address", "%s", here(t).ask(unix.RTM_NEWADDR, creates, address(1, 24, 10, 1, 2, 3)))
	t.Observe("nobody's route", "%s", here(t).ask(unix.RTM_NEWROUTE, creates, to(16, []byte{10, 9, 0, 0}, nil, attr(unix.RTA_OIF, number(1)))))
}

func errnoOf(s string) error {
	if s != "ok" {
		return fmt.Errorf("%s", s)
	}
	return nil
}

// moves moves devices to other namespaces, by descriptor and by process.
func moves(t *harness.T) {
	r := own(t)
	first, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY, 0)
	t.Must("open", err)
	t.Must("unshare", unix.Unshare(unix.CLONE_NEWNET))
	second, err := unix.Open("/proc/thread-self/ns/net", unix.O_RDONLY, 0)
	t.Must("open", err)
	t.Must("setns", unix.Setns(first, unix.CLONE_NEWNET))
	t.Observe("made with its peer there", "%s", r.ask(unix.RTM_NEWLINK, creates, pair("a0", "a1", attr(unix.IFLA_NET_NS_FD, number(uint32(second))))))
	t.Observe("made here", "%s", r.ask(unix.RTM_NEWLINK, creates, pair("b0", "b1")))
	t.Observe("here", "%s", devicesThere(t))
	t.Observe("moved", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b1"), 0, 0), attr(unix.IFLA_NET_NS_FD, number(uint32(second)))))
	t.Observe("moved to no descriptor", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b0"), 0, 0), attr(unix.IFLA_NET_NS_FD, number(999))))
	t.Observe("moved to a socket", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b0"), 0, 0), attr(unix.IFLA_NET_NS_FD, number(uint32(r.fd)))))
	t.Observe("moved to no process", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b0"), 0, 0), attr(unix.IFLA_NET_NS_PID, number(1<<30))))
	t.Observe("moved to itself", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b0"), 0, 0), attr(unix.IFLA_NET_NS_PID, number(uint32(unix.Gettid())))))
	t.Observe("lo moved", "%s", r.ask(unix.RTM_SETLINK, 0, ifinfo(1, 0, 0), attr(unix.IFLA_NET_NS_FD, number(uint32(second)))))
	t.Observe("here after all", "%s", devicesThere(t))
	t.Must("setns", unix.Setns(second, unix.CLONE_NEWNET))
	t.Observe("there", "%s", devicesThere(t))
	there := here(t)
	t.Observe("moved back", "%s", there.ask(unix.RTM_SETLINK, 0, ifinfo(index(t, "b1"), 0, 0), attr(unix.IFLA_NET_NS_FD, number(uint32(first)))))
	t.Observe("there at last", "%s", devicesThere(t))
	t.Must("setns", unix.Setns(first, unix.CLONE_NEWNET))
	t.Observe("here at last", "%s", devicesThere(t))
}
