// SPDX-License-Identifier: Apache-2.0

// Package insn tells of an instruction of 64-bit x86 code how long it is,
// whether it is a branch, and what memory it reads and writes: what watchpoints
// need to know. It looks at no memory itself, and leaves alone what instructions
// compute. The formats are those of Intel's manual, volume 2.
package insn

import "encoding/binary"

// MaxLen is the length of the longest instruction.
const MaxLen = 15

// encoding is how an instruction names its operands.
type encoding uint8

const (
	legacy encoding = iota
	vex
	evex
)

// Insn is one instruction.
type Insn struct {
	Len int

	enc     encoding
	table   uint8 // of opcodes: 0 has those of one byte, 1 is 0F, 2 is 0F 38, 3 is 0F 3A, 5 and 6 are EVEX's
	op      uint8
	prefix  uint8 // mandatory prefix: 0, 1 (66), 2 (F3), 3 (F2)
	size16  bool  // 66
	addr32  bool  // 67
	rep     bool  // F2 or F3
	segment uint8 // 0x64 or 0x65 if one is named that has a base
	w       bool
	rexR    uint8 // 8: the upper half of the registers
	rexX    uint8
	rexB    uint8
	vl      int // bytes of a vector register

	broadcast, masked bool // EVEX

	modRM         bool
	mod, reg, rm  uint8
	sib           bool
	scale         uint8
	index, base   uint8 // with their upper bits
	disp          int64
	disp8, ripRel bool
	absolute      bool // no base
	imm           uint64
}

// reader takes bytes off code; short is sticky.
type reader struct {
	code  []byte
	at    int
	short bool
}

func (r *reader) byte() byte {
	if r.at >= len(r.code) || r.at >= MaxLen {
		r.short = true
		return 0
	}
	r.at++
	return r.code[r.at-1]
}

func (r *reader) peek() byte {
	if r.at >= len(r.code) {
		return 0
	}
	return r.code[r.at]
}

// number is a little-endian number of n bytes.
func (r *reader) number(n int) uint64 {
	var b [8]byte
	for i := range n {
		b[i] = r.byte()
	}
	return binary.LittleEndian.Uint64(b[:])
}

// Decode looks at the first instruction of code. It returns false for what it
// doesn't know, and for code that ends too early.
func Decode(code []byte) (Insn, bool) {
	r := reader{code: code}
	i := Insn{vl: 16}
	if !i.opcode(&r) {
		return Insn{}, false
	}
	if i.modRM = i.hasModRM(); i.modRM {
		i.operands(&r)
	}
	i.imm = r.number(i.immSize())
	i.Len = r.at
	if i.enc == evex && i.disp8 {
		i.disp *= int64(max(1, i.unit()))
	}
	return i, !r.short
}

// opcode reads what stands before the operands.
func (i *Insn) opcode(r *reader) bool {
	rex := uint8(0)
	for {
		b := r.byte()
		switch {
		case b == 0x66:
			i.size16 = true
			i.prefix = max(i.prefix, 1)
		case b == 0x67:
			i.addr32 = true
		case b == 0xf2 || b == 0xf3:
			i.rep = true
			i.prefix = 3 - b&1 // the last one counts, and 66 doesn't beside it
		case b == 0x64 || b == 0x65:
			i.segment = b
		case b == 0x2e || b == 0x36 || b == 0x3e || b == 0x26 || b == 0xf0:
		case b&0xf0 == 0x40:
			if rex = b; r.peek()&0xf0 == 0x40 {
				continue // the last one counts
			}
			if isPrefix(r.peek()) {
				rex = 0 // and only next to the opcode
			}
		default:
			i.w, i.rexR, i.rexX, i.rexB = rex&8 != 0, rex&4<<1, rex&2<<2, rex&1<<3
			return i.opcodeAfter(b, r)
		}
		if r.short {
			return false
		}
	}
}

func isPrefix(b byte) bool {
	switch b {
	case 0x66, 0x67, 0xf2, 0xf3, 0x64, 0x65, 0x2e, 0x36, 0x3e, 0x26, 0xf0:
		return true
	}
	return false
}

// opcodeAfter goes on behind the prefixes, with the byte b.
func (i *Insn) opcodeAfter(b byte, r *reader) bool {
	switch b {
	case 0x0f:
		i.table, i.op = 1, r.byte()
		switch i.op {
		case 0x38:
			i.table, i.op = 2, r.byte()
		case 0x3a:
			i.table, i.op = 3, r.byte()
		}
	case 0xc5:
		p := r.byte()
		i.enc, i.table = vex, 1
		i.rexR = ^p & 0x80 >> 4
		i.vector(p)
		i.op = r.byte()
	case 0xc4:
		p, q := r.byte(), r.byte()
		i.enc, i.table = vex, p&0x1f
		i.rexR, i.rexX, i.rexB, i.w = ^p&0x80>>4, ^p&0x40>>3, ^p&0x20>>2, q&0x80 != 0
		i.vector(q)
		i.op = r.byte()
		return i.table >= 1 && i.table <= 3
	case 0x62:
		return i.opcodeEVEX(r)
	case 0xd5: // REX2 of APX
		return false
	default:
		i.op = b
	}
	return true
}

// vector takes the length of vectors and the mandatory prefix of VEX.
func (i *Insn) vector(p byte) {
	i.prefix = p & 3
	if p&4 != 0 {
		i.vl = 32
	}
}

func (i *Insn) opcodeEVEX(r *reader) bool {
	p, q, s := r.byte(), r.byte(), r.byte()
	i.enc, i.table = evex, p&7
	i.rexR, i.rexX, i.rexB, i.w = ^p&0x80>>4, ^p&0x40>>3, ^p&0x20>>2, q&0x80 != 0
	i.prefix = q & 3
	i.vl = 16 << min(s>>5&3, 2)
	i.broadcast, i.masked = s&0x10 != 0, s&7 != 0
	i.op = r.byte()
	return i.table != 0 && i.table != 4 && i.table != 7 && q&4 != 0
}

// operands reads the ModRM byte and what it asks for.
func (i *Insn) operands(r *reader) {
	b := r.byte()
	i.mod, i.reg, i.rm = b>>6, b>>3&7, b&7
	if i.mod == 3 {
		return
	}
	i.base = i.rm | i.rexB
	if i.rm == 4 {
		s := r.byte()
		i.sib, i.scale = true, s>>6
		i.index, i.base = s>>3&7|i.rexX, s&7|i.rexB
	}
	switch {
	case i.mod == 0 && i.base&7 == 5:
		i.absolute, i.ripRel = true, !i.sib
		i.disp = int64(int32(r.number(4)))
	case i.mod == 1:
		i.disp8 = true
		i.disp = int64(int8(r.byte()))
	case i.mod == 2:
		i.disp = int64(int32(r.number(4)))
	}
}

func (i *Insn) hasModRM() bool {
	op := i.op
	switch i.table {
	case 0:
		switch {
		case op < 0x40:
			return op&7 < 4
		case op == 0x63, op == 0x69, op == 0x6b, op&0xf0 == 0x80, op&^1 == 0xc0, op&^1 == 0xc6, op&^3 == 0xd0, op&^7 == 0xd8,
			op&^1 == 0xf6, op&^1 == 0xfe:
			return true
		}
		return false
	case 1:
		switch {
		case op >= 0x05 && op <= 0x09, op == 0x0b, op == 0x0e, op&^7 == 0x30, op == 0x77, op&0xf0 == 0x80 && i.enc == legacy,
			op >= 0xa0 && op <= 0xa2, op >= 0xa8 && op <= 0xaa, op&^7 == 0xc8:
			return false
		}
	}
	return true
}

// immSize is how many bytes of the instruction are behind its operands.
func (i *Insn) immSize() int {
	op := i.op
	switch i.table {
	case 0:
		return i.immSize0()
	case 1:
		switch {
		case op&0xf0 == 0x80 && i.enc == legacy:
			return 4
		case op&^3 == 0x70, op == 0xa4, op == 0xac, op == 0xba, op == 0xc2, op >= 0xc4 && op <= 0xc6, op == 0x0f:
			return 1
		}
	case 3:
		return 1
	}
	return 0
}

func (i *Insn) immSize0() int {
	op := i.op
	full := 4
	if i.size16 && !i.w {
		full = 2
	}
	switch {
	case op < 0x40:
		return []int{0, 0, 0, 0, 1, full, 0, 0}[op&7]
	case op == 0x68, op == 0x69, op == 0x81, op == 0xa9, op == 0xc7:
		return full
	case op == 0xe8, op == 0xe9:
		return 4 // whatever the size of operands, on Intel's processors
	case op == 0x6a, op == 0x6b, op&0xf0 == 0x70, op == 0x80, op == 0x83, op == 0xa8, op&^7 == 0xb0, op&^1 == 0xc0, op == 0xc6, op == 0xcd,
		op&^7 == 0xe0, op == 0xeb:
		return 1
	case op&^7 == 0xb8:
		if i.w {
			return 8
		}
		return full
	case op&^3 == 0xa0:
		if i.addr32 {
			return 4
		}
		return 8
	case op == 0xc2, op == 0xca:
		return 2
	case op == 0xc8:
		return 3
	case op == 0xf6 && i.reg < 2:
		return 1
	case op == 0xf7 && i.reg < 2:
		return full
	}
	return 0
}

// Branch tells whether the instruction may go on elsewhere than behind itself:
// jumps, calls and returns.
func (i *Insn) Branch() bool {
	op := i.op
	switch i.table {
	case 0:
		switch {
		case op&0xf0 == 0x70, op&^3 == 0xe0, op == 0xe8, op == 0xe9, op == 0xeb, op&^1 == 0xc2, op&^1 == 0xca, op == 0xcf,
			op == 0xff && i.reg >= 2 && i.reg <= 5:
			return true
		}
	case 1:
		return op&0xf0 == 0x80 && i.enc == legacy
	}
	return false
}

// Conditional tells whether a branch may also not be taken.
func (i *Insn) Conditional() bool {
	return i.table == 0 && (i.op&0xf0 == 0x70 || i.op&^3 == 0xe0) || i.table == 1 && i.op&0xf0 == 0x80
}

// PushesFlags is pushf, PopsFlags popf: they show and set the trap flag.
func (i *Insn) PushesFlags() bool { return i.table == 0 && i.op == 0x9c }

// PopsFlags: see PushesFlags.
func (i *Insn) PopsFlags() bool { return i.table == 0 && i.op == 0x9d }

// Scatters tells whether the instruction's addresses are in vector registers: then
// Accesses doesn't know them.
func (i *Insn) Scatters() bool {
	return i.table == 2 && i.enc != legacy && (i.op&^3 == 0x90 || i.enc == evex && i.op&^3 == 0xa0 || i.enc == evex && i.op&^1 == 0xc6)
}

// Repeats tells whether the instruction is a string operation that goes on where
// it was interrupted.
func (i *Insn) Repeats() bool { return i.rep && i.isString() }

func (i *Insn) isString() bool {
	return i.table == 0 && (i.op >= 0xa4 && i.op <= 0xa7 || i.op >= 0xaa && i.op <= 0xaf || i.op&^3 == 0x6c)
}
