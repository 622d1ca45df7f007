// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// ThreadMemory is the memory of a stopped thread, for the task that owns it.
type ThreadMemory struct {
	Thread platform.Thread
	MM     *MM
}

var (
	_ user.Memory    = ThreadMemory{}
	_ user.Capturing = ThreadMemory{}
)

// CopyIn implements user.Memory.
func (m ThreadMemory) CopyIn(addr user.Addr, dst []byte) (int, error) {
	return m.Thread.ReadMemory(uint64(addr), dst)
}

// Captured implements user.Capturing.
func (m ThreadMemory) Captured(addr user.Addr, dst []byte) int {
	return m.Thread.Captured(uint64(addr), dst)
}

// CopyOut implements user.Memory.
func (m ThreadMemory) CopyOut(addr user.Addr, src []byte) (int, error) {
	return m.Thread.WriteMemory(uint64(addr), src)
}

// CopyOutLast implements user.Memory.
func (m ThreadMemory) CopyOutLast(addr user.Addr, src []byte, partial bool) (int, error) {
	if m.MM == nil || !m.MM.surelyWritable(uint64(addr), len(src)) {
		return m.Thread.WriteMemory(uint64(addr), src)
	}
	return m.Thread.WriteMemoryLast(uint64(addr), src, partial)
}

// CopyOutFrom implements user.Memory.
func (m ThreadMemory) CopyOutFrom(addr user.Addr, n int, last bool, fill func(p []byte) (int, error)) (int, error) {
	last = last && m.MM != nil && m.MM.surelyWritable(uint64(addr), n)
	return m.Thread.WriteMemoryFrom(uint64(addr), n, last, fill)
}

// CopyInTo implements user.Memory.
func (m ThreadMemory) CopyInTo(addr user.Addr, n int, drain func(p []byte) (int, error)) (int, error) {
	return m.Thread.ReadMemoryTo(uint64(addr), n, drain)
}

// surelyWritable tells whether a write can't fault, as the account has it: the
// range lies in writable private mappings (of a file that is cut just then, a
// fault may yet come). So a write that is put off has no fault to report when it is too late to
// give back what it consumed. No is always a safe answer.
func (m *MM) surelyWritable(addr uint64, n int) bool {
	if !m.mu.TryRLock() {
		return false
	}
	defer m.mu.RUnlock()
	for end := addr + uint64(n); ; {
		v := m.find(addr)
		if v == nil || v.Prot&unix.PROT_WRITE == 0 || v.Flags&Shared != 0 {
			return false
		}
		if addr = v.End; end <= addr {
			return true
		}
	}
}

// CompareAndSwap32 implements user.Memory.
func (m ThreadMemory) CompareAndSwap32(addr user.Addr, old, new uint32) (uint32, error) {
	return m.Thread.CompareAndSwap32(uint64(addr), old, new)
}
