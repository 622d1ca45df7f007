// SPDX-License-Identifier: Apache-2.0

// Package bpf runs classic BPF programs: the filters of seccomp(2) and of
// SO_ATTACH_FILTER (Documentation/networking/filter.rst). A program is checked
// once, as Linux checks it, and then runs without further checks of its own:
// its jumps go forwards and stay inside, its scratch memory is written before
// it is read, and its last instruction returns.
package bpf

import "golang.org/x/sys/unix"

// Insn is struct sock_filter.
type Insn struct {
	Code   uint16
	Jt, Jf uint8
	K      uint32
}

// MaxInsns is BPF_MAXINSNS: the longest program.
const MaxInsns = 4096

// InsnSize is the size of struct sock_filter, in bytes.
const InsnSize = 8

// memWords is BPF_MEMWORDS: the scratch memory.
const memWords = 16

// Fields of Insn.Code that x/sys/unix names, by how they are taken apart here.
const (
	classMask = 0x07
	sizeMask  = 0x18
	modeMask  = 0xe0
	opMask    = 0xf0
	srcX      = unix.BPF_X
	miscTXA   = unix.BPF_TXA
)

// Codes that programs may have, besides arithmetic and conditional jumps.
const (
	ldWAbs  = unix.BPF_LD | unix.BPF_W | unix.BPF_ABS
	ldHAbs  = unix.BPF_LD | unix.BPF_H | unix.BPF_ABS
	ldBAbs  = unix.BPF_LD | unix.BPF_B | unix.BPF_ABS
	ldWInd  = unix.BPF_LD | unix.BPF_W | unix.BPF_IND
	ldHInd  = unix.BPF_LD | unix.BPF_H | unix.BPF_IND
	ldBInd  = unix.BPF_LD | unix.BPF_B | unix.BPF_IND
	ldLen   = unix.BPF_LD | unix.BPF_W | unix.BPF_LEN
	ldImm   = unix.BPF_LD | unix.BPF_IMM
	ldMem   = unix.BPF_LD | unix.BPF_MEM
	ldxLen  = unix.BPF_LDX | unix.BPF_W | unix.BPF_LEN
	ldxImm  = unix.BPF_LDX | unix.BPF_IMM
	ldxMem  = unix.BPF_LDX | unix.BPF_MEM
	ldxMSH  = unix.BPF_LDX | unix.BPF_B | unix.BPF_MSH
	retK    = unix.BPF_RET | unix.BPF_K
	retA    = unix.BPF_RET | unix.BPF_A
	tax     = unix.BPF_MISC | unix.BPF_TAX
	txa     = unix.BPF_MISC | miscTXA
	ja      = unix.BPF_JMP | unix.BPF_JA
	neg     = unix.BPF_ALU | unix.BPF_NEG
	aluDivX = unix.BPF_ALU | unix.BPF_DIV | srcX
	aluModX = unix.BPF_ALU | unix.BPF_MOD | srcX
)

// Program is a checked program. It is not changed any more, and any number of
// goroutines may run it at once.
type Program struct {
	insns []Insn
	given []Insn // as it was given, if that is not insns
	host  bool   // words are in the host's order, not the network's
}

// Len is the number of instructions.
func (p *Program) Len() int { return len(p.insns) }

// Given is the program as it came: a debugger is shown it so.
func (p *Program) Given() []Insn {
	if p.given != nil {
		return p.given
	}
	return p.insns
}

// Insns are the instructions; not to be changed.
func (p *Program) Insns() []Insn { return p.insns }
