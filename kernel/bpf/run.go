// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"encoding/binary"
	"math/rand/v2"

	"golang.org/x/sys/unix"
)

// Run runs the program over data and returns what it returns. A load from
// beyond the data ends it with 0, and so does a division by zero.
func (p *Program) Run(data []byte) uint32 {
	var a, x uint32
	var mem [memWords]uint32
	insns := p.insns
	for pc := 0; pc < len(insns); pc++ {
		in := &insns[pc]
		switch in.Code & classMask {
		case unix.BPF_RET:
			if in.Code == retA {
				return a
			}
			return in.K
		case unix.BPF_LD:
			if in.K >= ancillary && in.Code&modeMask == unix.BPF_ABS {
				v, ok := beside(in.K, a, x)
				if !ok {
					return a
				}
				a = v
				continue
			}
			v, ok := p.load(in, data, x, &mem)
			if !ok {
				return 0
			}
			a = v
		case unix.BPF_LDX:
			v, ok := p.loadX(in, data, &mem)
			if !ok {
				return 0
			}
			x = v
		case unix.BPF_ST:
			mem[in.K%memWords] = a
		case unix.BPF_STX:
			mem[in.K%memWords] = x
		case unix.BPF_ALU:
			v, ok := alu(in, a, x)
			if !ok {
				return 0
			}
			a = v
		case unix.BPF_JMP:
			pc += jump(in, a, x)
		case unix.BPF_MISC:
			if in.Code == tax {
				x = a
			} else {
				a = x
			}
		}
	}
	return 0 // not reached: the last instruction returns
}

func (p *Program) load(in *Insn, data []byte, x uint32, mem *[memWords]uint32) (uint32, bool) {
	off := uint64(in.K)
	switch in.Code & modeMask {
	case unix.BPF_IMM:
		return in.K, true
	case unix.BPF_MEM:
		return mem[in.K%memWords], true
	case unix.BPF_LEN:
		return uint32(len(data)), true
	case unix.BPF_IND:
		off = uint64(in.K + x)
	}
	return p.fetch(in.Code&sizeMask, data, off)
}

// beside is what comes with a packet that came by no device (SKF_AD_*): ok is false if the
// program ends there, as it does where it asks for the device.
func beside(k, a, x uint32) (v uint32, ok bool) {
	switch k - ancillary {
	case adIfindex, adHatype:
		return 0, false
	case adXorX:
		return a ^ x, true
	case adRandom:
		return rand.Uint32(), true
	}
	return 0, true // there is no protocol, mark, queue, hash, VLAN, ...
}

// fetch is a load of data.
func (p *Program) fetch(size uint16, data []byte, off uint64) (uint32, bool) {
	n := uint64(len(data))
	switch size {
	case unix.BPF_W:
		if off+4 > n {
			return 0, false
		}
		if p.host {
			return binary.LittleEndian.Uint32(data[off:]), true
		}
		return binary.BigEndian.Uint32(data[off:]), true
	case unix.BPF_H:
		if off+2 > n {
			return 0, false
		}
		return uint32(binary.BigEndian.Uint16(data[off:])), true
	}
	if off >= n {
		return 0, false
	}
	return uint32(data[off]), true
}

func (p *Program) loadX(in *Insn, data []byte, mem *[memWords]uint32) (uint32, bool) {
	switch in.Code & modeMask {
	case unix.BPF_IMM:
		return in.K, true
	case unix.BPF_MEM:
		return mem[in.K%memWords], true
	case unix.BPF_LEN:
		return uint32(len(data)), true
	}
	// BPF_MSH: the length of an IP header.
	v, ok := p.fetch(unix.BPF_B, data, uint64(in.K))
	return v & 0xf * 4, ok
}

// alu is the new accumulator; ok is false after a division by zero. Shifts go
// by the low five bits of what X has, as the processor does it.
func alu(in *Insn, a, x uint32) (v uint32, ok bool) {
	b := in.K
	if in.Code&srcX != 0 {
		b = x
	}
	switch in.Code & opMask {
	case unix.BPF_ADD:
		return a + b, true
	case unix.BPF_SUB:
		return a - b, true
	case unix.BPF_MUL:
		return a * b, true
	case unix.BPF_DIV:
		if b == 0 {
			return 0, false
		}
		return a / b, true
	case unix.BPF_MOD:
		if b == 0 {
			return 0, false
		}
		return a % b, true
	case unix.BPF_AND:
		return a & b, true
	case unix.BPF_OR:
		return a | b, true
	case unix.BPF_XOR:
		return a ^ b, true
	case unix.BPF_LSH:
		return a << (b & 31), true
	case unix.BPF_RSH:
		return a >> (b & 31), true
	}
	return -a, true
}

// jump is how many instructions to skip.
func jump(in *Insn, a, x uint32) int {
	b := in.K
	if in.Code&srcX != 0 {
		b = x
	}
	var yes bool
	switch in.Code & opMask {
	case unix.BPF_JA:
		return int(in.K)
	case unix.BPF_JEQ:
		yes = a == b
	case unix.BPF_JGT:
		yes = a > b
	case unix.BPF_JGE:
		yes = a >= b
	case unix.BPF_JSET:
		yes = a&b != 0
	}
	if yes {
		return int(in.Jt)
	}
	return int(in.Jf)
}
