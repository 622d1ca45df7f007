// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"bytes"
	"encoding/binary"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// fakeTask waits, and may be interrupted.
type fakeTask struct {
	vfs.Ctx
	creds         *cred.Creds
	wake, signals chan struct{}
	slept         chan struct{}
	raised        []int
}

func newTask() *fakeTask {
	return &fakeTask{creds: cred.Root(), wake: make(chan struct{}, 1), signals: make(chan struct{}, 1), slept: make(chan struct{}, 1000)}
}

func (t *fakeTask) Creds() *cred.Creds { return t.creds }
func (t *fakeTask) Raise(signo int)    { t.raised = append(t.raised, signo) }
func (t *fakeTask) Wake() {
	select {
	case t.wake <- struct{}{}:
	default:
	}
}

func (t *fakeTask) Sleep(time.Time) error {
	t.slept <- struct{}{}
	select {
	case <-t.wake:
		return nil
	case <-t.signals:
		return abi.ERESTARTSYS
	}
}

func start(t *testing.T) {
	t.Helper()
	p, err := hostpoll.New()
	assert.NilError(t, err)
	Start(p, false)
	t.Cleanup(func() {
		Start(nil, false)
		p.Close()
	})
}

func fresh(t *testing.T, kind int) (*Socket, *vfs.File) {
	t.Helper()
	s, err := New(cred.Root(), unix.AF_INET, kind, 0)
	assert.NilError(t, err)
	f := s.File(0)
	t.Cleanup(f.DecRef)
	return s, f
}

func loopback(port uint16) []byte {
	sa := binary.NativeEndian.AppendUint16(nil, unix.AF_INET)
	sa = binary.BigEndian.AppendUint16(sa, port)
	return append(sa, 127, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0)
}

// connection is two ends of one, and their files.
func connection(t *testing.T) (a, b *Socket, af, bf *vfs.File) {
	t.Helper()
	l, lf := fresh(t, unix.SOCK_STREAM)
	assert.NilError(t, l.Bind(newTask(), loopback(0)))
	assert.NilError(t, l.Listen(1))
	name, err := l.Name()
	assert.NilError(t, err)
	a, af = fresh(t, unix.SOCK_STREAM)
	assert.NilError(t, a.Connect(newTask(), af, name))
	b, from, err := l.Accept(newTask(), lf)
	assert.NilError(t, err)
	own, err := a.Name()
	assert.NilError(t, err)
	assert.DeepEqual(t, from, own)
	bf = b.File(0)
	t.Cleanup(bf.DecRef)
	return a, b, af, bf
}

func recv(ctx vfs.Ctx, s *Socket, f *vfs.File, size, flags int) (string, error) {
	p := make([]byte, size)
	dst := user.KernelBuf(p)
	n, err := s.Recv(ctx, f, &dst, &hostio.Message{}, flags, false)
	return string(p[:n]), err
}

func send(ctx vfs.Ctx, s *Socket, f *vfs.File, text string, flags int) (int, error) {
	src := user.KernelBuf([]byte(text))
	return s.Send(ctx, f, &src, &hostio.Message{}, flags)
}

func TestAReaderWaits(t *testing.T) {
	start(t)
	a, b, af, bf := connection(t)
	ctx := newTask()
	done := make(chan struct{})
	go func() {
		defer close(done)
		got, err := recv(ctx, b, bf, 6, unix.MSG_WAITALL)
		assert.Check(t, err == nil && got == "abcdef", "%q %v", got, err)
	}()
	<-ctx.slept
	_, err := send(newTask(), a, af, "abc", 0)
	assert.NilError(t, err)
	_, err = send(newTask(), a, af, "def", 0)
	assert.NilError(t, err)
	<-done
	ctx.signals <- struct{}{}
	_, err = recv(ctx, b, bf, 1, 0)
	assert.Equal(t, err, abi.ERESTARTSYS)
	_, err = recv(ctx, b, bf, 1, unix.MSG_DONTWAIT)
	assert.Equal(t, err, unix.EAGAIN)
}

func TestAStreamThatIsShutRaisesSIGPIPE(t *testing.T) {
	start(t)
	a, b, af, bf := connection(t)
	assert.NilError(t, a.Shutdown(unix.SHUT_WR))
	ctx := newTask()
	_, err := send(ctx, a, af, "x", unix.MSG_NOSIGNAL)
	assert.Equal(t, err, unix.EPIPE)
	assert.Equal(t, len(ctx.raised), 0)
	_, err = send(ctx, a, af, "x", 0)
	assert.Equal(t, err, unix.EPIPE)
	assert.DeepEqual(t, ctx.raised, []int{int(unix.SIGPIPE)})
	got, err := recv(newTask(), b, bf, 1, 0)
	assert.NilError(t, err)
	assert.Equal(t, got, "")
}

func TestLowPortsAreForWhoMay(t *testing.T) {
	start(t)
	s, _ := fresh(t, unix.SOCK_DGRAM)
	nobody := newTask()
	nobody.creds.Effective = 0
	assert.Equal(t, s.Bind(nobody, loopback(80)), unix.EACCES)
	assert.NilError(t, s.Bind(nobody, loopback(0)))
}

func TestOutgoingControl(t *testing.T) {
	message := func(level, kind uint32, data string) []byte {
		p := binary.NativeEndian.AppendUint64(nil, uint64(unix.SizeofCmsghdr+len(data)))
		p = binary.NativeEndian.AppendUint32(p, level)
		p = append(binary.NativeEndian.AppendUint32(p, kind), data...)
		for len(p)%8 != 0 {
			p = append(p, 0)
		}
		return p
	}
	ttl := message(unix.IPPROTO_IP, unix.IP_TTL, "\x05\x00\x00\x00")
	rights := message(unix.SOL_SOCKET, unix.SCM_RIGHTS, "\x00\x00\x00\x00\x01\x00\x00\x00")
	got, err := outgoing(append(append(append([]byte{}, rights...), ttl...), rights...))
	assert.NilError(t, err)
	assert.DeepEqual(t, got, ttl)
	_, err = outgoing(append(make([]byte, 8), ttl...))
	assert.Equal(t, err, unix.EINVAL)
	_, err = outgoing(ttl[:len(ttl)-8])
	assert.Equal(t, err, unix.EINVAL)
}

// request is one message of a kind, with flags and what follows its header.
func request(kind, flags uint16, rest ...byte) []byte {
	p := binary.NativeEndian.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(rest)))
	p = binary.NativeEndian.AppendUint16(p, kind)
	p = binary.NativeEndian.AppendUint16(p, flags)
	p = binary.NativeEndian.AppendUint32(p, 7) // nlmsg_seq
	return append(append(p, 0, 0, 0, 0), rest...)
}

func errnos(t *testing.T, answers [][]byte) []unix.Errno {
	t.Helper()
	var list []unix.Errno
	for _, a := range answers {
		assert.Equal(t, binary.NativeEndian.Uint16(a[4:]), uint16(unix.NLMSG_ERROR))
		assert.Equal(t, binary.NativeEndian.Uint32(a[8:]), uint32(7))
		list = append(list, unix.Errno(-int32(binary.NativeEndian.Uint32(a[16:]))))
	}
	return list
}

func TestNetlinkSplit(t *testing.T) {
	const ask, ack = unix.NLM_F_REQUEST, unix.NLM_F_REQUEST | unix.NLM_F_ACK
	get, set := request(unix.RTM_GETLINK, ask, 0, 0, 0, 0), request(unix.RTM_NEWADDR, ask, 1, 2, 3, 4)
	create := request(unix.RTM_NEWLINK, ask|unix.NLM_F_CREATE)
	join := func(m ...[]byte) []byte { return bytes.Join(m, nil) }
	root, nobody := cred.Root(), &cred.Creds{}
	for _, c := range []struct {
		name     string
		protocol int
		who      *cred.Creds
		p, host  []byte
		errnos   []unix.Errno
	}{
		{"nothing", unix.NETLINK_ROUTE, nobody, nil, nil, nil},
		{"a question", unix.NETLINK_ROUTE, nobody, get, get, nil},
		{"a change of nobody's", unix.NETLINK_ROUTE, nobody, set, nil, []unix.Errno{unix.EPERM}},
		{"a change of root's", unix.NETLINK_ROUTE, root, set, set, nil},
		{"a device of root's", unix.NETLINK_ROUTE, root, create, nil, []unix.Errno{unix.EPERM}},
		{"a change between questions", unix.NETLINK_ROUTE, nobody, join(get, set, get), join(get, get), []unix.Errno{unix.EPERM}},
		{"cut", unix.NETLINK_ROUTE, nobody, set[:18], set[:18], nil},
		{"tcp", unix.NETLINK_SOCK_DIAG, nobody, request(20, ask, unix.AF_INET6, unix.IPPROTO_TCP), request(20, ask, unix.AF_INET6, unix.IPPROTO_TCP), nil},
		{"unix", unix.NETLINK_SOCK_DIAG, nobody, request(20, ask, unix.AF_UNIX, 0), nil, []unix.Errno{unix.ENOENT}},
		{"a socket's end", unix.NETLINK_SOCK_DIAG, root, request(21, ask, unix.AF_INET, unix.IPPROTO_TCP), nil, []unix.Errno{unix.EPERM}},
		{"audit", unix.NETLINK_AUDIT, root, request(1105, ack), nil, []unix.Errno{0}},
		{"audit, unasked", unix.NETLINK_AUDIT, root, request(1105, ask), nil, nil},
		{"audit of nobody's", unix.NETLINK_AUDIT, nobody, request(1105, ask), nil, []unix.Errno{unix.EPERM}},
		{"uevent", unix.NETLINK_KOBJECT_UEVENT, root, get, nil, nil},
	} {
		n := &netlink{protocol: c.protocol}
		host, answers := n.split(c.who, c.p)
		assert.DeepEqual(t, string(host), string(c.host))
		assert.DeepEqual(t, errnos(t, answers), c.errnos)
	}
}

func TestNetlinkPortsAreTheSandboxsOwn(t *testing.T) {
	start(t)
	open := func() (*Socket, *vfs.File) {
		s, err := New(cred.Root(), unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
		assert.NilError(t, err)
		f := s.File(0)
		t.Cleanup(f.DecRef)
		return s, f
	}
	a, af := open()
	b, _ := open()
	ctx := newTask()
	assert.NilError(t, a.Bind(ctx, nladdr(1, 0)))
	assert.Equal(t, b.Bind(ctx, nladdr(1, 0)), unix.EADDRINUSE)
	assert.NilError(t, b.Bind(ctx, nladdr(2, 0)))
	assert.Equal(t, b.Bind(ctx, nladdr(3, 0)), unix.EINVAL)
	name, err := a.Name()
	assert.NilError(t, err)
	assert.DeepEqual(t, name, nladdr(1, 0))

	_, err = send(ctx, a, af, string(request(unix.RTM_GETLINK, unix.NLM_F_REQUEST|unix.NLM_F_DUMP, 0, 0, 0, 0)), 0)
	assert.NilError(t, err)
	got, err := recv(ctx, a, af, 1<<15, 0)
	assert.NilError(t, err)
	assert.Equal(t, binary.NativeEndian.Uint32([]byte(got[12:16])), uint32(1))

	ctx.creds.Effective = 0
	_, err = send(ctx, a, af, string(request(unix.RTM_NEWADDR, unix.NLM_F_REQUEST)), 0)
	assert.NilError(t, err)
	for {
		got, err = recv(ctx, a, af, 1<<15, unix.MSG_DONTWAIT)
		assert.NilError(t, err)
		if binary.NativeEndian.Uint16([]byte(got[4:6])) == unix.NLMSG_ERROR {
			break
		}
	}
	assert.DeepEqual(t, errnos(t, [][]byte{[]byte(got)}), []unix.Errno{unix.EPERM})
}
