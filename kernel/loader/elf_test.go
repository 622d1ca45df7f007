// SPDX-License-Identifier: Apache-2.0

package loader

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
	"gotest.tools/v3/assert"
)

func readFile(t testing.TB, name string) []byte {
	b, err := os.ReadFile(name)
	assert.NilError(t, err)
	return b
}

func bytesReader(b []byte) reader {
	return func(p []byte, off uint64) (int, error) {
		if off >= uint64(len(b)) {
			return 0, nil
		}
		return copy(p, b[off:]), nil
	}
}

// TestImageIsTheHosts compares the pages of a running program, by their place
// in the file, with what lay plans for it.
func TestImageIsTheHosts(t *testing.T) {
	c := exec.Command("/bin/cat")
	in, err := c.StdinPipe()
	assert.NilError(t, err)
	out, err := c.StdoutPipe()
	assert.NilError(t, err)
	assert.NilError(t, c.Start())
	defer func() { in.Close(); _ = c.Wait() }()
	_, err = in.Write([]byte("x\n")) // once it comes back, the interpreter is done
	assert.NilError(t, err)
	_, err = out.Read(make([]byte, 2))
	assert.NilError(t, err)
	exe, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", c.Process.Pid))
	assert.NilError(t, err)
	exeFile := readFile(t, exe)
	p, err := parse(exeFile[:headSize], bytesReader(exeFile))
	assert.NilError(t, err)
	ld, err := os.Readlink(p.interp)
	if err != nil || ld[0] != '/' {
		ld = p.interp
	}
	ldFile := readFile(t, ld)
	lp, err := parse(ldFile[:headSize], bytesReader(ldFile))
	assert.NilError(t, err)
	for name, prog := range map[string]*program{exe: p, ld: lp} {
		native := nativePages(t, c.Process.Pid, name)
		assert.Assert(t, len(native) > 0, "%s is not in maps", name)
		im, err := prog.lay(lowest(native) - prog.loads[0].vaddr&^4095)
		assert.NilError(t, err)
		ours := map[uint64]uint64{}
		for _, m := range im.maps {
			for a := m.start; a < m.end && !m.anonymous; a += 4096 {
				ours[a] = m.off + (a - m.start)
			}
		}
		assert.DeepEqual(t, native, ours)
	}
}

func lowest(m map[uint64]uint64) uint64 {
	low := ^uint64(0)
	for a := range m {
		low = min(low, a)
	}
	return low
}

func nativePages(t *testing.T, pid int, name string) map[uint64]uint64 {
	f, err := os.Open(fmt.Sprintf("/proc/%d/maps", pid))
	assert.NilError(t, err)
	defer f.Close()
	pages := map[uint64]uint64{}
	base := name[strings.LastIndex(name, "/"):]
	for s := bufio.NewScanner(f); s.Scan(); {
		var start, end, off uint64
		var perms string
		_, err := fmt.Sscanf(s.Text(), "%x-%x %s %x", &start, &end, &perms, &off)
		assert.NilError(t, err)
		for a := start; a < end && strings.HasSuffix(s.Text(), base); a += 4096 {
			pages[a] = off + a - start
		}
	}
	return pages
}

// elfFile is a small ELF file with these program headers.
func elfFile(change func(h []byte), segments ...segment) []byte {
	le := binary.LittleEndian
	b := make([]byte, headSize)
	copy(b, "\x7fELF\x02\x01\x01")
	le.PutUint16(b[16:], etExec)
	le.PutUint16(b[18:], emX8664)
	le.PutUint64(b[24:], 0x400000)
	le.PutUint64(b[32:], ehdrSize)
	le.PutUint16(b[54:], phdrSize)
	le.PutUint16(b[56:], uint16(len(segments)))
	for i, s := range segments {
		h := b[ehdrSize+i*phdrSize:]
		le.PutUint32(h, s.kind)
		le.PutUint32(h[4:], s.flags)
		for j, v := range []uint64{s.off, s.vaddr, s.vaddr, s.fileSz, s.memSz, s.align} {
			le.PutUint64(h[8+8*j:], v)
		}
	}
	if change != nil {
		change(b)
	}
	return b
}

func TestParseRefuses(t *testing.T) {
	load := segment{kind: ptLoad, flags: pfR | pfX, vaddr: 0x400000, fileSz: 0x1000, memSz: 0x1000, align: 4096}
	put16 := func(at int, v uint16) func([]byte) {
		return func(b []byte) { binary.LittleEndian.PutUint16(b[at:], v) }
	}
	interp := func(off, size uint64) segment { return segment{kind: ptInterp, off: off, fileSz: size} }
	for _, tt := range []struct {
		name string
		file []byte
		want error
	}{
		{"good", elfFile(nil, load), nil},
		{"empty", nil, unix.ENOEXEC},
		{"short", elfFile(nil, load)[:63], unix.ENOEXEC},
		{"magic", elfFile(func(b []byte) { b[0] = 0 }, load), unix.ENOEXEC},
		{"relocatable", elfFile(put16(16, 1), load), unix.ENOEXEC},
		{"other machine", elfFile(put16(18, 183), load), unix.ENOEXEC},
		{"phentsize", elfFile(put16(54, 55), load), unix.ENOEXEC},
		{"no headers", elfFile(nil), unix.ENOEXEC},
		{"too many headers", elfFile(put16(56, 1171), load), unix.ENOEXEC},
		{"headers behind the end", elfFile(func(b []byte) { binary.LittleEndian.PutUint64(b[32:], 1<<62) }, load), unix.ENOEXEC},
		{"interpreter too short", elfFile(nil, load, interp(0, 1)), unix.ENOEXEC},
		{"interpreter too long", elfFile(nil, load, interp(0, 4097)), unix.ENOEXEC},
		{"interpreter without NUL", elfFile(nil, load, interp(0, 4)), unix.ENOEXEC},
		{"interpreter behind the end", elfFile(nil, load, interp(1<<20, 9)), unix.EIO},
		{"interpreter at a negative offset", elfFile(nil, load, interp(1<<63, 9)), unix.EINVAL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			_, err := parse(tt.file[:min(len(tt.file), headSize)], bytesReader(tt.file))
			if tt.want == nil {
				assert.NilError(t, err)
				return
			}
			assert.ErrorIs(t, err, tt.want)
		})
	}
}

func TestLay(t *testing.T) {
	for _, tt := range []struct {
		name string
		seg  segment
		want string
		err  error
	}{
		{"file and bss", segment{flags: pfR | pfW, off: 0x1010, vaddr: 0x402010, fileSz: 0x100, memSz: 0x3000},
			"402000-403000 3 1000; 403000-406000 3 anon; clear 402110-403000", nil},
		{"bss on the page", segment{flags: pfR, off: 0, vaddr: 0x400000, fileSz: 0x10, memSz: 0x20},
			"400000-401000 1 0; clear 400010-401000", nil},
		{"bss alone", segment{flags: pfW, vaddr: 0x400010, memSz: 0x1000}, "400000-402000 3 anon", nil},
		{"executable bss", segment{flags: pfX, vaddr: 0x400000, memSz: 1}, "400000-401000 7 anon", nil},
		{"nothing", segment{vaddr: 0x400000}, "", nil},
		{"more in the file", segment{vaddr: 0x400000, fileSz: 2, memSz: 1}, "", unix.EINVAL},
		{"offsets that don't fit", segment{off: 1, vaddr: 0x400000, fileSz: 1, memSz: 1}, "", unix.EINVAL},
		{"too high", segment{vaddr: 1 << 47, memSz: 1}, "", unix.EINVAL},
		{"too long", segment{vaddr: 0x400000, memSz: 1 << 47}, "", unix.EINVAL},
		{"wraps", segment{vaddr: ^uint64(0) - 10, memSz: 100}, "", unix.EINVAL},
	} {
		t.Run(tt.name, func(t *testing.T) {
			tt.seg.kind = ptLoad
			p := &program{}
			p.add(tt.seg)
			im, err := p.lay(0)
			if tt.err != nil {
				assert.ErrorIs(t, err, tt.err)
				return
			}
			assert.NilError(t, err)
			assert.Equal(t, im.String(), tt.want)
		})
	}
}

func (im *image) String() string {
	var s []string
	for _, m := range im.maps {
		off := fmt.Sprintf("%x", m.off)
		if m.anonymous {
			off = "anon"
		}
		s = append(s, fmt.Sprintf("%x-%x %x %s", m.start, m.end, m.prot, off))
	}
	for _, m := range im.clear {
		s = append(s, fmt.Sprintf("clear %x-%x", m.start, m.end))
	}
	return strings.Join(s, "; ")
}

func FuzzELF(f *testing.F) {
	f.Add(elfFile(nil, segment{kind: ptLoad, flags: pfR, vaddr: 0x400000, fileSz: 0x100, memSz: 0x2000, align: 4096}), uint64(0))
	f.Add(elfFile(nil, segment{kind: ptInterp, off: 8, fileSz: 9}), uint64(1<<40))
	f.Fuzz(func(t *testing.T, file []byte, bias uint64) {
		p, err := parse(file[:min(len(file), headSize)], bytesReader(file))
		if err != nil {
			return
		}
		p.span()
		p.phdrAddr(bias)
		if a := p.align(); a&(a-1) != 0 || a < 4096 {
			t.Fatalf("alignment %x", a)
		}
		im, err := p.lay(bias)
		if err != nil {
			return
		}
		for _, m := range append(im.maps, im.clear...) {
			if m.start >= m.end || m.end > 1<<47 || m.off%4096 != 0 || int64(m.off+(m.end-m.start)) < 0 {
				t.Fatalf("%+v", m)
			}
		}
	})
}
