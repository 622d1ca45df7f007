// SPDX-License-Identifier: Apache-2.0

// Package user names the application's memory: addresses, ranges of them, and
// the interfaces to copy to and from it. Nothing outside this package and mm
// does arithmetic on raw addresses.
package user

// Addr is an address in the application's memory.
type Addr uint64

// Path is the address of a NUL-terminated path of at most PATH_MAX bytes.
type Path Addr

// String is the address of a NUL-terminated string that is not a path.
type String Addr

// Bytes is a buffer argument with its length argument: two registers.
type Bytes struct {
	Addr Addr
	Len  uint64
}

// Memory is one address space as a system call sees it. All methods answer
// EFAULT for memory that the application could not access itself.
type Memory interface {
	// CopyIn reads len(dst) bytes at addr. It returns how many bytes it read
	// before a fault, and EFAULT if that is fewer than asked for.
	CopyIn(addr Addr, dst []byte) (int, error)
	// CopyOut writes src at addr, at once, with CopyIn's rules.
	CopyOut(addr Addr, src []byte) (int, error)
	// CopyOutLast is CopyOut for a handler's last act: the bytes may be
	// written while the call returns to the application. A fault found then
	// makes the call answer EFAULT, or the number of bytes written before the
	// fault if partial is true and that is not zero. It returns len(src), or
	// a fault that it found at once.
	CopyOutLast(addr Addr, src []byte, partial bool) (int, error)
	// CopyOutFrom writes n bytes, or fewer, at addr that fill puts into pieces in between: one that it does not fill is the last.
	// With last, the last piece goes as CopyOutLast's do, with partial. It returns the bytes written, or EFAULT or fill's
	// error if that was before the first.
	CopyOutFrom(addr Addr, n int, last bool, fill func(p []byte) (int, error)) (int, error)
	// CopyInTo reads n bytes at addr and gives them to drain in pieces, until it takes less than it is given. The application may
	// change a piece under it. It returns the bytes taken, or EFAULT or drain's error if that was before the first.
	CopyInTo(addr Addr, n int, drain func(p []byte) (int, error)) (int, error)
	// CompareAndSwap32 is an atomic operation on the aligned word at addr. It
	// returns the word's value before.
	CompareAndSwap32(addr Addr, old, new uint32) (uint32, error)
}
