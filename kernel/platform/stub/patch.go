// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"bytes"
	"encoding/binary"
	"maps"
	"sync/atomic"

	"golang.org/x/sys/unix"

	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Patched system call sites. A site that has trapped a few times is rewritten
// into `jmp *entry`, seven bytes, of which the last four are the entry's
// address; the entry leads to the site's trampoline, which does what the seven
// bytes did and enters the stub without a signal.
//
// A thread may stand between two of the instructions that were overwritten,
// or jump there later. The entry's address is chosen so that each such place
// now begins with an invalid opcode; the fault is repaired by going on in the
// trampoline, which has a copy of each overwritten instruction. So the patch
// changes nothing that an application can see but its own text.

const trapsBeforePatch = 4

// site is one patched place.
type site struct {
	start   uint64
	pre     int // bytes of the instructions before the system call
	sysOff  int // where the system call was
	post    int // bytes of instructions behind it that were overwritten too
	tramp   uint64
	postOff int     // of the copy of those in the trampoline
	bytes   [8]byte // as patched
	orig    [8]byte // as before
}

// end is where the application goes on.
func (s *site) end() uint64 { return s.start + uint64(s.sysOff+2+s.post) }

// after is the address behind the system call.
func (s *site) after() uint64 { return s.start + uint64(s.sysOff) + 2 }

// siteTable is the sites of one address space; shared after a fork until one
// side changes it. Guarded by space.mu of all its sharers: it is not changed
// while shared.
type siteTable struct {
	byStart map[uint64]*site
	byTramp map[uint64]*site
	shared  atomic.Bool
}

// noteTrap counts a trap at the site that the thread stands behind, and
// patches it when it is worth it.
func (t *thread) noteTrap() {
	if t.sp.p.opts.NoPatch || t.sp.ownGS.Load() {
		return
	}
	rip := t.slot.Regs.Rip
	sp := t.sp
	sp.mu.Lock()
	if sp.exposed {
		sp.mu.Unlock()
		return
	}
	if sp.traps == nil {
		sp.traps = map[uint64]uint8{}
	}
	n := sp.traps[rip]
	if n < 255 && len(sp.traps) < 4096 {
		sp.traps[rip] = n + 1
	}
	threads := len(sp.threads)
	sp.mu.Unlock()
	if n+1 == trapsBeforePatch {
		t.patch(rip-2, uint32(t.slot.Regs.OrigRax), threads > 1)
	}
}

// shapes of code around a system call that can be overwritten: see shapeOf.
type shape struct {
	back int // bytes before the system call that belong to the site
	post int
}

var (
	goSyscall6 = []byte{0x49, 0x89, 0xf2, 0x48, 0x89, 0xfa, 0x48, 0x89, 0xce, 0x48, 0x89, 0xdf}
	glibcArg6  = []byte{0x4c, 0x8b, 0x4c, 0x24, 0x08}
	movRAX     = []byte{0x48, 0xc7, 0xc0}
	xorEAX     = []byte{0x31, 0xc0}
	cmpRAX     = []byte{0x48, 0x3d}
)

// shapeOf knows the shapes: code is what stands before the system call
// instruction, behind what stands after it.
func shapeOf(code, behind []byte, nr uint32) (shape, bool) {
	n := len(code)
	imm := func(at int) bool { return binary.LittleEndian.Uint32(code[at:]) == nr }
	switch {
	case bytes.HasSuffix(code, goSyscall6): // Go's internal/runtime/syscall
		return shape{back: 6}, true
	case bytes.HasSuffix(code, glibcArg6): // glibc's syscall()
		return shape{back: 5}, true
	case bytes.Equal(code[n-7:n-4], movRAX) && imm(n-4): // mov $nr,%rax
		return shape{back: 7}, true
	case code[n-5] == 0xb8 && imm(n-4) && code[n-6]&0xf1 != 0x41: // mov $nr,%eax and no REX.B before it
		return shape{back: 5}, true
	case bytes.HasSuffix(code, xorEAX) && nr == 0 && bytes.HasPrefix(behind, cmpRAX): // read in glibc
		return shape{back: 2, post: 6}, true
	}
	return shape{}, false
}

// patch rewrites the site whose system call instruction stands at at.
func (t *thread) patch(at uint64, nr uint32, threads bool) {
	const before, after = 16, 10
	var code [before + after]byte
	if at < before || t.flush() != nil {
		return
	}
	if n, _ := t.peek(at-before, code[:]); n < len(code) || code[before] != 0x0f || code[before+1] != 0x05 {
		return
	}
	sh, ok := shapeOf(code[:before], code[before+2:], nr)
	if !ok {
		return
	}
	s := &site{start: at - uint64(sh.back), pre: sh.back, sysOff: sh.back, post: sh.post}
	if threads && s.start/64 != (s.start+7)/64 {
		return // the store would not be atomic
	}
	strict := sh.post > 0
	entry, number, ok := t.sp.pool.take(strict)
	if !ok {
		return
	}
	first := before - sh.back
	s.tramp, ok = t.sp.pool.write(entry, number, s.trampoline(code[first:], TrampBase+uint64(number*trampSize)))
	if !ok {
		return
	}
	copy(s.bytes[:], []byte{0xff, 0x24, 0x25, byte(entry), byte(entry >> 8), byte(entry >> 16), byte(entry >> 24)})
	s.bytes[7] = code[first+7]
	copy(s.orig[:], code[first:])
	t.install(s)
}

// install makes the site known first, since a thread may meet it at once.
func (t *thread) install(s *site) {
	sp := t.sp
	sp.mu.Lock()
	sp.ownSites()
	sp.sites.byStart[s.start] = s
	sp.sites.byTramp[s.tramp] = s
	sp.mu.Unlock()
	const prot = unix.PROT_READ | unix.PROT_EXEC
	r, err := t.op(OpPatch, s.start, binary.LittleEndian.Uint64(s.bytes[:]), prot)
	if err != nil || r < 0 {
		sp.mu.Lock()
		defer sp.mu.Unlock()
		delete(sp.sites.byStart, s.start)
		delete(sp.sites.byTramp, s.tramp)
	}
}

// unpatchAll puts every site back as it was, unless its text has changed since.
func (t *thread) unpatchAll() {
	sp := t.sp
	if sp.ownGS.Swap(true) {
		return
	}
	sp.mu.Lock()
	var all []*site
	if sp.sites != nil {
		for _, s := range sp.sites.byStart {
			all = append(all, s)
		}
	}
	sp.mu.Unlock()
	const prot = unix.PROT_READ | unix.PROT_EXEC
	for _, s := range all {
		var now [8]byte
		if n, _ := t.peek(s.start, now[:]); n == len(now) && now == s.bytes {
			_, _ = t.op(OpPatch, s.start, binary.LittleEndian.Uint64(s.orig[:]), prot)
		}
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.sites = nil
}

// trampoline is the code for s, to stand at base:
//
//	<the instructions before the system call>
//	mov $after, %rcx; mov $resume, %r11; jmp fast_entry
//	<the instructions behind it>; jmp *end
func (s *site) trampoline(code []byte, base uint64) []byte {
	var c []byte
	c = append(c, code[:s.pre]...)
	resume := s.end()
	s.postOff = s.pre + 10 + 10 + 5
	if s.post > 0 {
		resume = base + uint64(s.postOff)
	}
	c = append(c, 0x48, 0xb9)
	c = binary.LittleEndian.AppendUint64(c, s.after())
	c = append(c, 0x49, 0xbb)
	c = binary.LittleEndian.AppendUint64(c, resume)
	c = append(c, 0xe9)
	c = binary.LittleEndian.AppendUint32(c, uint32(fastEntry()-(base+uint64(len(c))+4)))
	if s.post > 0 {
		c = append(c, code[s.sysOff+2:s.sysOff+2+s.post]...)
		c = append(c, 0xff, 0x25, 0, 0, 0, 0)
		c = binary.LittleEndian.AppendUint64(c, s.end())
	}
	return c
}

// siteAt is the site that rip stands inside of, behind its first byte. mu is held.
func (sp *space) siteAt(rip uint64) *site {
	if sp.sites == nil {
		return nil
	}
	for back := uint64(1); back < 16; back++ {
		if s := sp.sites.byStart[rip-back]; s != nil && rip < s.end() {
			return s
		}
	}
	return nil
}

// physical is where a thread must go on that would go on at rip: in the
// trampoline, if rip is in the middle of a patched site.
func (sp *space) physical(rip uint64) uint64 {
	sp.mu.Lock()
	defer sp.mu.Unlock()
	s := sp.siteAt(rip)
	if s == nil {
		return rip
	}
	switch off := int(rip - s.start); {
	case off <= s.sysOff && off != 7: // with seven bytes before it the system call itself is intact
		return s.tramp + uint64(off)
	case off == s.sysOff+2 && s.post > 0:
		return s.tramp + uint64(s.postOff)
	}
	return rip
}

// logical is the other way: the application's idea of where it is.
func (sp *space) logical(rip uint64) uint64 {
	if rip < TrampBase || rip >= TrampBase+TrampSize {
		return rip
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if sp.sites == nil {
		return rip
	}
	s := sp.sites.byTramp[rip&^(trampSize-1)]
	if s == nil {
		return rip
	}
	switch off := int(rip - s.tramp); {
	case off < s.pre:
		return s.start + uint64(off)
	case off < s.postOff:
		return s.start + uint64(s.sysOff)
	case off == s.postOff:
		return s.after()
	}
	return s.end()
}

// repair deals with a fault of a thread that stood inside a site: it goes on
// in the trampoline. It tells whether that was it.
func (t *thread) repair() bool {
	rip := t.slot.Regs.Rip
	sp := t.sp
	sp.mu.Lock()
	s := sp.siteAt(rip)
	sp.mu.Unlock()
	if s == nil {
		return false
	}
	var now [8]byte
	if n, _ := t.peek(s.start, now[:]); n < 7 || !bytes.Equal(now[:7], s.bytes[:7]) {
		return false // the text has changed since
	}
	r := t.Regs()
	if s.post > 0 && rip == s.start+7 {
		// It stood on the system call of `xor %eax,%eax; syscall`, and the
		// middle of the jump was an `and` that left rax zero.
		r.Rax = 0
		r.Rip = s.start + uint64(s.sysOff)
	}
	if sp.physical(r.Rip) == r.Rip {
		return false
	}
	t.RegsChanged()
	return true
}

// ownSites makes the table this space's own, to be changed. mu is held.
func (sp *space) ownSites() {
	switch {
	case sp.sites == nil:
		sp.sites = &siteTable{byStart: map[uint64]*site{}, byTramp: map[uint64]*site{}}
	case sp.sites.shared.Load():
		sp.sites = &siteTable{byStart: maps.Clone(sp.sites.byStart), byTramp: maps.Clone(sp.sites.byTramp)}
	}
}

// inheritSites is for a forked child.
func (sp *space) inheritSites(parent *space) {
	parent.mu.Lock()
	defer parent.mu.Unlock()
	if parent.sites != nil {
		parent.sites.shared.Store(true)
		sp.sites = parent.sites
	}
}

// forget drops the sites in memory that an operation unmaps or replaces.
func (sp *space) forget(o *platform.Op) {
	var start, length uint64
	switch o.Nr {
	case unix.SYS_MUNMAP, unix.SYS_MREMAP:
		start, length = o.Args[0], o.Args[1]
	case unix.SYS_MMAP:
		if o.Args[3]&unix.MAP_FIXED == 0 {
			return
		}
		start, length = o.Args[0], o.Args[1]
	default:
		return
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	sp.forgetRange(start, length)
	if o.Nr == unix.SYS_MREMAP && o.Args[3]&unix.MREMAP_FIXED != 0 {
		sp.forgetRange(o.Args[4], o.Args[2])
	}
	if o.Nr == unix.SYS_MMAP || o.Nr == unix.SYS_MUNMAP {
		for rip := range sp.traps {
			if rip-start < length {
				delete(sp.traps, rip)
			}
		}
	}
}

func (sp *space) forgetRange(start, length uint64) {
	if sp.sites == nil {
		return
	}
	for at, s := range sp.sites.byStart {
		if at+8 > start && at < start+length {
			sp.ownSites()
			delete(sp.sites.byStart, at)
			delete(sp.sites.byTramp, s.tramp)
		}
	}
}
