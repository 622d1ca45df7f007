// SPDX-License-Identifier: Apache-2.0

// Package connect tests connect from Go: an echo server with several clients, and names at both ends.
package connect

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("echo", "", echo)
	harness.Case("tcp_echo", "", tcpEcho)
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

// The same over TCP, by IPv4 and IPv6, with Go's own poller and deadlines.
func tcpEcho(t *harness.T) {
	for _, address := range []string{"127.0.0.1:0", "[::1]:0"} {
		l, err := net.Listen("tcp", address)
		t.Must("listen", err)
		go func() {
			for {
				c, err := l.Accept()
				if err != nil {
					return
				}
				go func() {
					io.Copy(c, c)
					c.(*net.TCPConn).CloseWrite()
				}()
			}
		}()
		var wg sync.WaitGroup
		for i := range 8 {
			wg.Go(func() {
				c, err := net.Dial("tcp", l.Addr().String())
				if !t.Check(err == nil, "dial: %v", err) {
					return
				}
				defer c.Close()
				data := harness.Pattern(100000 * (i + 1))
				go func() {
					c.Write(data)
					c.(*net.TCPConn).CloseWrite()
				}()
				got, err := io.ReadAll(c)
				t.Check(err == nil && bytes.Equal(got, data), "client %d got %d of %d bytes: %v", i, len(got), len(data), err)
			})
		}
		wg.Wait()
		c, err := net.Dial("tcp", l.Addr().String())
		t.Must("dial", err)
		c.SetReadDeadline(time.Now().Add(time.Millisecond))
		_, err = c.Read(make([]byte, 1))
		t.Check(errors.Is(err, os.ErrDeadlineExceeded), "a read with a deadline: %v", err)
		c.Close()
		l.Close()
		_, err = net.Dial("tcp", l.Addr().String())
		t.Check(errors.Is(err, unix.ECONNREFUSED), "nobody listens: %v", err)
	}
}
