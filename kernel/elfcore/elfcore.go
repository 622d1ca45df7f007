// SPDX-License-Identifier: Apache-2.0

// Package elfcore is the form of a core file (core(5), elf(5)): the ELF header,
// the program headers and the notes that stand before a process's memory, as
// debuggers read them. It only lays them out.
package elfcore

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

var le = binary.LittleEndian

// Process is what a core file tells of the process as a whole (struct elf_prpsinfo).
type Process struct {
	Nice                 int8
	UID, GID             uint32
	Pid, Ppid, Pgrp, Sid int32
	Name, Args           string
	SigInfo              abi.SigInfo // of the signal that it died of
	Auxv                 []byte
	Files                []File
}

// Thread is one thread of it (struct elf_prstatus), with its registers.
type Thread struct {
	Tid, Ppid, Pgrp, Sid   int32
	Signo                  int32
	Pending, Blocked       uint64
	User, System           time.Duration
	ChildUser, ChildSystem time.Duration
	Regs                   platform.Regs
	FPRegs, XState         []byte // nil: none
}

// File is a mapping of a file (NT_FILE); Off is in bytes.
type File struct {
	Start, End, Off uint64
	Name            string
}

// Segment is a mapping, and how much of it the core file has, from its start.
type Segment struct {
	Start, End uint64
	Size       uint64
	Prot       uint32 // PROT_*
}

// Types of notes.
const (
	noteStatus  = 1
	noteFPRegs  = 2
	noteProcess = 3
	noteAuxv    = 6
	noteXState  = 0x202
	noteSigInfo = 0x53494749
	noteFile    = 0x46494c45
)

const (
	headerSize  = 64
	programSize = 56
	pageSize    = abi.PageSize
)

// Head is all that stands before the memory, padded to whole pages. The
// segments follow it, each from a page on. The first thread is the one that
// took the signal.
func Head(p *Process, threads []Thread, segments []Segment) []byte {
	n := notes(p, threads)
	at := uint64(headerSize + programSize*(1+len(segments)))
	data := pageUp(at + uint64(len(n)))
	b := make([]byte, 0, data)
	b = appendHeader(b, 1+len(segments))
	b = appendProgram(b, programHeader{kind: 4, off: at, filesz: uint64(len(n)), align: 4})
	off := data
	for _, s := range segments {
		b = appendProgram(b, programHeader{kind: 1, flags: segmentFlags(s.Prot), off: off, vaddr: s.Start, filesz: s.Size, memsz: s.End - s.Start, align: pageSize})
		off += s.Size
	}
	b = append(b, n...)
	return append(b, make([]byte, data-uint64(len(b)))...)
}

func pageUp(n uint64) uint64 { return (n + pageSize - 1) &^ (pageSize - 1) }

// appendHeader appends the ELF header of an ET_CORE file.
func appendHeader(b []byte, programs int) []byte {
	b = append(b, "\x7fELF\x02\x01\x01"...) // 64 bits, little-endian, version 1
	b = append(b, make([]byte, 9)...)
	b = le.AppendUint16(b, 4)  // ET_CORE
	b = le.AppendUint16(b, 62) // EM_X86_64
	b = le.AppendUint32(b, 1)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint64(b, headerSize)
	b = le.AppendUint64(b, 0)
	b = le.AppendUint32(b, 0)
	for _, v := range []int{headerSize, programSize, programs, 0, 0, 0} {
		b = le.AppendUint16(b, uint16(v)) // max_map_count keeps the number below PN_XNUM
	}
	return b
}

type programHeader struct {
	kind, flags                      uint32
	off, vaddr, filesz, memsz, align uint64
}

func appendProgram(b []byte, p programHeader) []byte {
	b = le.AppendUint32(b, p.kind)
	b = le.AppendUint32(b, p.flags)
	for _, v := range []uint64{p.off, p.vaddr, 0, p.filesz, p.memsz, p.align} {
		b = le.AppendUint64(b, v)
	}
	return b
}

// segmentFlags turns PROT_READ, WRITE and EXEC into PF_R, W and X.
func segmentFlags(prot uint32) uint32 { return prot&1<<2 | prot&2 | prot&4>>2 }

// notes are the contents of PT_NOTE: the first thread's status, what concerns
// the process, that thread's other registers, and the other threads.
func notes(p *Process, threads []Thread) []byte {
	var b []byte
	for i := range threads {
		t := &threads[i]
		b = appendNote(b, "CORE", noteStatus, t.status())
		if i == 0 {
			b = appendNote(b, "CORE", noteProcess, p.info())
			var info [abi.SigInfoSize]byte
			p.SigInfo.Marshal(info[:])
			b = appendNote(b, "CORE", noteSigInfo, info[:])
			b = appendNote(b, "CORE", noteAuxv, p.Auxv)
			if len(p.Files) > 0 {
				b = appendNote(b, "CORE", noteFile, files(p.Files))
			}
		}
		if t.FPRegs != nil {
			b = appendNote(b, "CORE", noteFPRegs, t.FPRegs)
		}
		if t.XState != nil {
			b = appendNote(b, "LINUX", noteXState, t.XState)
		}
	}
	return b
}

func appendNote(b []byte, name string, kind uint32, desc []byte) []byte {
	b = le.AppendUint32(b, uint32(len(name)+1))
	b = le.AppendUint32(b, uint32(len(desc)))
	b = le.AppendUint32(b, kind)
	b = append(append(b, name...), 0)
	b = append(pad4(b), desc...)
	return pad4(b)
}

func pad4(b []byte) []byte { return append(b, make([]byte, -len(b)&3)...) }

// status is struct elf_prstatus.
func (t *Thread) status() []byte {
	var b []byte
	for _, v := range []int32{t.Signo, 0, 0} {
		b = le.AppendUint32(b, uint32(v))
	}
	b = le.AppendUint32(b, uint32(uint16(t.Signo)))
	b = le.AppendUint64(b, t.Pending)
	b = le.AppendUint64(b, t.Blocked)
	for _, v := range []int32{t.Tid, t.Ppid, t.Pgrp, t.Sid} {
		b = le.AppendUint32(b, uint32(v))
	}
	for _, d := range []time.Duration{t.User, t.System, t.ChildUser, t.ChildSystem} {
		b = le.AppendUint64(b, uint64(d/time.Second))
		b = le.AppendUint64(b, uint64(d%time.Second/time.Microsecond))
	}
	b, _ = binary.Append(b, le, &t.Regs)
	valid := uint64(0)
	if t.FPRegs != nil {
		valid = 1
	}
	return le.AppendUint64(b, valid)
}

// info is struct elf_prpsinfo. The process runs: that is state 0, 'R'.
func (p *Process) info() []byte {
	b := []byte{0, 'R', 0, byte(p.Nice), 0, 0, 0, 0}
	b = le.AppendUint64(b, 0) // flags, which nobody outside of a kernel reads
	b = le.AppendUint32(b, p.UID)
	b = le.AppendUint32(b, p.GID)
	for _, v := range []int32{p.Pid, p.Ppid, p.Pgrp, p.Sid} {
		b = le.AppendUint32(b, uint32(v))
	}
	b = appendFixed(b, p.Name, 16)
	return appendFixed(b, p.Args, 80)
}

// appendFixed appends s in n bytes, the last of which is zero.
func appendFixed(b []byte, s string, n int) []byte {
	s = s[:min(len(s), n-1)]
	return append(append(b, s...), make([]byte, n-len(s))...)
}

// files is NT_FILE: ranges with the page in the file, and then the names.
func files(list []File) []byte {
	b := le.AppendUint64(nil, uint64(len(list)))
	b = le.AppendUint64(b, pageSize)
	for _, f := range list {
		for _, v := range []uint64{f.Start, f.End, f.Off / pageSize} {
			b = le.AppendUint64(b, v)
		}
	}
	for _, f := range list {
		b = append(append(b, f.Name...), 0)
	}
	return b[:min(len(b), math.MaxInt32)]
}
