// SPDX-License-Identifier: Apache-2.0

package mm

import (
	"github.com/ditto-kernel/ditto/kernel/platform"
	"github.com/ditto-kernel/ditto/kernel/user"
)

// ThreadMemory is the memory of a stopped thread, for the task that owns it.
type ThreadMemory struct{ Thread platform.Thread }

var _ user.Memory = ThreadMemory{}

// CopyIn implements user.Memory.
func (m ThreadMemory) CopyIn(addr user.Addr, dst []byte) (int, error) {
	return m.Thread.ReadMemory(uint64(addr), dst)
}

// CopyOut implements user.Memory.
func (m ThreadMemory) CopyOut(addr user.Addr, src []byte) (int, error) {
	return m.Thread.WriteMemory(uint64(addr), src)
}

// CopyOutLast implements user.Memory.
func (m ThreadMemory) CopyOutLast(addr user.Addr, src []byte, partial bool) (int, error) {
	return m.Thread.WriteMemoryLast(uint64(addr), src, partial)
}

// CompareAndSwap32 implements user.Memory.
func (m ThreadMemory) CompareAndSwap32(addr user.Addr, old, new uint32) (uint32, error) {
	return m.Thread.CompareAndSwap32(uint64(addr), old, new)
}
