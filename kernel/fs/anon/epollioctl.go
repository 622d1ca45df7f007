// SPDX-License-Identifier: Apache-2.0

package anon

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// The commands of an epoll (ioctl_eventpoll(2)). Of devices that could be polled busily there are none to wait for: what is
// set is kept, and asked for.
const (
	epiocsParams = 0x40088a01
	epiocgParams = 0x80088a02
)

// epollParams is struct epoll_params.
type epollParams struct {
	usecs  uint32
	budget uint16
	prefer uint8
}

// Ioctl implements vfs.FileOps (ep_eventpoll_ioctl).
func (ep *Epoll) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	const size = 8
	switch cmd {
	case epiocsParams:
		var b [size]byte
		if _, err := ctx.Memory().CopyIn(user.Addr(arg), b[:]); err != nil {
			return 0, err
		}
		return 0, ep.setParams(ctx, b)
	case epiocgParams:
		ep.mu.Lock()
		p := ep.params
		ep.mu.Unlock()
		b := binary.NativeEndian.AppendUint32(nil, p.usecs)
		b = append(binary.NativeEndian.AppendUint16(b, p.budget), p.prefer, 0)
		_, err := ctx.Memory().CopyOut(user.Addr(arg), b)
		return 0, err
	}
	return 0, unix.EINVAL
}

func (ep *Epoll) setParams(ctx vfs.Ctx, b [8]byte) error {
	const pad, weight = 7, 64 // NAPI_POLL_WEIGHT
	p := epollParams{binary.NativeEndian.Uint32(b[:]), binary.NativeEndian.Uint16(b[4:]), b[6]}
	switch {
	case b[pad] != 0, p.usecs > math.MaxInt32, p.prefer > 1:
		return unix.EINVAL
	case p.budget > weight && !ctx.Creds().Capable(unix.CAP_NET_ADMIN):
		return unix.EPERM
	}
	ep.mu.Lock()
	defer ep.mu.Unlock()
	ep.params = p
	return nil
}
