// SPDX-License-Identifier: Apache-2.0

// This file decides which programs are taken (bpf_check_classic of
// net/core/filter.c, seccomp_check_filter of kernel/seccomp.c).

package bpf

import (
	"slices"

	"golang.org/x/sys/unix"
)

// Offsets from which on a load is of something beside the data (SKF_AD_OFF).
const ancillary = 0xfffff000

// What there is of that (enum SKF_AD_*), by the offset to it.
const (
	adIfindex = 8
	adHatype  = 28
	adXorX    = 40
	adRandom  = 56
	adMax     = 64
)

// DataSize is sizeof(struct seccomp_data), which seccomp's programs look at.
const DataSize = 64

// NewSeccomp checks a program for seccomp: it loads aligned words of struct
// seccomp_data, and can't divide with a remainder. EINVAL.
func NewSeccomp(insns []Insn) (*Program, error) {
	if err := check(insns); err != nil {
		return nil, err
	}
	p := &Program{insns: slices.Clone(insns), host: true}
	for i := range p.insns {
		in := &p.insns[i]
		if !forSeccomp(*in) {
			return nil, unix.EINVAL
		}
		if p.given == nil && (in.Code == ldLen || in.Code == ldxLen) {
			p.given = insns
		}
		// The length is no secret: with it as a constant, only loads look at the data.
		switch in.Code {
		case ldLen:
			*in = Insn{Code: ldImm, K: DataSize}
		case ldxLen:
			*in = Insn{Code: ldxImm, K: DataSize}
		}
	}
	return p, nil
}

// NewSocket checks a program for packets. EINVAL.
func NewSocket(insns []Insn) (*Program, error) {
	if err := check(insns); err != nil {
		return nil, err
	}
	return &Program{insns: slices.Clone(insns)}, nil
}

func check(insns []Insn) error {
	n := len(insns)
	if n == 0 || n > MaxInsns {
		return unix.EINVAL
	}
	for pc, in := range insns {
		if !known(in.Code) || !sound(in, n-pc-1) {
			return unix.EINVAL
		}
	}
	if last := insns[n-1].Code; last != retK && last != retA {
		return unix.EINVAL
	}
	if !writtenBeforeRead(insns) {
		return unix.EINVAL
	}
	return nil
}

// known tells whether there is such an instruction (chk_code_allowed).
func known(code uint16) bool {
	switch code & classMask {
	case unix.BPF_ALU:
		switch code &^ srcX {
		case unix.BPF_ALU | unix.BPF_ADD, unix.BPF_ALU | unix.BPF_SUB, unix.BPF_ALU | unix.BPF_MUL, unix.BPF_ALU | unix.BPF_DIV,
			unix.BPF_ALU | unix.BPF_MOD, unix.BPF_ALU | unix.BPF_AND, unix.BPF_ALU | unix.BPF_OR, unix.BPF_ALU | unix.BPF_XOR,
			unix.BPF_ALU | unix.BPF_LSH, unix.BPF_ALU | unix.BPF_RSH:
			return true
		}
		return code == neg
	case unix.BPF_JMP:
		switch code &^ srcX {
		case unix.BPF_JMP | unix.BPF_JEQ, unix.BPF_JMP | unix.BPF_JGE, unix.BPF_JMP | unix.BPF_JGT, unix.BPF_JMP | unix.BPF_JSET:
			return true
		}
		return code == ja
	}
	switch code {
	case ldWAbs, ldHAbs, ldBAbs, ldWInd, ldHInd, ldBInd, ldLen, ldImm, ldMem, ldxLen, ldxImm, ldxMem, ldxMSH,
		unix.BPF_ST, unix.BPF_STX, retK, retA, tax, txa:
		return true
	}
	return false
}

// sound checks the operands of an instruction that left others follow.
func sound(in Insn, left int) bool {
	switch in.Code {
	case unix.BPF_ALU | unix.BPF_DIV | unix.BPF_K, unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K:
		return in.K != 0
	case unix.BPF_ALU | unix.BPF_LSH | unix.BPF_K, unix.BPF_ALU | unix.BPF_RSH | unix.BPF_K:
		return in.K < 32
	case ldMem, ldxMem, unix.BPF_ST, unix.BPF_STX:
		return in.K < memWords
	case ja:
		return in.K < uint32(left)
	case ldWAbs, ldHAbs, ldBAbs:
		return in.K < ancillary || in.K < ancillary+adMax && in.K%4 == 0
	}
	if in.Code&classMask == unix.BPF_JMP {
		return int(in.Jt) < left && int(in.Jf) < left
	}
	return true
}

// writtenBeforeRead tells whether no path reads scratch memory that it has not
// written (check_load_and_stores).
func writtenBeforeRead(insns []Insn) bool {
	masks := make([]uint16, len(insns)) // what every path so far to an instruction has written
	for i := range masks {
		masks[i] = 0xffff
	}
	var valid uint16
	for pc, in := range insns {
		valid &= masks[pc]
		switch in.Code {
		case unix.BPF_ST, unix.BPF_STX:
			valid |= 1 << in.K
		case ldMem, ldxMem:
			if valid>>in.K&1 == 0 {
				return false
			}
		case ja:
			masks[pc+1+int(in.K)] &= valid
			valid = 0xffff
		default:
			if in.Code&classMask == unix.BPF_JMP {
				masks[pc+1+int(in.Jt)] &= valid
				masks[pc+1+int(in.Jf)] &= valid
				valid = 0xffff
			}
		}
	}
	return true
}

func forSeccomp(in Insn) bool {
	switch in.Code {
	case ldWAbs:
		return in.K < DataSize && in.K%4 == 0
	case ldHAbs, ldBAbs, ldWInd, ldHInd, ldBInd, ldxMSH,
		unix.BPF_ALU | unix.BPF_MOD | unix.BPF_K, aluModX:
		return false
	}
	return true
}

// Weight is how many instructions Linux makes of the program for its own
// machine (bpf_convert_filter): its limits on seccomp's filters count those.
func (p *Program) Weight() int {
	n := 3 // registers are set up
	for _, in := range p.insns {
		n += weight(in)
	}
	return n
}

func weight(in Insn) int {
	switch {
	case in.Code == retK:
		return 2
	case in.Code == aluDivX, in.Code == aluModX:
		return 5 // by zero returns 0
	case in.Code == ja, in.Code&classMask != unix.BPF_JMP:
		return 1
	}
	n := 1
	if in.Code&srcX == 0 && int32(in.K) < 0 {
		n++ // the constant is no signed word
	}
	switch {
	case in.Jf == 0:
	case in.Jt == 0 && in.Code&opMask != unix.BPF_JSET:
	default:
		n++
	}
	return n
}
