// SPDX-License-Identifier: Apache-2.0

// Package bind tests bind from Go: an echo server with several clients, and names at both ends.
package bind

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io"
	"net"
	"os"
	"runtime"
	"sync"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("netlink_ports", "", netlinkPorts)
	harness.Case("netlink_answers", "root", netlinkAnswers)
	harness.Case("netlink_protocols", "root", netlinkProtocols)
	harness.Case("echo", "", echo)
	harness.Case("names", "", names)
}

// Clients come at the same time, each says a line and hears it again.
func echo(t *harness.T) {
	l, err := net.Listen("unix", "sock")
	t.Must("listen", err)
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				io.Copy(c, c)
				c.(*net.UnixConn).CloseWrite()
			}()
		}
	}()
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			c, err := net.Dial("unix", "sock")
			if !t.Check(err == nil, "dial: %v", err) {
				return
			}
			defer c.Close()
			data := harness.Pattern(10000 * (i + 1))
			go func() {
				c.Write(data)
				c.(*net.UnixConn).CloseWrite()
			}()
			got, err := io.ReadAll(c)
			t.Check(err == nil && bytes.Equal(got, data), "client %d got %d of %d bytes: %v", i, len(got), len(data), err)
		})
	}
	wg.Wait()
	l.Close()
	_, err = os.Stat("sock")
	t.ObserveErr("the name after the close", err)
	_, err = net.Dial("unix", "sock")
	t.Check(err != nil, "somebody answers")
}

func names(t *harness.T) {
	show := func(sa unix.Sockaddr, err error) string {
		if u, ok := sa.(*unix.SockaddrUnix); ok {
			return fmt.Sprintf("%q", u.Name)
		}
		return harness.ErrnoName(err)
	}
	for _, name := range []string{"path", "@abstract", "./a/../path2"} {
		os.Mkdir("a", 0o755)
		l, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		t.Must("socket", err)
		t.Must("bind", unix.Bind(l, &unix.SockaddrUnix{Name: name}))
		t.ObserveErr(name+": bind again", unix.Bind(l, &unix.SockaddrUnix{Name: "other"}))
		t.Must("listen", unix.Listen(l, 2))
		c, err := unix.Socket(unix.AF_UNIX, unix.SOCK_STREAM, 0)
		t.Must("socket", err)
		t.Must("connect", unix.Connect(c, &unix.SockaddrUnix{Name: name}))
		t.ObserveErr(name+": connect again", unix.Connect(c, &unix.SockaddrUnix{Name: name}))
		s, sa, err := unix.Accept4(l, unix.SOCK_CLOEXEC)
		t.Must("accept", err)
		t.Observe(name+": accepted from", "%s", show(sa, err))
		t.Observe(name+": own", "%s", show(unix.Getsockname(s)))
		t.Observe(name+": peer", "%s", show(unix.Getpeername(s)))
		t.Observe(name+": client's own", "%s", show(unix.Getsockname(c)))
		t.Observe(name+": client's peer", "%s", show(unix.Getpeername(c)))
		unix.Close(s)
		t.Observe(name+": peer that is gone", "%s", show(unix.Getpeername(c)))
	}
}

// netlink is a socket of a protocol.
func netlink(t *harness.T, protocol int) int {
	fd, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW, protocol)
	t.Must("socket", err)
	return fd
}

// port is the socket's port id: the process's id has a name.
func port(t *harness.T, fd int) string {
	sa, err := unix.Getsockname(fd)
	t.Must("getsockname", err)
	switch nl := sa.(*unix.SockaddrNetlink); {
	case nl.Pid == uint32(os.Getpid()):
		return fmt.Sprintf("getpid groups %#x", nl.Groups)
	case int32(nl.Pid) < 0:
		return fmt.Sprintf("negative groups %#x", nl.Groups)
	default:
		return fmt.Sprintf("%d groups %#x", nl.Pid, nl.Groups)
	}
}

// netlinkPorts asks which port ids there are to be had.
func netlinkPorts(t *harness.T) {
	a, b, c := netlink(t, unix.NETLINK_ROUTE), netlink(t, unix.NETLINK_ROUTE), netlink(t, unix.NETLINK_ROUTE)
	diag := netlink(t, unix.NETLINK_SOCK_DIAG)
	t.Observe("fresh", "%s", port(t, a))
	t.ObserveErr("autobind", unix.Bind(a, &unix.SockaddrNetlink{}))
	t.Observe("autobound", "%s", port(t, a))
	t.ObserveErr("once more", unix.Bind(a, &unix.SockaddrNetlink{}))
	t.ObserveErr("to itself", unix.Bind(a, &unix.SockaddrNetlink{Pid: uint32(os.Getpid())}))
	t.ObserveErr("autobind of another", unix.Bind(b, &unix.SockaddrNetlink{}))
	t.Observe("of another", "%s", port(t, b))
	t.ObserveErr("of another protocol", unix.Bind(diag, &unix.SockaddrNetlink{}))
	t.Observe("another protocol", "%s", port(t, diag))
	t.ObserveErr("taken", unix.Bind(c, &unix.SockaddrNetlink{Pid: uint32(os.Getpid())}))
	t.ObserveErr("one of its own", unix.Bind(c, &unix.SockaddrNetlink{Pid: 77, Groups: 1}))
	t.Observe("its own", "%s", port(t, c))
	t.ObserveErr("no groups", unix.Bind(c, &unix.SockaddrNetlink{Pid: 77}))
	t.Observe("without groups", "%s", port(t, c))
	t.ObserveErr("membership", unix.SetsockoptInt(c, unix.SOL_NETLINK, unix.NETLINK_ADD_MEMBERSHIP, unix.RTNLGRP_LINK))
	t.Observe("member", "%s", port(t, c))
	unix.Close(c)
	d := netlink(t, unix.NETLINK_ROUTE)
	t.ObserveErr("after a close", unix.Bind(d, &unix.SockaddrNetlink{Pid: 77}))
	e := netlink(t, unix.NETLINK_ROUTE)
	t.ObserveErr("connect", unix.Connect(e, &unix.SockaddrNetlink{}))
	t.Observe("connected", "%s", port(t, e))
	t.ObserveErr("another family", unix.Bind(e, &unix.SockaddrInet4{}))
}

// message is a request of rtnetlink's or the like.
func message(kind, flags uint16, rest ...byte) []byte {
	p := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(rest)))
	p = binary.NativeEndian.AppendUint16(p, kind)
	p = binary.NativeEndian.AppendUint16(p, flags)
	p = binary.NativeEndian.AppendUint32(p, 42)
	return append(append(p, 9, 9, 0, 0), rest...)
}

// answer observes the headers of what comes back, up to an error or an end.
func answer(t *harness.T, name string, fd int, p []byte) {
	if err := unix.Sendto(fd, p, 0, &unix.SockaddrNetlink{}); err != nil {
		t.ObserveErr(name+": send", err)
		return
	}
	buf := make([]byte, 1<<16)
	for range 10 {
		n, _, err := unix.Recvfrom(fd, buf, unix.MSG_DONTWAIT)
		if err != nil {
			t.ObserveErr(name+": recv", err)
			return
		}
		for p := buf[:n]; len(p) >= unix.SizeofNlMsghdr; {
			size, kind := int(binary.NativeEndian.Uint32(p)), binary.NativeEndian.Uint16(p[4:])
			t.Equal(name+": port", int(binary.NativeEndian.Uint32(p[12:])), os.Getpid())
			if kind == unix.NLMSG_ERROR || kind == unix.NLMSG_DONE {
				errno := unix.Errno(-int32(binary.NativeEndian.Uint32(p[16:])))
				t.Observe(name, "type %d flags %#x seq %d errno %d, %d bytes", kind, binary.NativeEndian.Uint16(p[6:]), binary.NativeEndian.Uint32(p[8:]), errno, size)
				return
			}
			p = p[min(len(p), (size+3)&^3):]
		}
	}
}

// netlinkAnswers looks at answers, of root and of nobody.
func netlinkAnswers(t *harness.T) {
	const ask, ack = unix.NLM_F_REQUEST, unix.NLM_F_REQUEST | unix.NLM_F_ACK
	ifinfo := make([]byte, unix.SizeofIfInfomsg)
	address := append([]byte{unix.AF_INET, 32, 0, 0, 1, 0, 0, 0, 8, 0, unix.IFA_LOCAL, 0}, 10, 1, 2, 3)
	fd := netlink(t, unix.NETLINK_ROUTE)
	answer(t, "dump", fd, message(unix.RTM_GETLINK, ask|unix.NLM_F_DUMP, ifinfo...))
	answer(t, "no such type", fd, message(999, ask))
	answer(t, "no request", fd, message(unix.RTM_GETLINK, unix.NLM_F_ACK, ifinfo...))
	answer(t, "control", fd, message(unix.NLMSG_NOOP, ack))
	runtime.LockOSThread()
	if _, _, e := unix.RawSyscall(unix.SYS_SETRESUID, 1000, 1000, 1000); e != 0 {
		t.Must("setresuid", e)
	}
	unix.Close(fd)
	fd = netlink(t, unix.NETLINK_ROUTE)
	answer(t, "nobody's dump", fd, message(unix.RTM_GETLINK, ask|unix.NLM_F_DUMP, ifinfo...))
	answer(t, "nobody's address", fd, message(unix.RTM_NEWADDR, ask, address...))
	answer(t, "nobody's address, acknowledged", fd, message(unix.RTM_NEWADDR, ack, address...))
	t.Must("cap ack", unix.SetsockoptInt(fd, unix.SOL_NETLINK, unix.NETLINK_CAP_ACK, 1))
	answer(t, "nobody's address, capped", fd, message(unix.RTM_DELADDR, ask, address...))
	answer(t, "nobody's device", fd, message(unix.RTM_NEWLINK, ask|unix.NLM_F_CREATE|unix.NLM_F_EXCL, ifinfo...))
}

// netlinkProtocols asks other protocols than routing's.
func netlinkProtocols(t *harness.T) {
	const ask, ack = unix.NLM_F_REQUEST, unix.NLM_F_REQUEST | unix.NLM_F_ACK
	diag := netlink(t, unix.NETLINK_SOCK_DIAG)
	request := make([]byte, 56)
	request[0], request[1], request[4], request[5] = unix.AF_INET, unix.IPPROTO_TCP, 0xff, 0x0f
	answer(t, "tcp", diag, message(20, ask|unix.NLM_F_DUMP, request...))
	request[0] = 99
	answer(t, "no such family", diag, message(20, ask|unix.NLM_F_DUMP, request...))
	answer(t, "short", diag, message(20, ask))
	quiet := netlink(t, unix.NETLINK_KOBJECT_UEVENT)
	t.ObserveErr("uevent: bind", unix.Bind(quiet, &unix.SockaddrNetlink{Groups: 1}))
	t.Observe("uevent: name", "%s", port(t, quiet))
	v, err := unix.GetsockoptInt(quiet, unix.SOL_SOCKET, unix.SO_PROTOCOL)
	t.Observe("uevent: SO_PROTOCOL", "%d %v", v, err)
	_, _, err = unix.Recvfrom(quiet, make([]byte, 16), unix.MSG_DONTWAIT)
	t.ObserveErr("uevent: recv", err)
	audit := netlink(t, unix.NETLINK_AUDIT)
	answer(t, "audit: get", audit, message(1000, ack))
	answer(t, "audit: list", audit, message(1002, ack))
	answer(t, "audit: no such type", audit, message(99, ack))
}
