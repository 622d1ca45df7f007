// SPDX-License-Identifier: Apache-2.0

// The memory devices: null(4), zero(4), full(4), random(4).

package dev

import (
	"encoding/binary"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/user"
	"github.com/ditto-kernel/ditto/kernel/vfs"
)

// null is /dev/null; embed it for the position and the bottomless write.
type null struct{ vfs.BaseFile }

// Read implements vfs.FileOps.
func (null) Read(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, nil }

// Write implements vfs.FileOps: nothing is looked at, so nothing faults.
func (null) Write(_ vfs.Ctx, _ *vfs.File, src *user.Buf, _ *int64) (int, error) {
	return src.Len(), nil
}

// Seekable implements vfs.FileOps.
func (null) Seekable() bool { return true }

// Seek implements vfs.FileOps: the position stays 0.
func (null) Seek(vfs.Ctx, *vfs.File, int64, int, int64) (int64, error) { return 0, nil }

type zero struct{ null }

var zeros [65536]byte

// Read implements vfs.FileOps.
func (zero) Read(_ vfs.Ctx, _ *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	return fill(dst, func() ([]byte, error) { return zeros[:], nil })
}

// fill puts what next gives into dst until it is full.
func fill(dst *user.Buf, next func() ([]byte, error)) (int, error) {
	total := 0
	for dst.Len() > 0 {
		p, err := next()
		if err == nil {
			var n int
			n, err = dst.CopyOut(p[:min(len(p), dst.Len())])
			total += n
		}
		if err != nil {
			if total > 0 {
				return total, nil
			}
			return 0, err
		}
	}
	return total, nil
}

// MapsZeros tells mmap(2) that a mapping is fresh memory, like an anonymous
// one, private or shared.
func (zero) MapsZeros() {}

type full struct{ null }

// Read implements vfs.FileOps.
func (full) Read(ctx vfs.Ctx, f *vfs.File, dst *user.Buf, pos *int64) (int, error) {
	return zero{}.Read(ctx, f, dst, pos)
}

// Write implements vfs.FileOps.
func (full) Write(vfs.Ctx, *vfs.File, *user.Buf, *int64) (int, error) { return 0, unix.ENOSPC }

type random struct{ vfs.BaseFile }

// Read implements vfs.FileOps.
func (random) Read(_ vfs.Ctx, _ *vfs.File, dst *user.Buf, _ *int64) (int, error) {
	var buf [256]byte
	return fill(dst, func() ([]byte, error) {
		n, err := unix.Getrandom(buf[:], 0)
		return buf[:max(n, 0)], err
	})
}

// Write implements vfs.FileOps: what is written would be mixed in; our
// generator is the host's, so it is only read.
func (random) Write(_ vfs.Ctx, _ *vfs.File, src *user.Buf, _ *int64) (int, error) {
	var buf [4096]byte
	total := 0
	for src.Len() > 0 {
		n, err := src.CopyIn(buf[:])
		total += n
		if err != nil {
			if total > 0 {
				return total, nil
			}
			return 0, err
		}
	}
	return total, nil
}

// Seekable implements vfs.FileOps.
func (random) Seekable() bool { return true }

// Seek implements vfs.FileOps (noop_llseek).
func (random) Seek(_ vfs.Ctx, _ *vfs.File, _ int64, _ int, cur int64) (int64, error) {
	return cur, nil
}

const (
	rndGetEntCnt = 0x80045200 // RNDGETENTCNT
	poolBits     = 256
)

// Ioctl implements vfs.FileOps.
func (random) Ioctl(ctx vfs.Ctx, _ *vfs.File, cmd uint32, arg uint64) (uint64, error) {
	if cmd != rndGetEntCnt {
		return 0, unix.EINVAL
	}
	var b [4]byte
	binary.LittleEndian.PutUint32(b[:], poolBits)
	_, err := ctx.Memory().CopyOut(user.Addr(arg), b[:])
	return 0, err
}
