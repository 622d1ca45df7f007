// SPDX-License-Identifier: Apache-2.0

package stub

import (
	"encoding/binary"

	"golang.org/x/sys/unix"
)

// Debuggers look at the program's text, put breakpoints into it and step
// through it. So a traced address space has no patched sites.

// invalidOpcode is one byte that no 64-bit program can execute (push %es).
const invalidOpcode = 0x06

// Expose implements platform.Thread.
func (t *thread) Expose() error {
	if t.sp.dead.Load() || t.ready() != nil {
		return unix.ESRCH
	}
	err := t.flush()
	t.ncap, t.used = 0, 0
	t.restoreText()
	return err
}

// restoreText puts every site back as it was, unless its text has changed
// since, and lets none be patched any more. Threads may be on their way
// through a trampoline: that works on, and logical still knows it.
func (t *thread) restoreText() {
	sp := t.sp
	sp.mu.Lock()
	if sp.exposed {
		sp.mu.Unlock()
		return
	}
	sp.exposed = true
	var all []*site
	if sp.sites != nil {
		for _, s := range sp.sites.byStart {
			all = append(all, s)
		}
	}
	threads := len(sp.threads)
	sp.mu.Unlock()
	for _, s := range all {
		var now [8]byte
		if n, _ := t.peek(s.start, now[:]); n == len(now) && now == s.bytes {
			t.restore(s, threads > 1)
		}
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if sp.sites == nil {
		return
	}
	sp.ownSites()
	sp.restored = sp.sites.byStart
	sp.sites.byStart = map[uint64]*site{}
}

// restore rewrites one site. If that can't be one atomic store, and other
// threads may come by, it first makes the site's first byte invalid, so that
// they trap until all is done: see retry.
func (t *thread) restore(s *site, threads bool) {
	const prot = unix.PROT_READ | unix.PROT_EXEC
	store := func(b [8]byte) { _, _ = t.op(OpPatch, s.start, binary.LittleEndian.Uint64(b[:]), prot) }
	if threads && s.start/64 != (s.start+7)/64 {
		closed := s.bytes
		closed[0] = invalidOpcode
		store(closed)
		closed = s.orig
		closed[0] = invalidOpcode
		store(closed)
	}
	store(s.orig)
}

// retry tells whether a fault at rip came from a site that is or was being
// put back, so that the thread has but to execute it again.
func (t *thread) retry(rip uint64) bool {
	sp := t.sp
	sp.mu.Lock()
	s := sp.restored[rip]
	busy := s == nil && sp.exposed && sp.sites != nil && sp.sites.byStart[rip] != nil
	sp.mu.Unlock()
	if s == nil {
		return busy
	}
	var now [8]byte
	n, _ := t.peek(rip, now[:])
	return n == len(now) && now == s.orig
}

// betweenSteps tells whether a single step has ended in the middle of what is
// one instruction of the program: on the way through a trampoline.
func (sp *space) betweenSteps(rip uint64) bool {
	if rip < TrampBase || rip >= TrampBase+TrampSize {
		return false
	}
	sp.mu.Lock()
	defer sp.mu.Unlock()
	if sp.sites == nil {
		return false
	}
	s := sp.sites.byTramp[rip&^(trampSize-1)]
	if s == nil {
		return false
	}
	off := int(rip - s.tramp)
	return off == 0 || off > s.pre && off < s.postOff || off == s.postOff+s.post
}
