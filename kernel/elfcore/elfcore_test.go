// SPDX-License-Identifier: Apache-2.0

package elfcore

import (
	"bytes"
	"debug/elf"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"gotest.tools/v3/assert"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

func sample() []byte {
	p := &Process{
		Nice: -1, UID: 1000, GID: 100, Pid: 7, Ppid: 6, Pgrp: 5, Sid: 4, Name: "sixteen-letters-and-more", Args: "prog a b",
		SigInfo: abi.SigInfo{Signo: 11, Code: 1}, Auxv: make([]byte, 32),
		Files: []File{{Start: 0x400000, End: 0x402000, Off: 0x1000, Name: "/bin/prog"}},
	}
	threads := []Thread{
		{Tid: 7, Signo: 11, Blocked: 0x10, User: 1500 * time.Millisecond, Regs: platform.Regs{Rip: 0x400123}, FPRegs: make([]byte, 512), XState: make([]byte, 832)},
		{Tid: 8, Signo: 11, Regs: platform.Regs{Rip: 0x400456}},
	}
	return Head(p, threads, []Segment{
		{Start: 0x400000, End: 0x402000, Size: 0x1000, Prot: 5},
		{Start: 0x7f0000, End: 0x7f3000, Size: 0x3000, Prot: 3},
		{Start: 0x800000, End: 0x801000, Prot: 0},
	})
}

// The standard library's reader must find what was laid out.
func TestHeadIsAnELFCoreFile(t *testing.T) {
	head := sample()
	assert.Equal(t, len(head)%abi.PageSize, 0)
	f, err := elf.NewFile(bytes.NewReader(head))
	assert.NilError(t, err)
	assert.Equal(t, f.Type, elf.ET_CORE)
	assert.Equal(t, f.Machine, elf.EM_X86_64)
	var got []elf.ProgHeader
	for _, p := range f.Progs[1:] {
		got = append(got, p.ProgHeader)
	}
	data := uint64(len(head))
	want := []elf.ProgHeader{
		{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_X, Off: data, Vaddr: 0x400000, Filesz: 0x1000, Memsz: 0x2000, Align: 4096},
		{Type: elf.PT_LOAD, Flags: elf.PF_R | elf.PF_W, Off: data + 0x1000, Vaddr: 0x7f0000, Filesz: 0x3000, Memsz: 0x3000, Align: 4096},
		{Type: elf.PT_LOAD, Off: data + 0x4000, Vaddr: 0x800000, Memsz: 0x1000, Align: 4096},
	}
	assert.DeepEqual(t, got, want)
}

type note struct {
	Name string
	Kind uint32
	Size int
}

func TestNotesComeInLinuxOrder(t *testing.T) {
	f, err := elf.NewFile(bytes.NewReader(sample()))
	assert.NilError(t, err)
	b := make([]byte, f.Progs[0].Filesz)
	_, err = f.Progs[0].ReadAt(b, 0)
	assert.NilError(t, err)
	var got []note
	var descs [][]byte
	for len(b) > 0 {
		n, d, kind := int(le.Uint32(b)), int(le.Uint32(b[4:])), le.Uint32(b[8:])
		got = append(got, note{string(b[12 : 12+n-1]), kind, d})
		at := 12 + (n+3)&^3
		descs = append(descs, b[at:at+d])
		b = b[at+(d+3)&^3:]
	}
	want := []note{
		{"CORE", noteStatus, 336}, {"CORE", noteProcess, 136}, {"CORE", noteSigInfo, 128}, {"CORE", noteAuxv, 32},
		{"CORE", noteFile, 16 + 24 + 10}, {"CORE", noteFPRegs, 512}, {"LINUX", noteXState, 832}, {"CORE", noteStatus, 336},
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Fatal(d)
	}
	first, second := descs[0], descs[7]
	assert.Equal(t, le.Uint16(first[12:]), uint16(11))             // pr_cursig
	assert.Equal(t, le.Uint32(first[32:]), uint32(7))              // pr_pid
	assert.Equal(t, le.Uint64(first[48:]), uint64(1))              // pr_utime
	assert.Equal(t, le.Uint64(first[56:]), uint64(500000))         //
	assert.Equal(t, le.Uint64(first[112+16*8:]), uint64(0x400123)) // rip
	assert.Equal(t, le.Uint32(first[328:]), uint32(1))             // pr_fpvalid
	assert.Equal(t, le.Uint32(second[32:]), uint32(8))
	assert.Equal(t, le.Uint32(second[328:]), uint32(0))
	assert.Equal(t, string(bytes.TrimRight(descs[1][40:56], "\x00")), "sixteen-letters")
	assert.Equal(t, string(bytes.TrimRight(descs[1][56:], "\x00")), "prog a b")
}
