// SPDX-License-Identifier: Apache-2.0

package inet

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/hostio"
	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// ethtoolSizes are the questions of SIOCETHTOOL that the host is asked, with the size of their struct: what a device's driver is, whether
// there is a link, and how it stamps packets, which libpcap asks.
var ethtoolSizes = map[uint32]int{
	0x03: 196, // ETHTOOL_GDRVINFO
	0x0a: 8,   // ETHTOOL_GLINK
	0x41: 44,  // ETHTOOL_GET_TS_INFO
}

// ethtool is SIOCETHTOOL: what sets something of a device is EPERM for the unprivileged, and as by a driver that can't for others.
func (s *Socket) ethtool(ctx vfs.Ctx, arg uint64) (uint64, error) {
	ifreq, command := make([]byte, sizeofIfreq), make([]byte, sizeofInt)
	if _, err := ctx.Memory().CopyIn(user.Addr(arg), ifreq); err != nil {
		return 0, err
	}
	at := user.Addr(binary.NativeEndian.Uint64(ifreq[unix.IFNAMSIZ:]))
	if _, err := ctx.Memory().CopyIn(at, command); err != nil {
		return 0, err
	}
	size := ethtoolSizes[binary.NativeEndian.Uint32(command)]
	if size == 0 {
		if !s.admin(ctx.Creds()) {
			return 0, unix.EPERM
		}
		return 0, unix.EOPNOTSUPP
	}
	data := make([]byte, size)
	if _, err := ctx.Memory().CopyIn(at, data); err != nil {
		return 0, err
	}
	if err := hostio.IoctlData(s.fd, unix.SIOCETHTOOL, [16]byte(ifreq), data); err != nil {
		return 0, err
	}
	_, err := ctx.Memory().CopyOut(at, data)
	return 0, err
}
