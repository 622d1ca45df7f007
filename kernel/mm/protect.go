// SPDX-License-Identifier: Apache-2.0

// This file is mprotect(2) and protection keys.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
)

const protSem = 0x8 // PROT_SEM

// Protect is mprotect(2), or pkey_mprotect(2) with a pkey that is not -1.
func (m *MM) Protect(c Caller, start, length, bits uint64, pkey int32) error {
	prot := uint32(bits)
	grows := prot & (unix.PROT_GROWSDOWN | unix.PROT_GROWSUP)
	if grows == unix.PROT_GROWSDOWN|unix.PROT_GROWSUP || start%abi.PageSize != 0 {
		return unix.EINVAL
	}
	if length == 0 {
		return nil
	}
	length, ok := pageUp(length)
	end := start + length
	switch {
	case !ok || end <= start:
		return unix.ENOMEM
	case bits&^uint64(allProt|protSem|grows) != 0:
		return unix.EINVAL
	}
	if grows != 0 {
		m.followStacks()
	}
	m.mu.Lock()
	defer m.unlock()
	m.noteGrowth(start)
	begin, limit, err := m.protectable(start, end, prot)
	if limit <= begin {
		if pkey != -1 && !m.hasPkey(c, pkey) {
			return unix.EINVAL
		}
		return err
	}
	if data := m.becomesData(begin, limit, prot); data > 0 && !m.mayHaveData(c, data) {
		return unix.ENOMEM
	}
	host := []uint64{start, limit - start, uint64(prot)}
	nr := uintptr(unix.SYS_MPROTECT)
	if pkey != -1 {
		nr, host = unix.SYS_PKEY_MPROTECT, append(host, uint64(pkey))
	}
	if _, herr := m.host(c.Thread(), nr, host...); herr != nil {
		return herr
	}
	m.change(begin, limit, func(v *VMA) { v.protect(prot&allProt, pkey) })
	return err
}

// hasPkey asks the host whether a key is allocated: it looks at the key before
// it finds that nothing is mapped at 0.
func (m *MM) hasPkey(c Caller, pkey int32) bool {
	_, err := m.host(c.Thread(), unix.SYS_PKEY_MPROTECT, 0, abi.PageSize, 0, uint64(uint32(pkey)))
	return err != unix.EINVAL
}

func (v *VMA) protect(prot uint32, pkey int32) {
	switch {
	case prot&unix.PROT_WRITE == 0:
		// Linux keeps VM_ACCOUNT if a page was ever touched, which the account can't know.
		if v.File == nil {
			v.Flags &^= Account
		}
	case v.Prot&unix.PROT_WRITE == 0 && v.Flags&(Shared|NoReserve) == 0:
		v.Flags |= Account
	}
	v.Prot = prot
	if pkey != -1 {
		v.Pkey = pkey
	}
}

// protectable says how far the change may go, and the error at which it ends:
// a hole, or a mapping that must not have that protection.
func (m *MM) protectable(start, end uint64, prot uint32) (from, to uint64, err error) {
	i := m.index(start)
	switch {
	case i == len(m.vmas) || m.vmas[i].Start >= end && prot&unix.PROT_GROWSDOWN == 0:
		return start, start, unix.ENOMEM
	case prot&unix.PROT_GROWSDOWN != 0:
		if m.vmas[i].Start >= end {
			return start, start, unix.ENOMEM
		}
		if m.vmas[i].Flags&GrowsDown == 0 {
			return start, start, unix.EINVAL
		}
		start = m.vmas[i].Start
	case m.vmas[i].Start > start:
		return start, start, unix.ENOMEM
	case prot&unix.PROT_GROWSUP != 0:
		return start, start, unix.EINVAL
	}
	at := start
	for ; at < end; i++ {
		if i == len(m.vmas) || m.vmas[i].Start > at || m.vmas[i].Flags&reserved != 0 {
			return start, at, unix.ENOMEM
		}
		if !m.vmas[i].may(prot) || m.deniesExec(m.vmas[i].Prot, prot) {
			return start, at, unix.EACCES
		}
		if m.vmas[i].Flags&Sealed != 0 {
			return start, at, unix.EPERM
		}
		at = m.vmas[i].End
	}
	return start, end, nil
}

// becomesData is how many pages of [start, end) turn into writable private ones.
func (m *MM) becomesData(start, end uint64, prot uint32) (pages uint64) {
	if prot&unix.PROT_WRITE == 0 {
		return 0
	}
	for i := m.index(start); i < len(m.vmas) && m.vmas[i].Start < end; i++ {
		if v := m.vmas[i]; isData(prot, v.Flags) && !isData(v.Prot, v.Flags) {
			pages += (min(v.End, end) - max(v.Start, start)) / abi.PageSize
		}
	}
	return pages
}

func (v *VMA) may(prot uint32) bool {
	return (prot&unix.PROT_READ == 0 || v.Flags&MayRead != 0) &&
		(prot&unix.PROT_WRITE == 0 || v.Flags&MayWrite != 0) &&
		(prot&unix.PROT_EXEC == 0 || v.Flags&MayExec != 0)
}

// noteGrowth lets the account follow a stack that the host grew by page
// faults, when a call names an address below the part that is known.
func (m *MM) noteGrowth(addr uint64) {
	i := m.index(addr)
	if i == len(m.vmas) {
		return
	}
	v := m.vmas[i]
	if v.Flags&GrowsDown == 0 || v.Start <= addr {
		return
	}
	if v.End-pageDown(addr) > max(m.info.StackLimit, 8<<20) {
		return
	}
	m.count(v, -1)
	v.Start = pageDown(addr)
	m.count(v, 1)
}

// Pkey performs pkey_alloc(2) or pkey_free(2): the host keeps the keys of the
// address space, and a forked copy inherits them as it does on Linux.
func (m *MM) Pkey(c Caller, nr uintptr, args ...uint64) (uint64, error) {
	m.mu.Lock()
	defer m.unlock()
	return m.host(c.Thread(), nr, args...)
}
