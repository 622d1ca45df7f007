// SPDX-License-Identifier: Apache-2.0

// Package io_uring_enter tests io_uring_enter from Go: a server that does everything by a ring, and a ring that threads share.
package io_uring_enter

import (
	"net"
	"runtime"
	"sync"
	"unsafe"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/syscall-tests/harness"
)

func init() {
	harness.Case("echo_server", "", echo)
	harness.Case("shared_by_threads", "", shared)
}

const clients, rounds = 8, 25

// conn is what the server has of one connection; its buffer stays where it is.
type conn struct {
	fd  int32
	buf [16]byte
}

// echo serves clients that send lines and want them back.
func echo(t *harness.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	t.Must("listen", err)
	file, err := l.(*net.TCPListener).File()
	t.Must("file", err)
	u, err := harness.NewUring(32, 0)
	t.Must("setup", err)
	defer u.Close()
	var wg sync.WaitGroup
	for i := range clients {
		wg.Go(func() { client(t, l.Addr().String(), byte(i)) })
	}
	serve(t, u, int32(file.Fd()))
	wg.Wait()
}

func client(t *harness.T, addr string, id byte) {
	c, err := net.Dial("tcp", addr)
	t.Must("dial", err)
	defer c.Close()
	for i := range byte(rounds) {
		b := []byte{id, i}
		_, err := c.Write(b)
		t.Must("write", err)
		var got [2]byte
		_, err = c.Read(got[:1])
		t.Must("read", err)
		_, err = c.Read(got[1:])
		t.Must("read", err)
		t.Equal("echo", got, [2]byte(b))
	}
}

// serve runs until all clients have left. A completion's data is the number of a connection, and whether it was a send.
func serve(t *harness.T, u *harness.Uring, listener int32) {
	conns := map[uint64]*conn{}
	receive := func(id uint64) {
		c := conns[id]
		u.Put(harness.SQE{Op: harness.URING_RECV, FD: c.fd, Addr: uintptr(unsafe.Pointer(&c.buf)), Len: uint32(len(c.buf)), UserData: id << 1})
	}
	accept := harness.SQE{Op: harness.URING_ACCEPT, FD: listener, UserData: 0}
	u.Put(accept)
	next := uint64(1)
	for left := clients; left > 0; {
		t.Must("enter", u.Enter(1))
		e := u.Take()
		id, sent := e.UserData>>1, e.UserData&1 == 1
		switch {
		case e.Res < 0:
			t.Must("completion", unix.Errno(-e.Res))
		case id == 0:
			conns[next] = &conn{fd: e.Res}
			receive(next)
			if next++; next <= clients {
				u.Put(accept)
			}
		case sent:
			receive(id)
		case e.Res == 0:
			t.Must("close", unix.Close(int(conns[id].fd)))
			left--
		default:
			c := conns[id]
			u.Put(harness.SQE{Op: harness.URING_SEND, FD: c.fd, Addr: uintptr(unsafe.Pointer(&c.buf)), Len: uint32(e.Res), UserData: id<<1 | 1})
		}
	}
	runtime.KeepAlive(conns)
}

// shared lets several threads submit to one ring, one at a time; each request completes once.
func shared(t *harness.T) {
	u, err := harness.NewUring(8, 0)
	t.Must("setup", err)
	defer u.Close()
	var mu sync.Mutex
	var seen [400]int
	var wg sync.WaitGroup
	for w := range 4 {
		wg.Go(func() {
			runtime.LockOSThread()
			for i := range 100 {
				mu.Lock()
				u.Put(harness.SQE{Op: harness.URING_NOP, UserData: uint64(100*w + i)})
				t.Must("enter", u.Enter(1))
				for u.Ready() > 0 {
					seen[u.Take().UserData]++
				}
				mu.Unlock()
			}
		})
	}
	wg.Wait()
	for _, n := range seen {
		t.Equal("completions", n, 1)
	}
}
