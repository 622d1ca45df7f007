// SPDX-License-Identifier: Apache-2.0

// This file is the registers as a debugger sees them (arch/x86/kernel/ptrace.c):
// what of them it may choose, and the extended state in the forms of
// PTRACE_GETFPREGS and NT_X86_XSTATE.

package arch

import (
	"encoding/binary"

	"github.com/ditto-kernel/ditto/kernel/platform"
	"golang.org/x/sys/unix"
)

const (
	xsaveUserSize = 480 // of fx_sw_reserved: xstate_size
	xsaveFeatures = 472 // xfeatures
	fxMXCSRMask   = 28
	xstateFPSSE   = 0x3
	xstateAVX     = 0x4
	xsaveHeadEnd  = xsaveHeader + 64
)

// UserSegments tells whether a program may have the segment selectors in r.
func UserSegments(r *platform.Regs) bool {
	for _, s := range []uint64{r.Cs, r.Ss} {
		if uint16(s)&3 != 3 {
			return false // invalid_selector, or the null one
		}
	}
	for _, s := range []uint64{r.Ds, r.Es, r.Fs, r.Gs} {
		if s := uint16(s); s != 0 && s&3 != 3 {
			return false
		}
	}
	return true
}

// SetRegs makes r what a debugger asked for in v, as far as a program may have
// it: the flags that it may change, and the segments of its code and stack. The
// selectors of data segments are not kept in r: see platform.Segments.
func SetRegs(r, v *platform.Regs) {
	const settable = flagsFix | flagNT
	flags := r.Eflags&^settable | v.Eflags&settable
	*r = *v
	r.Eflags = flags
	r.Cs, r.Ss = uint64(uint16(v.Cs)), uint64(uint16(v.Ss))
	r.Ds, r.Es, r.Fs, r.Gs = 0, 0, 0, 0
}

const flagNT = 0x4000

// FPRegs is the legacy part of a frame's xsave area, as PTRACE_GETFPREGS shows it.
func FPRegs(fp []byte) []byte {
	if len(fp) < FXSaveSize {
		return nil
	}
	out := append([]byte(nil), fp[:FXSaveSize]...)
	clear(out[fxSWReserved:])
	return out
}

// SetFPRegs puts p (FXSaveSize bytes) into a frame's xsave area: EINVAL.
func SetFPRegs(fp, p []byte) error {
	if len(p) != FXSaveSize || len(fp) < FXSaveSize || badMXCSR(fp, p) {
		return unix.EINVAL
	}
	copy(fp[:fxSWReserved], p)
	if len(fp) >= xsaveHeadEnd {
		le := binary.LittleEndian
		le.PutUint64(fp[xsaveHeader:], le.Uint64(fp[xsaveHeader:])|xstateFPSSE)
	}
	return nil
}

// badMXCSR tells whether p sets bits of MXCSR that the processor has not.
func badMXCSR(fp, p []byte) bool {
	le := binary.LittleEndian
	mask := le.Uint32(fp[fxMXCSRMask:])
	if mask == 0 {
		mask = 0xffbf
	}
	return le.Uint32(p[fxMXCSR:])&^mask != 0
}

// XState is a frame's xsave area as NT_X86_XSTATE shows it, or nil if the
// processor has none. In place of fx_sw_reserved is the mask of features: of all that a program may have, also what this one has no leave for.
func XState(fp []byte) []byte {
	le := binary.LittleEndian
	if len(fp) < xsaveHeadEnd || le.Uint32(fp[fxSWReserved:]) != fxMagic1 {
		return nil
	}
	size := int(le.Uint32(fp[xsaveUserSize:]))
	if size < xsaveHeadEnd || size > len(fp) {
		return nil
	}
	out := append([]byte(nil), fp[:size]...)
	clear(out[fxSWReserved:xsaveHeader])
	features := le.Uint64(fp[xsaveFeatures:])
	if full, all := fullXState(); all&^features != 0 && full > size { // the rest is in its initial state
		out = append(out, make([]byte, full-size)...)
		features |= all
	}
	le.PutUint64(out[fxSWReserved:], features)
	initial(out)
	return out
}

// initial shows components that are in their initial state as they then are,
// whatever is left in their place.
func initial(p []byte) {
	le := binary.LittleEndian
	have := le.Uint64(p[xsaveHeader:])
	if have&1 == 0 {
		clear(p[:fxMXCSR])
		le.PutUint16(p, defaultFCW)
		clear(p[32:160])
	}
	if have&2 == 0 {
		clear(p[160:416])
	}
	if have&xstateAVX == 0 && len(p) >= xsaveHeadEnd+256 {
		clear(p[xsaveHeadEnd : xsaveHeadEnd+256])
	}
	if have&(2|xstateAVX) == 0 {
		le.PutUint32(p[fxMXCSR:], defaultMXCSR)
	}
}

// SetXState puts p, in the form of XState, into a frame's xsave area: EINVAL
// for what the processor would refuse, EFAULT for another size.
func SetXState(fp, p []byte) error {
	le := binary.LittleEndian
	now := XState(fp)
	if now == nil {
		return unix.ENODEV
	}
	if len(p) != len(now) {
		return unix.EFAULT
	}
	features := le.Uint64(p[xsaveHeader:])
	if features&^le.Uint64(fp[xsaveFeatures:]) != 0 {
		return unix.EINVAL
	}
	for _, b := range p[xsaveHeader+8 : xsaveHeadEnd] {
		if b != 0 {
			return unix.EINVAL
		}
	}
	if features&(2|xstateAVX) != 0 && badMXCSR(fp, p) {
		return unix.EINVAL
	}
	copy(fp[:fxSWReserved], p)
	copy(fp[xsaveHeader:le.Uint32(fp[xsaveUserSize:])], p[xsaveHeader:])
	return nil
}
