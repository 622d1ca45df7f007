// SPDX-License-Identifier: Apache-2.0

// This file has what instructions do with their memory operand: how many bytes,
// read or written. Prefetches, no-ops and address computations do nothing.

package insn

// use is what is done with memory.
type use uint8

const (
	reads use = 1 << iota
	writes
	perhaps // not of all its bytes, or not known
)

// operand is how many bytes of the operand in memory are used, and how.
func (i *Insn) operand() (int, use) {
	size, how := 0, use(0)
	switch i.table {
	case 0:
		return i.operand0()
	case 1:
		size, how = i.operand1()
	case 2:
		size, how = i.operand2()
	case 3:
		size, how = i.operand3()
	default: // half-precision numbers
		if size, how = i.vl, reads|perhaps; i.prefix >= 2 {
			size = 2
		}
		if i.op == 0x11 || i.op == 0x7e {
			how = writes
		}
	}
	if i.enc == evex {
		if i.broadcast && how&reads != 0 {
			size = i.wide()
		}
		if i.masked {
			how |= perhaps
		}
	}
	return size, how
}

// unit is what a displacement of one byte counts in (EVEX).
func (i *Insn) unit() int {
	if i.table == 2 {
		switch i.op {
		case 0x62, 0x63: // expand and compress
			if i.w {
				return 2
			}
			return 1
		case 0x88, 0x89, 0x8a, 0x8b, 0x90, 0x91, 0x92, 0x93, 0xa0, 0xa1, 0xa2, 0xa3:
			return i.wide()
		}
	}
	n, _ := i.operand()
	return n
}

// general is the size of an operand in general registers.
func (i *Insn) general() int {
	switch {
	case i.w:
		return 8
	case i.size16:
		return 2
	}
	return 4
}

// general1 is general, or 1 for the opcodes of bytes.
func (i *Insn) general1() int {
	if i.op&1 == 0 {
		return 1
	}
	return i.general()
}

// wide is the size of one of a vector's elements, or of what moves between vectors and general registers.
func (i *Insn) wide() int {
	if i.w {
		return 8
	}
	return 4
}

// stack is the size of what is pushed and popped.
func (i *Insn) stack() int {
	if i.size16 {
		return 2
	}
	return 8
}

// packed is a vector, or one of MMX without a prefix.
func (i *Insn) packed() int {
	if i.enc == legacy && i.prefix == 0 {
		return 8
	}
	return i.vl
}

// float is a vector of numbers or a single one, as the prefix says.
func (i *Insn) float() int { return [...]int{i.vl, i.vl, 4, 8}[i.prefix] }

func (i *Insn) operand0() (int, use) {
	op := i.op
	switch {
	case op < 0x40:
		switch {
		case op >= 0x38 || op&7 >= 2: // compares, or the operand is the source
			return i.general1(), reads
		}
		return i.general1(), reads | writes
	case op == 0x63:
		return 4, reads
	case op == 0x69, op == 0x6b:
		return i.general(), reads
	case op&^3 == 0x80:
		if i.reg == 7 {
			return i.general1(), reads
		}
		return i.general1(), reads | writes
	case op == 0x84, op == 0x85, op == 0x8a, op == 0x8b:
		return i.general1(), reads
	case op == 0x86, op == 0x87, op&^1 == 0xc0, op&^3 == 0xd0:
		return i.general1(), reads | writes
	case op == 0x88, op == 0x89, op&^1 == 0xc6:
		return i.general1(), writes
	case op == 0x8c:
		return 2, writes
	case op == 0x8e:
		return 2, reads
	case op == 0x8f:
		return i.stack(), writes
	case op&^7 == 0xd8:
		return i.operandX87()
	case op&^1 == 0xf6:
		if i.reg == 2 || i.reg == 3 {
			return i.general1(), reads | writes
		}
		return i.general1(), reads
	case op == 0xfe, op == 0xff:
		return i.operandFF()
	}
	return 0, 0
}

func (i *Insn) operandFF() (int, use) {
	switch i.reg {
	case 0, 1:
		return i.general1(), reads | writes
	case 3, 5:
		return i.general() + 2, reads // a far pointer
	}
	return i.stack(), reads
}

// x87 has the operands of D8 to DF, by reg; those that are written are negative.
var x87 = [8][8]int8{
	{4, 4, 4, 4, 4, 4, 4, 4},
	{4, 0, -4, -4, 28, 2, -28, -2},
	{4, 4, 4, 4, 4, 4, 4, 4},
	{4, -4, -4, -4, 0, 10, 0, -10},
	{8, 8, 8, 8, 8, 8, 8, 8},
	{8, -8, -8, -8, 108, 0, -108, -2},
	{2, 2, 2, 2, 2, 2, 2, 2},
	{2, -2, -2, -2, 10, 8, -10, -8},
}

func (i *Insn) operandX87() (int, use) {
	n := int(x87[i.op&7][i.reg])
	if i.size16 && (n > 10 || n < -10) {
		n -= 14 * n / max(n, -n)
	}
	if n < 0 {
		return -n, writes
	}
	return n, reads
}

// operand1 is for 0F.
func (i *Insn) operand1() (int, use) {
	op := i.op
	switch {
	case op >= 0x10 && op <= 0x17:
		return i.moves()
	case op >= 0x28 && op <= 0x2f:
		return i.converts()
	case op&0xf0 == 0x40: // conditional moves
		return i.general(), reads
	case op == 0x5a:
		return [...]int{i.vl / 2, i.vl, 4, 8}[i.prefix], reads
	case op == 0x5b, op >= 0x54 && op <= 0x57:
		return i.vl, reads
	case op&0xf0 == 0x50:
		return i.float(), reads
	case op >= 0x60 && op <= 0x7f, op >= 0xd0:
		return i.integers()
	case op&0xf0 == 0x90:
		if i.enc == legacy {
			return 1, writes
		}
		n, how := [...]int{2, 1, 2, 4}[i.prefix], reads // kmov
		if i.w {
			n = [...]int{8, 4, 8, 8}[i.prefix]
		}
		if op == 0x91 {
			how = writes
		}
		return n, how
	case op == 0xc2:
		return i.float(), reads
	case op == 0xc3:
		return i.general(), writes
	case op == 0xc4:
		return 2, reads
	case op == 0xc6:
		return i.vl, reads
	}
	return i.operandSystem()
}

// operandSystem is for what of 0F is about general registers.
func (i *Insn) operandSystem() (int, use) {
	switch i.op {
	case 0x00:
		if i.reg < 2 {
			return 2, writes
		}
		return 2, reads
	case 0x01:
		switch i.reg {
		case 0, 1:
			return 10, writes
		case 2, 3:
			return 10, reads
		case 4:
			return 2, writes
		case 6:
			return 2, reads
		}
	case 0x02, 0x03:
		return 2, reads
	case 0xa3, 0xaf, 0xb8, 0xbc, 0xbd:
		return i.general(), reads
	case 0xa4, 0xa5, 0xab, 0xac, 0xad, 0xb3, 0xbb:
		return i.general(), reads | writes
	case 0xb0, 0xb1, 0xc0, 0xc1:
		return i.general1(), reads | writes // cmpxchg writes even if it doesn't exchange
	case 0xba:
		if i.reg == 4 {
			return i.general(), reads
		}
		return i.general(), reads | writes
	case 0xb2, 0xb4, 0xb5:
		return i.general() + 2, reads
	case 0xb6, 0xbe:
		return 1, reads
	case 0xb7, 0xbf:
		return 2, reads
	case 0xae:
		return i.operandAE()
	case 0xc7:
		switch i.reg {
		case 1:
			return 2 * i.wide(), reads | writes
		case 3:
			return xsaveSize, reads
		case 4, 5:
			return xsaveSize, writes | perhaps
		}
	}
	return 0, 0
}

// xsaveSize is what every xsave area has: the legacy part and the header.
const xsaveSize = 512 + 64

func (i *Insn) operandAE() (int, use) {
	switch i.reg {
	case 0:
		return 512, writes | perhaps // its end is left alone
	case 1:
		return 512, reads
	case 2:
		return 4, reads
	case 3:
		return 4, writes
	case 4:
		return xsaveSize, writes | perhaps
	case 5:
		return xsaveSize, reads
	case 6:
		if i.prefix == 0 {
			return xsaveSize, writes | perhaps
		}
	}
	return 0, 0 // a cache line is written back
}

func (i *Insn) moves() (int, use) {
	switch i.op {
	case 0x10:
		return i.float(), reads
	case 0x11:
		return i.float(), writes
	case 0x12:
		switch {
		case i.prefix == 2, i.prefix == 3 && i.vl > 16:
			return i.vl, reads
		}
		return 8, reads
	case 0x13, 0x17:
		return 8, writes
	case 0x16:
		if i.prefix == 2 {
			return i.vl, reads
		}
		return 8, reads
	}
	return i.vl, reads
}

func (i *Insn) converts() (int, use) {
	switch i.op {
	case 0x29, 0x2b:
		return i.vl, writes
	case 0x2a:
		if i.prefix < 2 {
			return 8, reads
		}
		return i.wide(), reads
	case 0x2c, 0x2d:
		return [...]int{8, 16, 4, 8}[i.prefix], reads
	case 0x2e, 0x2f:
		return 4 << (i.prefix & 1), reads
	}
	return i.vl, reads
}

// integers are the vectors of integers in 0F.
func (i *Insn) integers() (int, use) {
	op := i.op
	switch {
	case op <= 0x62 && i.packed() == 8:
		return 4, reads
	case op == 0x6e:
		return i.wide(), reads
	case op == 0x7e:
		if i.prefix == 2 {
			return 8, reads
		}
		return i.wide(), writes
	case op >= 0x78 && op <= 0x7b:
		return [...]int{i.vl, i.vl, 4, 8}[i.prefix], reads | perhaps
	case op == 0x7f, op == 0xe7:
		return i.packed(), writes
	case op == 0xd6:
		return 8, writes
	case op == 0xe6 && i.prefix == 2:
		return i.vl / 2, reads
	case op >= 0xd1 && op <= 0xd3, op == 0xe1, op == 0xe2, op >= 0xf1 && op <= 0xf3: // shifts by one count
		return min(i.packed(), 16), reads
	case op == 0xff && i.enc == legacy: // ud0
		return 0, 0
	}
	return i.packed(), reads
}

// operand2 is for 0F 38.
func (i *Insn) operand2() (int, use) {
	op := i.op
	switch {
	case i.Scatters():
		return 0, 0
	case op >= 0xf0:
		return i.operandF0()
	case i.enc == evex && i.prefix == 2 && (op&0xf0 >= 0x10 && op&0xf0 <= 0x30) && op&0xf <= 5: // smaller elements
		return i.vl / narrow(op), writes
	case op&^7 == 0x20 && op&7 <= 5, op&^7 == 0x30 && op&7 <= 5: // larger elements
		return i.vl / narrow(op), reads
	case op == 0x13:
		return i.vl / 2, reads
	}
	switch op {
	case 0x18, 0x58:
		return 4, reads
	case 0x19, 0x59:
		return 8, reads
	case 0x1a, 0x5a:
		return 16, reads
	case 0x1b, 0x5b:
		return 32, reads
	case 0x78:
		return 1, reads
	case 0x79:
		return 2, reads
	case 0x2c, 0x8c, 0x62, 0x88, 0x89:
		return i.vl, reads | perhaps
	case 0x2e, 0x2f, 0x8e, 0x63, 0x8a, 0x8b:
		return i.vl, writes | perhaps
	case 0x2d:
		if i.enc == vex {
			return i.vl, reads | perhaps
		}
		return i.wide(), reads
	case 0x43, 0x4d, 0x4f:
		if i.enc == evex {
			return i.wide(), reads
		}
	case 0x80, 0x81, 0x82: // invalidations
		return 0, 0
	}
	if hi := op & 0xf0; hi >= 0x90 && hi <= 0xb0 && op&0xf >= 9 && op&1 == 1 { // fused multiply and add
		return i.wide(), reads
	}
	return i.packed(), reads
}

// narrow is by how much the smaller elements are narrower.
func narrow(op uint8) int { return [...]int{2, 4, 8, 2, 4, 2}[op&7] }

func (i *Insn) operandF0() (int, use) {
	switch i.op {
	case 0xf0, 0xf1:
		switch {
		case i.prefix == 3 && i.op == 0xf0: // crc32
			return 1, reads
		case i.prefix == 3, i.op == 0xf0:
			return i.general(), reads
		}
		return i.general(), writes
	case 0xf6:
		if i.enc == legacy && i.prefix == 0 { // of shadow stacks
			return i.wide(), writes
		}
	case 0xf8:
		return 64, reads
	case 0xf9:
		return i.wide(), writes
	}
	return i.wide(), reads
}

// operand3 is for 0F 3A.
func (i *Insn) operand3() (int, use) {
	switch i.op {
	case 0x0a, 0x21:
		return 4, reads
	case 0x0b:
		return 8, reads
	case 0x14:
		return 1, writes
	case 0x15:
		return 2, writes
	case 0x16:
		return i.wide(), writes
	case 0x17:
		return 4, writes
	case 0x18, 0x38, 0x41, 0x60, 0x61, 0x62, 0x63:
		return 16, reads
	case 0x19, 0x39:
		return 16, writes
	case 0x1a, 0x3a:
		return 32, reads
	case 0x1b, 0x3b:
		return 32, writes
	case 0x1d:
		return i.vl / 2, writes
	case 0x20:
		return 1, reads
	case 0x22, 0x27, 0x51, 0x55, 0x57, 0x67, 0xf0:
		return i.wide(), reads
	}
	return i.packed(), reads
}
