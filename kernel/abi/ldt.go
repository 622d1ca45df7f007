// SPDX-License-Identifier: Apache-2.0

package abi

// UserDesc is struct user_desc: a segment descriptor (asm/ldt.h).
type UserDesc struct {
	Entry, Base, Limit, Flags uint32
}

// Bits of UserDesc.Flags.
const (
	UserDesc32Bit        = 1 << 0
	UserDescDown         = 1 << 1 // MODIFY_LDT_CONTENTS_STACK
	UserDescCode         = 1 << 2 // MODIFY_LDT_CONTENTS_CODE
	UserDescReadExecOnly = 1 << 3
	UserDescPages        = 1 << 4
	UserDescNotPresent   = 1 << 5
	UserDescUseable      = 1 << 6

	// UserDescKept is what reads back of a descriptor that was set.
	UserDescKept = UserDescUseable<<1 - 1
	// UserDescLimit are the bits of a limit that a descriptor has.
	UserDescLimit = 0xfffff
)

// Empty tells whether a descriptor means that there is none (LDT_empty, LDT_zero).
func (d *UserDesc) Empty() bool {
	flags := d.Flags & UserDescKept
	return d.Base == 0 && d.Limit == 0 && (flags == 0 || flags == UserDescReadExecOnly|UserDescNotPresent)
}
