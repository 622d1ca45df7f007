// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/netns"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

const (
	sizeofInt   = 4
	sizeofIfreq = 40

	deviceCommands = 0x89                    // the upper byte of SIOCGIFNAME and its kin
	nobodys        = unix.SIOCDEVPRIVATE - 1 // a command that nobody knows

	sizeofTimespec  = 16
	siocGstamp      = 0x8906 // SIOCGSTAMP_OLD
	siocGstampNs    = 0x8907
	siocGstampNew   = 0x80108906
	siocGstampNsNew = 0x80108907
)

// commands are the ioctls that ask (tcp(7), udp(7), netdevice(7)), with the size of their argument.
var commands = map[uint32]int{
	unix.TIOCINQ: sizeofInt, unix.TIOCOUTQ: sizeofInt, unix.SIOCATMARK: sizeofInt, unix.SIOCOUTQNSD: sizeofInt,
	unix.SIOCGIFNAME: sizeofIfreq, unix.SIOCGIFINDEX: sizeofIfreq, unix.SIOCGIFFLAGS: sizeofIfreq, unix.SIOCGIFADDR: sizeofIfreq,
	unix.SIOCGIFDSTADDR: sizeofIfreq, unix.SIOCGIFBRDADDR: sizeofIfreq, unix.SIOCGIFNETMASK: sizeofIfreq,
	unix.SIOCGIFMETRIC: sizeofIfreq, unix.SIOCGIFMTU: sizeofIfreq, unix.SIOCGIFHWADDR: sizeofIfreq, unix.SIOCGIFTXQLEN: sizeofIfreq,
	unix.SIOCGIFMAP: sizeofIfreq,
	siocGstamp:      sizeofTimespec, siocGstampNs: sizeofTimespec, siocGstampNew: sizeofTimespec, siocGstampNsNew: sizeofTimespec,
}

// changing are the ioctls that set what those above get.
var changing = map[uint32]bool{
	unix.SIOCSIFFLAGS: true, unix.SIOCSIFADDR: true, unix.SIOCSIFDSTADDR: true, unix.SIOCSIFBRDADDR: true, unix.SIOCSIFNETMASK: true,
	unix.SIOCSIFMETRIC: true, unix.SIOCSIFMTU: true, unix.SIOCSIFHWADDR: true, unix.SIOCSIFTXQLEN: true, unix.SIOCSIFNAME: true,
	unix.SIOCSIFMAP: true,
}

// refused are those that change routes: rtnetlink does.
var refused = map[uint32]bool{unix.SIOCADDRT: true, unix.SIOCDELRT: true}

// DeviceIoctl is an ioctl about devices on a socket of another family (dev_ioctl): ENOTTY for what is none.
func DeviceIoctl(ctx vfs.Ctx, cmd uint32, arg uint64) (uint64, error) {
	t, ok := ctx.(interface{ Network() *netns.Network })
	if cmd>>8 != deviceCommands || commands[cmd] == sizeofTimespec || !ok || t.Network() == nil {
		return 0, unix.ENOTTY
	}
	switch cmd {
	case unix.SIOCGIFADDR, unix.SIOCGIFNETMASK, unix.SIOCGIFDSTADDR, unix.SIOCGIFBRDADDR, unix.SIOCOUTQNSD, unix.SIOCATMARK,
		unix.SIOCSIFADDR, unix.SIOCSIFNETMASK, unix.SIOCSIFDSTADDR, unix.SIOCSIFBRDADDR:
		cmd = nobodys // those of inet_ioctl
	}
	fd, err := t.Network().Socket(unix.AF_INET, unix.SOCK_DGRAM, 0)
	if err != nil {
		return 0, err
	}
	defer unix.Close(fd)
	return (&Socket{net: t.Network(), fd: fd, family: unix.AF_UNIX}).Ioctl(ctx, nil, cmd, arg)
}

// Ioctl implements vfs.FileOps.
func (s *Socket) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if (cmd == unix.SIOCOUTQNSD || cmd == unix.SIOCATMARK) && !s.stream {
		cmd = nobodys
	}
	size := commands[cmd]
	switch {
	case cmd == unix.SIOCGIFCONF:
		return 0, s.addresses(ctx.Memory(), user.Addr(arg))
	case refused[cmd]:
		return 0, unix.EPERM
	case cmd == unix.SIOCETHTOOL:
		return s.ethtool(ctx, arg)
	case changing[cmd]:
		p := make([]byte, sizeofIfreq)
		if _, err := ctx.Memory().CopyIn(user.Addr(arg), p); err != nil {
			return 0, err
		}
		return 0, s.changeDevice(ctx.Creds(), cmd, p)
	case size == 0 && cmd>>8 != deviceCommands:
		return 0, unix.ENOTTY
	case size == 0: // its struct ifreq is looked at first
		_, err := ctx.Memory().CopyIn(user.Addr(arg), make([]byte, sizeofIfreq))
		if err == nil {
			err = unix.ENOTTY
		}
		return 0, err
	}
	p := make([]byte, size)
	if size == sizeofIfreq {
		if _, err := ctx.Memory().CopyIn(user.Addr(arg), p); err != nil {
			return 0, err
		}
	}
	if err := hostio.Ioctl(s.fd, cmd, p); err != nil {
		return 0, err
	}
	if cmd == unix.TIOCINQ && s.hasKept() {
		s.mu.Lock()
		binary.NativeEndian.PutUint32(p, binary.NativeEndian.Uint32(p)+uint32(len(s.kept)))
		s.mu.Unlock()
	}
	_, err := ctx.Memory().CopyOut(user.Addr(arg), p)
	return 0, err
}

// addresses is SIOCGIFCONF: the interfaces' addresses, as far as there is room, or how much room they take.
func (s *Socket) addresses(m user.Memory, at user.Addr) error {
	const sizeofIfconf, most = 16, 64 << 10
	var conf [sizeofIfconf]byte
	if _, err := m.CopyIn(at, conf[:]); err != nil {
		return err
	}
	room := int32(binary.NativeEndian.Uint32(conf[:]))
	to := user.Addr(binary.NativeEndian.Uint64(conf[8:]))
	var list []byte
	if to != 0 {
		list = make([]byte, min(max(room, 0), most))
	}
	n, err := hostio.Ifconf(s.fd, list)
	if err != nil {
		return err
	}
	if to != 0 {
		if _, err := m.CopyOut(to, list[:n]); err != nil {
			return err
		}
	}
	binary.NativeEndian.PutUint32(conf[:], uint32(n))
	_, err = m.CopyOut(at, conf[:4])
	return err
}
