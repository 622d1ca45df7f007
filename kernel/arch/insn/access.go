// SPDX-License-Identifier: Apache-2.0

package insn

import "github.com/ditto-kernel/ditto/kernel/platform"

// Access is a piece of memory that an instruction uses.
type Access struct {
	Addr          uint64
	Size          uint64
	Reads, Writes bool
	// Perhaps: not all of it need be used; whether it is written is to be
	// seen by its change alone.
	Perhaps bool
}

// Overlaps tells whether any of the n bytes at addr are part of it.
func (a *Access) Overlaps(addr, n uint64) bool { return addr-a.Addr < a.Size || a.Addr-addr < n }

// Accesses appends what the instruction uses when it is executed with the
// registers r to list. An instruction that ends with a fault may have used less.
func (i *Insn) Accesses(r *platform.Regs, list []Access) []Access {
	if i.table == 0 {
		if i.isString() {
			return i.strings(r, list)
		}
		list = i.implied(r, list)
	}
	if i.table == 1 {
		list = i.implied1(r, list)
	}
	if !i.modRM || i.mod == 3 {
		return list
	}
	size, how := i.operand()
	if size == 0 {
		return list
	}
	if i.table == 2 && i.op == 0xf8 && i.enc == legacy { // movdir64b
		list = append(list, Access{Addr: register(r, i.reg|i.rexR), Size: 64, Writes: true})
	}
	return append(list, Access{i.address(r), uint64(size), how&reads != 0, how&writes != 0, how&perhaps != 0})
}

// register is a general register by its number.
func register(r *platform.Regs, n uint8) uint64 {
	switch n {
	case 0:
		return r.Rax
	case 1:
		return r.Rcx
	case 2:
		return r.Rdx
	case 3:
		return r.Rbx
	case 4:
		return r.Rsp
	case 5:
		return r.Rbp
	case 6:
		return r.Rsi
	case 7:
		return r.Rdi
	case 8:
		return r.R8
	case 9:
		return r.R9
	case 10:
		return r.R10
	case 11:
		return r.R11
	case 12:
		return r.R12
	case 13:
		return r.R13
	case 14:
		return r.R14
	}
	return r.R15
}

// address is that of the operand in memory.
func (i *Insn) address(r *platform.Regs) uint64 {
	a := uint64(i.disp)
	switch {
	case i.ripRel:
		a += r.Rip + uint64(i.Len)
	case !i.absolute:
		a += register(r, i.base)
	}
	if i.sib && i.index != 4 {
		a += register(r, i.index) << i.scale
	}
	a += i.bitOffset(r)
	if i.op == 0x8f && i.table == 0 && i.base == 4 && !i.absolute {
		a += uint64(i.stack()) // pop has taken its operand from the stack by then
	}
	return i.inSegment(r, a)
}

// bitOffset is what a bit's number in a register adds to the address.
func (i *Insn) bitOffset(r *platform.Regs) uint64 {
	if i.table != 1 || i.enc != legacy {
		return 0
	}
	switch i.op {
	case 0xa3, 0xab, 0xb3, 0xbb:
	default:
		return 0
	}
	n := int64(register(r, i.reg|i.rexR))
	switch i.general() {
	case 2:
		return uint64(int64(int16(n)) >> 4 * 2)
	case 4:
		return uint64(int64(int32(n)) >> 5 * 4)
	}
	return uint64(n >> 6 * 8)
}

// inSegment cuts an address to size and adds its segment's base.
func (i *Insn) inSegment(r *platform.Regs, a uint64) uint64 {
	if i.addr32 {
		a = uint64(uint32(a))
	}
	switch i.segment {
	case 0x64:
		a += r.Fs_base
	case 0x65:
		a += r.Gs_base
	}
	return a
}

// plain is an address by a register without a segment that counts.
func (i *Insn) plain(a uint64) uint64 {
	if i.addr32 {
		return uint64(uint32(a))
	}
	return a
}

// strings is for the string operations: one turn of them.
func (i *Insn) strings(r *platform.Regs, list []Access) []Access {
	if i.rep && i.plain(r.Rcx) == 0 {
		return list
	}
	size := uint64(i.general1())
	from := Access{Addr: i.inSegment(r, r.Rsi), Size: size, Reads: true}
	to := Access{Addr: i.plain(r.Rdi), Size: size}
	switch i.op &^ 1 {
	case 0xa4: // movs
		to.Writes = true
		return append(list, from, to)
	case 0xa6: // cmps
		to.Reads = true
		return append(list, from, to)
	case 0xaa: // stos
		to.Writes = true
		return append(list, to)
	case 0xac: // lods
		return append(list, from)
	case 0xae: // scas
		to.Reads = true
		return append(list, to)
	}
	return list // ports
}

// implied is what opcodes of one byte use without an operand: the stack, mostly.
func (i *Insn) implied(r *platform.Regs, list []Access) []Access {
	size := uint64(i.stack())
	push := Access{Addr: r.Rsp - size, Size: size, Writes: true}
	pop := Access{Addr: r.Rsp, Size: size, Reads: true}
	op := i.op
	switch {
	case op&^7 == 0x50, op == 0x68, op == 0x6a, op == 0x9c, op == 0xff && i.reg == 6:
		return append(list, push)
	case op == 0xe8, op == 0xff && i.reg == 2:
		return append(list, Access{Addr: r.Rsp - 8, Size: 8, Writes: true})
	case op&^7 == 0x58, op == 0x8f, op == 0x9d:
		return append(list, pop)
	case op&^1 == 0xc2:
		return append(list, Access{Addr: r.Rsp, Size: 8, Reads: true})
	case op&^1 == 0xca:
		return append(list, Access{Addr: r.Rsp, Size: 2 * uint64(i.general()), Reads: true})
	case op == 0xcf:
		return append(list, Access{Addr: r.Rsp, Size: 5 * uint64(i.general()), Reads: true})
	case op == 0xff && i.reg == 3 && i.mod != 3:
		n := 2 * uint64(i.general())
		return append(list, Access{Addr: r.Rsp - n, Size: n, Writes: true})
	case op == 0xc8:
		return i.enter(r, list)
	case op == 0xc9:
		return append(list, Access{Addr: r.Rbp, Size: size, Reads: true})
	case op == 0xd7:
		return append(list, Access{Addr: i.inSegment(r, r.Rbx+r.Rax&0xff), Size: 1, Reads: true})
	case op&^3 == 0xa0:
		return append(list, Access{Addr: i.inSegment(r, i.imm), Size: uint64(i.general1()), Reads: op < 0xa2, Writes: op >= 0xa2})
	}
	return list
}

// enter makes a stack frame, with copies of the pointers to those around it.
func (i *Insn) enter(r *platform.Regs, list []Access) []Access {
	size := uint64(i.stack())
	level := i.imm >> 16 & 31
	list = append(list, Access{Addr: r.Rsp - size*(level+1), Size: size * (level + 1), Writes: true})
	if level > 1 {
		list = append(list, Access{Addr: r.Rbp - size*(level-1), Size: size * (level - 1), Reads: true})
	}
	return list
}

// implied1 is implied for 0F.
func (i *Insn) implied1(r *platform.Regs, list []Access) []Access {
	size := uint64(i.stack())
	switch i.op {
	case 0xa0, 0xa8:
		return append(list, Access{Addr: r.Rsp - size, Size: size, Writes: true})
	case 0xa1, 0xa9:
		return append(list, Access{Addr: r.Rsp, Size: size, Reads: true})
	case 0xf7: // maskmovdqu
		if i.mod == 3 {
			return append(list, Access{Addr: i.inSegment(r, i.plain(r.Rdi)), Size: uint64(i.packed()), Writes: true, Perhaps: true})
		}
	}
	return list
}
