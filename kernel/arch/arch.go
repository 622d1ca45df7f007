// SPDX-License-Identifier: Apache-2.0

// Package arch has what is special to x86_64: the registers that a program
// starts with, and the frame on the application's stack through which a
// signal handler runs and returns. It only computes; it touches no memory of
// the application.
package arch

import "github.com/ditto-kernel/ditto/kernel/platform"

// Segment selectors of 64-bit user code, and the flags that an application
// may set for itself (FIX_EFLAGS).
const (
	UserCS = 0x33
	UserDS = 0x2b

	FlagTF = 0x100   // a trap after each instruction
	FlagRF = 0x10000 // no breakpoint traps at the next instruction

	flagIF   = 0x200
	flagDF   = 0x400
	flagsFix = 0x40000 | 0x800 | flagDF | FlagTF | 0x80 | 0x40 | 0x10 | 0x4 | 0x1 | FlagRF
)

// InitRegs makes r the registers of a program's first instruction.
func InitRegs(r *platform.Regs, entry, stack uint64) {
	*r = platform.Regs{Rip: entry, Rsp: stack, Eflags: flagIF | 2, Cs: UserCS, Ss: UserDS}
}

// SyscallSize is the length of the syscall instruction.
const SyscallSize = 2
