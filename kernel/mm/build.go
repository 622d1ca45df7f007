// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Builder fills a fresh address space for exec: mappings are entered into the
// account at once, so that later ones are placed around them, and made on the
// host in one go. If that fails the address space is of no use any more.
type Builder struct {
	m   *MM
	c   Caller
	ops []*platform.Op
	err error
}

// Build starts filling m, which no one else knows yet. c's thread is in m.
func (m *MM) Build(c Caller) *Builder { return &Builder{m: m, c: c} }

// Map adds a mapping at a fixed place; hostFD (-1: none) maps v.File. The
// first error stays until Run. Earlier mappings of the same program give way.
func (b *Builder) Map(v VMA, hostFD int) {
	b.m.mu.Lock()
	defer b.m.unlock()
	if b.err != nil {
		return
	}
	switch {
	case v.Start >= v.End || v.End > taskSize:
		b.err = unix.EINVAL
	case b.m.touchesReserved(v.Start, v.End):
		b.err = unix.ENOMEM
	default:
		v.Flags |= MayRead | MayWrite | MayExec
		if v.Prot&unix.PROT_WRITE != 0 {
			v.Flags |= Account
		}
		b.err = b.m.roomFor(b.c, &v)
	}
	if b.err != nil {
		return
	}
	flags := uint64(unix.MAP_PRIVATE | unix.MAP_FIXED)
	if hostFD < 0 {
		flags |= unix.MAP_ANONYMOUS
	}
	if v.Flags&GrowsDown != 0 {
		flags |= unix.MAP_GROWSDOWN
	}
	b.ops = append(b.ops, &platform.Op{Nr: unix.SYS_MMAP, FD: hostFD, UseFD: hostFD >= 0,
		Args: [6]uint64{v.Start, v.End - v.Start, uint64(v.Prot), flags, ^uint64(0), v.Off}})
	b.m.remove(v.Start, v.End)
	hold(v.File)
	b.m.place(&v)
}

// Run makes the mappings.
func (b *Builder) Run() error {
	if b.err != nil || len(b.ops) == 0 {
		return b.err
	}
	if err := b.c.Thread().Do(b.ops...); err != nil {
		return err
	}
	for _, op := range b.ops {
		if err := op.Err(); err != nil {
			return err
		}
	}
	return nil
}
