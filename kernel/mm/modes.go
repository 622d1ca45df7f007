// SPDX-License-Identifier: Apache-2.0

// This file is what prctl(2) sets for an address space as a whole. All of it is
// inherited by fork and by the next program.

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// modes are an address space's settings.
type modes struct {
	denyExecGain  uint64 // PR_SET_MDWE's bits
	hugePagesOff  uint64 // 0, 1 or 3: PR_GET_THP_DISABLE's answer
	mergeAny      bool   // PR_SET_MEMORY_MERGE
	fromTheBottom bool   // ADDR_COMPAT_LAYOUT: mappings go upwards
	dumpFilter    uint32 // coredump_filter, with firstDumpFilter's bits turned round
}

// firstDumpFilter is what a core file has by default: private and shared
// anonymous memory, ELF headers, private huge pages.
const firstDumpFilter = DumpAnonPrivate | DumpAnonShared | DumpELFHeaders | DumpHugePrivate

// Bits of /proc/PID/coredump_filter (core(5)): kinds of mappings that a core file has.
const (
	DumpAnonPrivate = 1 << iota
	DumpAnonShared
	DumpMappedPrivate
	DumpMappedShared
	DumpELFHeaders
	DumpHugePrivate
	dumpFilterBits = 1<<9 - 1
)

// DumpFilter is /proc/PID/coredump_filter.
func (m *MM) DumpFilter() uint32 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.modes.dumpFilter ^ firstDumpFilter
}

// SetDumpFilter changes it; bits that there are not are dropped.
func (m *MM) SetDumpFilter(bits uint32) {
	m.mu.Lock()
	defer m.unlock()
	m.modes.dumpFilter = bits&dumpFilterBits ^ firstDumpFilter
}

// inherited is what a copy, or the next program, has of them.
func (o modes) inherited() modes {
	if o.denyExecGain&unix.PR_MDWE_NO_INHERIT != 0 {
		o.denyExecGain = 0
	}
	return o
}

// Inherit takes over the settings of the program before.
func (m *MM) Inherit(before *MM, th platform.Thread) {
	before.mu.RLock()
	o := before.modes.inherited()
	before.mu.RUnlock()
	m.mu.Lock()
	defer m.unlock()
	o.fromTheBottom = m.modes.fromTheBottom
	m.modes = o
	if o.hugePagesOff != 0 {
		_, _ = m.host(th, unix.SYS_PRCTL, unix.PR_SET_THP_DISABLE, 1, o.hugePagesOff&^1)
	}
	if o.mergeAny {
		_, _ = m.host(th, unix.SYS_PRCTL, unix.PR_SET_MEMORY_MERGE, 1)
	}
}

// DenyExecGain is prctl(PR_SET_MDWE), with bits that are valid: EPERM if
// others are set already.
func (m *MM) DenyExecGain(bits uint64) error {
	m.mu.Lock()
	defer m.unlock()
	if now := m.modes.denyExecGain; now != 0 && now != bits {
		return unix.EPERM
	}
	m.modes.denyExecGain = bits
	return nil
}

// ExecGainDenied is prctl(PR_GET_MDWE).
func (m *MM) ExecGainDenied() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.modes.denyExecGain
}

// deniesExec tells whether memory that has the protection old must not get
// new: it would be writable and executable, or become executable late.
func (m *MM) deniesExec(old, new uint32) bool {
	return m.modes.denyExecGain&unix.PR_MDWE_REFUSE_EXEC_GAIN != 0 && new&unix.PROT_EXEC != 0 &&
		(new&unix.PROT_WRITE != 0 || old&unix.PROT_EXEC == 0)
}

// DisableHugePages is prctl(PR_SET_THP_DISABLE): the host does it.
func (m *MM) DisableHugePages(c Caller, off bool, flags uint64) error {
	m.mu.Lock()
	defer m.unlock()
	on := uint64(0)
	if off {
		on = 1
	}
	if _, err := m.host(c.Thread(), unix.SYS_PRCTL, unix.PR_SET_THP_DISABLE, on, flags); err != nil {
		return err
	}
	m.modes.hugePagesOff = on | flags
	return nil
}

// HugePagesDisabled is prctl(PR_GET_THP_DISABLE).
func (m *MM) HugePagesDisabled() uint64 {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.modes.hugePagesOff
}

// MergeAny is prctl(PR_SET_MEMORY_MERGE), which the host does: every mapping that
// may be, now and later, is as madvise(MADV_MERGEABLE) makes it, or none is.
func (m *MM) MergeAny(c Caller, on bool) error {
	m.mu.Lock()
	defer m.unlock()
	var arg uint64
	if on {
		arg = 1
	}
	if _, err := m.host(c.Thread(), unix.SYS_PRCTL, unix.PR_SET_MEMORY_MERGE, arg); err != nil {
		return err
	}
	m.modes.mergeAny = on
	for _, v := range m.vmas {
		switch {
		case !on:
			v.Flags &^= Mergeable
		case v.mayMerge():
			v.Flags |= Mergeable
		}
	}
	return nil
}

// mayMerge tells whether KSM would look at a mapping at all (vma_ksm_compatible).
func (v *VMA) mayMerge() bool { return v.Flags&(Shared|Special|reserved) == 0 }

// MergesAny is prctl(PR_GET_MEMORY_MERGE).
func (m *MM) MergesAny() bool {
	m.mu.RLock()
	defer m.mu.RUnlock()
	return m.modes.mergeAny
}
