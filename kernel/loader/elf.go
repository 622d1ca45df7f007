// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"encoding/binary"
	"math"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/mm"
)

// elf(5), as far as exec looks at it.
const (
	elfMagic = "\x7fELF"
	etExec   = 2
	etDyn    = 3
	emX8664  = 62
	ehdrSize = 64
	phdrSize = 56
	maxPhdrs = 65536 // bytes of program headers
	ptLoad   = 1
	ptInterp = 3
	ptPhdr   = 6
	ptStack  = 0x6474e551 // PT_GNU_STACK
	pfX      = 1
	pfW      = 2
	pfR      = 4
	headSize = 4096 // read at once: header, program headers and interpreter of most files
	pathMax  = 4096
)

// segment is a program header.
type segment struct {
	kind, flags               uint32
	off, vaddr, fileSz, memSz uint64
	align                     uint64
}

func (s *segment) prot() (p uint32) {
	if s.flags&pfR != 0 {
		p |= unix.PROT_READ
	}
	if s.flags&pfW != 0 {
		p |= unix.PROT_WRITE
	}
	if s.flags&pfX != 0 {
		p |= unix.PROT_EXEC
	}
	return p
}

// program is a parsed ELF file. Every number in it is the file's own, and to
// be checked where it is used.
type program struct {
	kind     uint16 // etExec, etDyn
	entry    uint64
	phoff    uint64
	segments []segment
	loads    []segment // PT_LOAD, in the file's order
	interp   string
	execable bool // the stack may be run (PT_GNU_STACK says so)
}

// reader reads a file from an offset; fewer bytes only at its end.
type reader func(p []byte, off uint64) (int, error)

// parse reads what exec needs of the ELF file whose first bytes are head.
// ENOEXEC for what is no program for this machine.
func parse(head []byte, read reader) (*program, error) {
	if len(head) < ehdrSize || string(head[:4]) != elfMagic {
		return nil, unix.ENOEXEC
	}
	le := binary.LittleEndian
	p := &program{kind: le.Uint16(head[16:]), entry: le.Uint64(head[24:]), phoff: le.Uint64(head[32:])}
	size := phdrSize * int(le.Uint16(head[56:]))
	switch {
	case p.kind != etExec && p.kind != etDyn, le.Uint16(head[18:]) != emX8664,
		le.Uint16(head[54:]) != phdrSize, size == 0 || size > maxPhdrs:
		return nil, unix.ENOEXEC
	}
	raw, err := readExact(head, read, p.phoff, size)
	if err != nil {
		return nil, unix.ENOEXEC
	}
	p.segments = make([]segment, 0, size/phdrSize)
	for ; len(raw) > 0; raw = raw[phdrSize:] {
		p.add(segment{kind: le.Uint32(raw), flags: le.Uint32(raw[4:]), off: le.Uint64(raw[8:]),
			vaddr: le.Uint64(raw[16:]), fileSz: le.Uint64(raw[32:]), memSz: le.Uint64(raw[40:]),
			align: le.Uint64(raw[48:])})
	}
	return p, p.readInterp(head, read)
}

func (p *program) add(s segment) {
	p.segments = append(p.segments, s)
	switch s.kind {
	case ptLoad:
		p.loads = append(p.loads, s)
	case ptStack:
		p.execable = s.flags&pfX != 0
	}
}

// readInterp finds the interpreter: the first PT_INTERP counts.
func (p *program) readInterp(head []byte, read reader) error {
	for i := range p.segments {
		s := &p.segments[i]
		if s.kind != ptInterp {
			continue
		}
		if s.fileSz > pathMax || s.fileSz < 2 {
			return unix.ENOEXEC
		}
		b, err := readExact(head, read, s.off, int(s.fileSz))
		if err != nil {
			return err
		}
		if b[len(b)-1] != 0 {
			return unix.ENOEXEC
		}
		p.interp = cstring(b)
		return nil
	}
	return nil
}

// readExact reads size bytes at off, from head if they are there: EIO if the
// file ends before.
func readExact(head []byte, read reader, off uint64, size int) ([]byte, error) {
	if off <= uint64(len(head)) && uint64(size) <= uint64(len(head))-off {
		return head[off : off+uint64(size)], nil
	}
	if off > math.MaxInt64-uint64(size) {
		return nil, unix.EINVAL
	}
	b := make([]byte, size)
	n, err := read(b, off)
	if err == nil && n < size {
		err = unix.EIO
	}
	return b, err
}

func cstring(b []byte) string {
	for i, c := range b {
		if c == 0 {
			return string(b[:i])
		}
	}
	return string(b)
}

// span is what the image takes: the page where it starts and its length.
func (p *program) span() (start, length uint64) {
	low, high := uint64(math.MaxUint64), uint64(0)
	for i := range p.loads {
		low = min(low, pageDown(p.loads[i].vaddr))
		high = max(high, p.loads[i].vaddr+p.loads[i].memSz)
	}
	if high <= low {
		return 0, 0
	}
	return low, high - low
}

// align is the largest alignment that a segment asks for (a power of two).
func (p *program) align() uint64 {
	a := uint64(0)
	for i := range p.loads {
		if s := p.loads[i].align; s&(s-1) == 0 {
			a = max(a, s)
		}
	}
	return max(a, abi.PageSize)
}

// mapping is one step of loading an image: pages of the file, or of zeros.
type mapping struct {
	start, end uint64
	off        uint64
	prot       uint32
	anonymous  bool
}

// image is where a program goes: its mappings in order, and the bytes behind
// the file's data on the last page of a segment, to be cleared.
type image struct {
	maps                                  []mapping
	clear                                 []mapping
	startCode, endCode, startData, endBSS uint64
	endData                               uint64
}

// lay plans the image with bias added to each address. EINVAL for segments
// that no Linux would map.
func (p *program) lay(bias uint64) (*image, error) {
	im := &image{startCode: math.MaxUint64}
	for i := range p.loads {
		s := &p.loads[i]
		addr := bias + s.vaddr
		switch {
		case s.fileSz > s.memSz, s.memSz > mm.TaskSize, addr >= mm.TaskSize, mm.TaskSize-s.memSz < addr:
			return nil, unix.EINVAL
		case s.fileSz > 0 && (s.off%abi.PageSize != s.vaddr%abi.PageSize || s.off > math.MaxInt64-s.fileSz-abi.PageSize):
			return nil, unix.EINVAL
		}
		im.add(s, addr)
		im.bounds(s, addr)
	}
	return im, nil
}

// add is elf_load.
func (im *image) add(s *segment, addr uint64) {
	start := pageDown(addr)
	zero, end := start, pageUp(addr+s.memSz)
	if s.fileSz > 0 {
		zero = addr + s.fileSz
		im.maps = append(im.maps, mapping{start: start, end: pageUp(zero), off: pageDown(s.off), prot: s.prot()})
		if s.memSz > s.fileSz && zero%abi.PageSize != 0 {
			im.clear = append(im.clear, mapping{start: zero, end: pageUp(zero), prot: s.prot()})
		}
		zero = pageUp(zero)
	}
	if s.memSz > s.fileSz && end > zero {
		prot := uint32(unix.PROT_READ | unix.PROT_WRITE)
		if s.flags&pfX != 0 {
			prot |= unix.PROT_EXEC
		}
		im.maps = append(im.maps, mapping{start: zero, end: end, prot: prot, anonymous: true})
	}
}

func (im *image) bounds(s *segment, addr uint64) {
	if s.flags&pfX != 0 {
		im.startCode = min(im.startCode, addr)
		im.endCode = max(im.endCode, addr+s.fileSz)
	}
	im.startData = max(im.startData, addr)
	im.endData = max(im.endData, addr+s.fileSz)
	im.endBSS = max(im.endBSS, addr+s.memSz)
}

// phdrAddr is AT_PHDR: where the program headers are in memory, 0 if nowhere.
func (p *program) phdrAddr(bias uint64) uint64 {
	for i := range p.segments {
		if p.segments[i].kind == ptPhdr {
			return p.segments[i].vaddr + bias
		}
	}
	for i := range p.loads {
		if s := &p.loads[i]; s.off <= p.phoff && p.phoff-s.off < s.fileSz {
			return p.phoff - s.off + s.vaddr + bias
		}
	}
	return 0
}

func pageDown(n uint64) uint64 { return n &^ (abi.PageSize - 1) }
func pageUp(n uint64) uint64   { return (n + abi.PageSize - 1) &^ (abi.PageSize - 1) }
