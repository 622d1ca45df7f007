// SPDX-License-Identifier: Apache-2.0

package confine

import (
	"os"
	"slices"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/cred"
	"github.com/ditto-kernel/ditto/kernel/netns"
)

// startMaker starts one that ends with the test.
func startMaker(t *testing.T) *netns.Maker {
	t.Helper()
	fd, err := StartMaker(false)
	if err != nil {
		t.Skipf("this host gives no user namespace: %v", err)
	}
	t.Cleanup(func() {
		unix.Close(fd)
		for { // it is a child without a signal of its end
			if _, err := unix.Wait4(-1, nil, unix.WALL, nil); err != unix.EINTR {
				break
			}
		}
	})
	return netns.NewMaker(fd)
}

// loopback is the flags of lo in the namespace of a socket.
func loopback(t *testing.T, fd int) uint16 {
	t.Helper()
	req, err := unix.NewIfreq("lo")
	assert.NilError(t, err)
	assert.NilError(t, unix.IoctlIfreq(fd, unix.SIOCGIFFLAGS, req))
	return req.Uint16()
}

func TestMaker(t *testing.T) {
	m := startMaker(t)
	a, err := m.New(cred.InitialNS)
	assert.NilError(t, err)
	b, err := m.New(cred.InitialNS)
	assert.NilError(t, err)

	fd, err := a.Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	assert.NilError(t, err)
	defer unix.Close(fd)
	assert.Equal(t, loopback(t, fd), uint16(unix.IFF_LOOPBACK))
	flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFL, 0)
	assert.NilError(t, err)
	assert.Assert(t, flags&unix.O_NONBLOCK != 0)

	// The owner of the user namespace may change it, and have raw sockets.
	raw, err := a.Socket(unix.AF_INET, unix.SOCK_RAW, unix.IPPROTO_ICMP)
	assert.NilError(t, err)
	unix.Close(raw)
	req, err := unix.NewIfreq("lo")
	assert.NilError(t, err)
	req.SetUint16(unix.IFF_UP)
	assert.NilError(t, unix.IoctlIfreq(fd, unix.SIOCSIFFLAGS, req))
	other, err := b.Socket(unix.AF_INET6, unix.SOCK_DGRAM, 0)
	assert.NilError(t, err)
	defer unix.Close(other)
	assert.Equal(t, loopback(t, other), uint16(unix.IFF_LOOPBACK), "the other one's too")

	_, err = a.Socket(unix.AF_INET, unix.SOCK_STREAM, unix.IPPROTO_UDP)
	assert.Equal(t, err, unix.EPROTONOSUPPORT)
	_, err = a.Socket(unix.AF_VSOCK, unix.SOCK_STREAM, 0) // which its filter does not have
	assert.Equal(t, err, unix.ENETDOWN)
	_, err = a.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	assert.Equal(t, err, unix.ENETDOWN)
	again, err := b.Socket(unix.AF_INET, unix.SOCK_STREAM, 0)
	assert.NilError(t, err, "the other agent is gone too")
	unix.Close(again)
}

func TestSettingsOfANetwork(t *testing.T) {
	const forward = "./ipv4/ip_forward"
	n, err := startMaker(t).New(cred.InitialNS)
	assert.NilError(t, err)
	names, err := n.Sysctl.Names("./ipv4")
	assert.NilError(t, err)
	assert.Assert(t, slices.Contains(names, "ip_forward"))
	before, err := n.Sysctl.Read(forward)
	assert.NilError(t, err)
	value := "1"
	if strings.TrimSpace(string(before)) == "1" {
		value = "0"
	}
	host, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
	assert.NilError(t, err)
	if err := n.Sysctl.Write(forward, []byte(value)); err != nil {
		t.Skipf("/proc/sys can't be written here: %v", err)
	}
	after, err := n.Sysctl.Read(forward)
	assert.NilError(t, err)
	assert.Equal(t, string(after), value+"\n")
	now, err := os.ReadFile("/proc/sys/net/ipv4/ip_forward")
	assert.NilError(t, err)
	assert.Equal(t, string(now), string(host), "the host's")
	mode, err := n.Sysctl.Mode("./ipv4")
	assert.NilError(t, err)
	assert.Equal(t, mode&unix.S_IFMT, uint32(unix.S_IFDIR))
	_, err = n.Sysctl.Read("../kernel/hostname")
	assert.Equal(t, err, unix.EXDEV)
	_, err = n.Sysctl.Read("/ipv4/ip_forward")
	assert.Equal(t, err, unix.EXDEV)
	_, err = n.Sysctl.Read("./nothing")
	assert.Equal(t, err, unix.ENOENT)
	dev, err := n.Net.Read("dev")
	assert.NilError(t, err)
	assert.Assert(t, strings.Contains(string(dev), "lo:"))
}
