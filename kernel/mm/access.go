// SPDX-License-Identifier: Apache-2.0

// This file is a debugger's access to memory (access_remote_vm with
// FOLL_FORCE): whatever the protection, as long as the program could have
// mapped the page so; a write to a private mapping makes a copy of the page.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Access reads or writes memory at addr by way of a stopped thread of the
// address space. It returns the bytes before the first that can't be
// accessed, and EIO if that is fewer than asked for.
func (m *MM) Access(th platform.Thread, addr uint64, p []byte, write bool) (int, error) {
	done := 0
	for done < len(p) {
		n, err := m.plain(th, addr+uint64(done), p[done:], write)
		if done += n; err == nil {
			break
		}
		at := addr + uint64(done)
		rest := p[done:min(uint64(len(p)), uint64(done)+abi.PageSize-at%abi.PageSize)]
		n, err = m.forced(th, at, rest, write)
		if done += n; err != nil {
			return done, unix.EIO
		}
	}
	return done, nil
}

// plain is an access that the protection allows.
func (m *MM) plain(th platform.Thread, addr uint64, p []byte, write bool) (int, error) {
	move, own := m.as.ReadAt, th.ReadMemory
	if write {
		move, own = m.as.WriteAt, th.WriteMemory
	}
	n, err := move(addr, p)
	if err == unix.EPERM { // the host allows no access from outside
		return own(addr, p)
	}
	return n, err
}

// forced is an access to part of one page, with its protection lifted as long
// as that takes. The program's other threads may run meanwhile, and see it.
func (m *MM) forced(th platform.Thread, addr uint64, p []byte, write bool) (n int, err error) {
	m.mu.Lock()
	defer m.unlock()
	v := m.find(addr)
	if v == nil || !v.forcible(write) {
		return 0, unix.EIO
	}
	page, prot := pageDown(addr), uint64(v.Prot)
	lifted := prot | unix.PROT_READ
	if write {
		lifted |= unix.PROT_WRITE
	}
	if lifted == prot {
		return 0, unix.EIO // it is not the protection that forbids it
	}
	if _, err := m.host(th, unix.SYS_MPROTECT, page, abi.PageSize, lifted); err != nil {
		return 0, unix.EIO
	}
	n, err = m.plain(th, addr, p, write)
	if _, back := m.host(th, unix.SYS_MPROTECT, page, abi.PageSize, prot); back != nil {
		err = back
	}
	return n, err
}

// forcible tells whether a debugger may access what the protection forbids.
func (v *VMA) forcible(write bool) bool {
	if write {
		return v.Flags&MayWrite != 0 && v.Flags&Shared == 0
	}
	return v.Flags&MayRead != 0
}
