// SPDX-License-Identifier: Apache-2.0

package bpf

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func stmt(code uint16, k uint32) Insn { return Insn{Code: code, K: k} }

func branch(cond uint16, k uint32, jt, jf uint8) Insn {
	return Insn{Code: unix.BPF_JMP | cond, K: k, Jt: jt, Jf: jf}
}

var (
	retOne  = stmt(retK, 1)
	retAcc  = stmt(retA, 0)
	loadAcc = func(k uint32) Insn { return stmt(ldImm, k) }
	loadX   = func(k uint32) Insn { return stmt(ldxImm, k) }
)

func alu2(op uint16, k uint32) Insn { return stmt(unix.BPF_ALU|op, k) }

func TestRefusedPrograms(t *testing.T) {
	for _, c := range []struct {
		name string
		prog []Insn
	}{
		{"empty", nil},
		{"too long", make([]Insn, MaxInsns+1)},
		{"no return", []Insn{loadAcc(1)}},
		{"unknown code", []Insn{stmt(0xffff, 0), retOne}},
		{"return of x", []Insn{stmt(unix.BPF_RET|unix.BPF_X, 0)}},
		{"jump to the end", []Insn{stmt(ja, 1), retOne}},
		{"jump around", []Insn{stmt(ja, 0xffffffff), retOne}},
		{"branch to the end", []Insn{branch(unix.BPF_JEQ, 0, 1, 0), retOne}},
		{"other branch to the end", []Insn{branch(unix.BPF_JEQ, 0, 0, 1), retOne}},
		{"division by zero", []Insn{alu2(unix.BPF_DIV, 0), retOne}},
		{"remainder by zero", []Insn{alu2(unix.BPF_MOD, 0), retOne}},
		{"wide shift", []Insn{alu2(unix.BPF_RSH, 32), retOne}},
		{"memory beyond", []Insn{stmt(unix.BPF_ST, memWords), retOne}},
		{"memory not written", []Insn{stmt(ldMem, 0), retOne}},
		{"memory written on one path", []Insn{branch(unix.BPF_JEQ, 0, 0, 1), stmt(unix.BPF_ST, 2), stmt(ldMem, 2), retOne}},
		{"memory written behind a jump", []Insn{stmt(ja, 1), stmt(unix.BPF_ST, 2), stmt(ldMem, 2), retOne}},
		{"ancillary data that there is not", []Insn{stmt(ldWAbs, ancillary+adMax), retOne}},
		{"ancillary data, not aligned", []Insn{stmt(ldBAbs, ancillary+1), retOne}},
	} {
		t.Run(c.name, func(t *testing.T) {
			_, err := NewSocket(c.prog)
			assert.Equal(t, err, unix.EINVAL)
		})
	}
}

func TestSeccompRefusesMore(t *testing.T) {
	for _, in := range []Insn{
		stmt(ldWAbs, 2), stmt(ldWAbs, DataSize), stmt(ldHAbs, 0), stmt(ldBAbs, 0), stmt(ldWInd, 0), stmt(ldxMSH, 0),
		alu2(unix.BPF_MOD, 3), stmt(aluModX, 0),
	} {
		_, err := NewSocket([]Insn{in, retOne})
		assert.NilError(t, err, "%#x", in.Code)
		_, err = NewSeccomp([]Insn{in, retOne})
		assert.Equal(t, err, unix.EINVAL, "%#x", in.Code)
	}
}

func TestArithmetic(t *testing.T) {
	for _, c := range []struct {
		name string
		prog []Insn
		want uint32
	}{
		{"add wraps", []Insn{loadAcc(^uint32(0)), alu2(unix.BPF_ADD, 2)}, 1},
		{"sub", []Insn{loadAcc(1), alu2(unix.BPF_SUB, 2)}, ^uint32(0)},
		{"mul x", []Insn{loadAcc(6), loadX(7), alu2(unix.BPF_MUL|srcX, 0)}, 42},
		{"div is unsigned", []Insn{loadAcc(1 << 31), alu2(unix.BPF_DIV, 2)}, 1 << 30},
		{"div by x of 0", []Insn{loadAcc(6), loadX(0), stmt(aluDivX, 0)}, 0},
		{"mod", []Insn{loadAcc(17), alu2(unix.BPF_MOD, 5)}, 2},
		{"and or xor", []Insn{loadAcc(0xff), alu2(unix.BPF_AND, 0x3c), alu2(unix.BPF_OR, 1), alu2(unix.BPF_XOR, 0x10)}, 0x2d},
		{"shift by x counts five bits", []Insn{loadAcc(1), loadX(33), alu2(unix.BPF_LSH|srcX, 0)}, 2},
		{"neg", []Insn{loadAcc(1), stmt(neg, 0)}, ^uint32(0)},
		{"tax and txa", []Insn{loadAcc(3), stmt(tax, 0), loadAcc(0), stmt(txa, 0)}, 3},
		{"memory", []Insn{loadAcc(3), stmt(unix.BPF_ST, 15), loadAcc(0), stmt(ldxMem, 15), stmt(unix.BPF_STX, 0), stmt(ldMem, 0)}, 3},
		{"jgt", []Insn{loadAcc(^uint32(0)), branch(unix.BPF_JGT, 1, 0, 1), loadAcc(5)}, 5},
		{"jge x", []Insn{loadAcc(4), loadX(4), branch(unix.BPF_JGE|srcX, 0, 0, 1), loadAcc(5)}, 5},
		{"jset", []Insn{loadAcc(6), branch(unix.BPF_JSET, 1, 0, 1), loadAcc(5)}, 6},
		{"ja", []Insn{stmt(ja, 1), loadAcc(9), alu2(unix.BPF_ADD, 1)}, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := NewSocket(append(c.prog, retAcc))
			assert.NilError(t, err)
			assert.Equal(t, p.Run(nil), c.want)
		})
	}
}

func TestLoads(t *testing.T) {
	data := []byte{0x45, 0x01, 0x02, 0x03, 0x04}
	for _, c := range []struct {
		name string
		prog []Insn
		want uint32
	}{
		{"word", []Insn{stmt(ldWAbs, 1)}, 0x01020304},
		{"half", []Insn{stmt(ldHAbs, 3)}, 0x0304},
		{"byte", []Insn{stmt(ldBAbs, 4)}, 4},
		{"indirect", []Insn{loadX(2), stmt(ldBInd, 1)}, 3},
		{"header length", []Insn{stmt(ldxMSH, 0), stmt(txa, 0)}, 20},
		{"length", []Insn{stmt(ldLen, 0)}, 5},
		{"length in x", []Insn{stmt(ldxLen, 0), stmt(txa, 0)}, 5},
		{"beyond the end", []Insn{loadAcc(7), stmt(ldWAbs, 2)}, 0},
		{"far beyond", []Insn{loadX(0xffffffff), loadAcc(7), stmt(ldBInd, 0)}, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			p, err := NewSocket(append(c.prog, retAcc))
			assert.NilError(t, err)
			assert.Equal(t, p.Run(data), c.want)
		})
	}
	p, err := NewSeccomp([]Insn{stmt(ldWAbs, 4), retAcc})
	assert.NilError(t, err)
	words := make([]byte, DataSize)
	binary.LittleEndian.PutUint32(words[4:], 0xc000003e)
	assert.Equal(t, p.Run(words), uint32(0xc000003e))
}

func TestRunAllocatesNothing(t *testing.T) {
	p, err := NewSeccomp([]Insn{stmt(ldWAbs, 0), branch(unix.BPF_JEQ, 39, 0, 1), retOne, stmt(retK, 2)})
	assert.NilError(t, err)
	data := make([]byte, DataSize)
	assert.Equal(t, testing.AllocsPerRun(100, func() { p.Run(data) }), 0.0)
}

// FuzzProgram: whatever the checker takes ends, without leaving its memory.
func FuzzProgram(f *testing.F) {
	f.Add([]byte{0x06, 0, 0, 0, 1, 0, 0, 0}, []byte{})
	f.Add([]byte{0x20, 0, 0, 0, 4, 0, 0, 0, 0x15, 0, 0, 1, 3, 0, 0, 0, 0x16, 0, 0, 0, 0, 0, 0, 0, 0x06, 0, 0, 0, 1, 0, 0, 0}, make([]byte, DataSize))
	f.Fuzz(func(t *testing.T, code, data []byte) {
		insns := make([]Insn, len(code)/InsnSize)
		if _, err := binary.Decode(code, binary.LittleEndian, insns); err != nil {
			return // not whole instructions
		}
		if p, err := NewSocket(insns); err == nil {
			p.Run(data)
		}
		if p, err := NewSeccomp(insns); err == nil {
			if p.Weight() < len(insns) {
				t.Errorf("weight %d of %d instructions", p.Weight(), len(insns))
			}
			words := make([]byte, DataSize)
			copy(words, data)
			p.Run(words)
		}
	})
}
