// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"bytes"
	"encoding/binary"
	"slices"
	"testing"
	"time"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/hostpoll"
	"github.com/ditto-kernel/ditto/kernel/netns"
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

// here is the network that the test runs in.
var here = netns.Here(-1, false, nil, nil)

func start(t *testing.T) {
	t.Helper()
	p, err := hostpoll.New()
	assert.NilError(t, err)
	Start(p)
	t.Cleanup(func() {
		Start(nil)
		p.Close()
	})
}

func fresh(t *testing.T, kind int) (*Socket, *vfs.File) {
	t.Helper()
	s, err := New(cred.Root(), here, unix.AF_INET, kind, 0)
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
	s, nobody := &Socket{net: here}, &cred.Creds{}
	got, err := s.outgoing(nobody, append(append(append([]byte{}, rights...), ttl...), rights...))
	assert.NilError(t, err)
	assert.DeepEqual(t, got, ttl)
	for _, broken := range [][]byte{append(make([]byte, 8), ttl...), ttl[:len(ttl)-8]} { // the host refuses them
		got, err = s.outgoing(nobody, broken)
		assert.NilError(t, err)
		assert.DeepEqual(t, got, broken)
		_, err = (&Socket{net: here, nl: &netlink{}}).outgoing(nobody, broken)
		assert.Equal(t, err, unix.EINVAL)
	}
	mark := message(unix.SOL_SOCKET, unix.SO_MARK, "\x05\x00\x00\x00")
	_, err = s.outgoing(nobody, mark)
	assert.Equal(t, err, unix.EPERM)
	got, err = s.outgoing(cred.Root(), mark)
	assert.NilError(t, err)
	assert.DeepEqual(t, got, mark)
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
	device := func(kind string) []byte {
		return request(unix.RTM_NEWLINK, ask|unix.NLM_F_CREATE, slices.Concat(make([]byte, unix.SizeofIfInfomsg),
			attribute(unix.IFLA_LINKINFO, attribute(unix.IFLA_INFO_KIND, []byte(kind))))...)
	}
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
		{"a device of root's", unix.NETLINK_ROUTE, root, device("bridge"), device("bridge"), nil},
		{"a device of a module's", unix.NETLINK_ROUTE, root, device("wireguard"), nil, []unix.Errno{unix.EOPNOTSUPP}},
		{"a device of nobody's", unix.NETLINK_ROUTE, nobody, device("bridge"), nil, []unix.Errno{unix.EPERM}},
		{"a filter", unix.NETLINK_ROUTE, root, request(unix.RTM_NEWTFILTER, ask), nil, []unix.Errno{unix.EOPNOTSUPP}},
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
		s, ctx := &Socket{net: here, nl: &netlink{protocol: c.protocol}}, newTask()
		ctx.creds = c.who
		host, answers := s.split(ctx, c.p)
		assert.DeepEqual(t, string(host), string(c.host))
		assert.DeepEqual(t, errnos(t, answers), c.errnos)
	}
}

func attribute(kind uint16, value []byte) []byte {
	p := binary.NativeEndian.AppendUint16(nil, uint16(4+len(value)))
	p = append(binary.NativeEndian.AppendUint16(p, kind), value...)
	return append(p, make([]byte, -len(p)&3)...)
}

// NetworkOfProcess and NetworkOfFD implement namespaces.
func (t *fakeTask) NetworkOfProcess(int32) (*netns.Network, error) { return nil, unix.ESRCH }
func (t *fakeTask) NetworkOfFD(fd int32) (*netns.Network, error) {
	if fd != 3 {
		return nil, unix.EBADF
	}
	return netns.Here(77, false, nil, nil), nil
}

func TestNamespacesInRequests(t *testing.T) {
	number := func(n uint32) []byte { return binary.NativeEndian.AppendUint32(nil, n) }
	link := func(attrs ...[]byte) []byte {
		return request(unix.RTM_NEWLINK, unix.NLM_F_REQUEST|unix.NLM_F_CREATE, slices.Concat(make([]byte, unix.SizeofIfInfomsg), slices.Concat(attrs...))...)
	}
	pair := func(where []byte) []byte {
		peer := slices.Concat(make([]byte, unix.SizeofIfInfomsg), where)
		return attribute(unix.IFLA_LINKINFO, slices.Concat(attribute(unix.IFLA_INFO_KIND, []byte("veth\x00")), attribute(unix.IFLA_INFO_DATA, attribute(1, peer))))
	}
	for _, c := range []struct {
		name      string
		got, want []byte
		err       unix.Errno
	}{
		{"fd", link(attribute(unix.IFLA_NET_NS_FD, number(3))), link(attribute(unix.IFLA_NET_NS_FD, number(77))), 0},
		{"no fd", link(attribute(unix.IFLA_NET_NS_FD, number(4))), nil, unix.EBADF},
		{"no process", link(attribute(unix.IFLA_NET_NS_PID, number(1))), nil, unix.ESRCH},
		{"the peer's", link(pair(attribute(unix.IFLA_NET_NS_FD, number(3)))), link(pair(attribute(unix.IFLA_NET_NS_FD, number(77)))), 0},
		{"another's", link(attribute(unix.IFLA_TARGET_NETNSID, number(3))), nil, unix.EOPNOTSUPP},
		{"addresses of another's", request(unix.RTM_GETADDR, unix.NLM_F_REQUEST, slices.Concat(make([]byte, unix.SizeofIfAddrmsg),
			attribute(unix.IFA_TARGET_NETNSID, number(3)))...), nil, unix.EOPNOTSUPP},
		{"cut", link([]byte{9, 0, unix.IFLA_NET_NS_FD, 0, 3}), link([]byte{9, 0, unix.IFLA_NET_NS_FD, 0, 3}), 0},
	} {
		s := &Socket{net: here, nl: &netlink{protocol: unix.NETLINK_ROUTE}}
		host, answers := s.split(newTask(), c.got)
		assert.DeepEqual(t, host, c.want)
		if c.err != 0 {
			assert.DeepEqual(t, errnos(t, answers), []unix.Errno{c.err})
		}
	}
}

func TestNetlinkPortsAreTheSandboxsOwn(t *testing.T) {
	start(t)
	open := func() (*Socket, *vfs.File) {
		s, err := New(cred.Root(), here, unix.AF_NETLINK, unix.SOCK_RAW, unix.NETLINK_ROUTE)
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

// A socket that the host made and listens is one of the sandbox's.
func TestImport(t *testing.T) {
	start(t)
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	assert.NilError(t, err)
	assert.NilError(t, unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	assert.NilError(t, unix.Listen(fd, 1))
	l, err := Import(cred.Root(), here, fd)
	assert.NilError(t, err)
	lf := l.File(0)
	defer lf.DecRef()
	name, err := l.Name()
	assert.NilError(t, err)
	a, af := fresh(t, unix.SOCK_STREAM)
	assert.NilError(t, a.Connect(newTask(), af, name))
	b, _, err := l.Accept(newTask(), lf)
	assert.NilError(t, err)
	bf := b.File(0)
	defer bf.DecRef()
	_, err = send(newTask(), b, bf, "hello", 0)
	assert.NilError(t, err)
	text, err := recv(newTask(), a, af, 10, 0)
	assert.NilError(t, err)
	assert.Equal(t, text, "hello")

	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	assert.NilError(t, err)
	_, err = Import(cred.Root(), here, pair[0])
	assert.Equal(t, err, unix.EAFNOSUPPORT)
	unix.Close(pair[0])
	unix.Close(pair[1])
}
