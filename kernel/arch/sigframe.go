// SPDX-License-Identifier: Apache-2.0

// This file lays out struct rt_sigframe, as arch/x86/kernel/signal_64.c does:
//
//	sp -> return address (sa_restorer)
//	      struct ucontext: flags, link, stack, sigcontext, sigmask
//	      siginfo_t
//	      (up to 15+8 bytes, so that the handler starts as if it were called)
//	      fpstate, aligned to 64 bytes
//	      the red zone of the interrupted function, if on its stack

package arch

import (
	"encoding/binary"

	"github.com/ditto-kernel/ditto/kernel/abi"
	"github.com/ditto-kernel/ditto/kernel/platform"
)

// Offsets inside the frame.
const (
	frameUC      = 8
	frameStack   = frameUC + 16
	frameMC      = frameUC + 40
	frameMask    = frameMC + 256
	frameInfo    = frameMask + 8
	FrameSize    = frameInfo + abi.SigInfoSize
	mcSegments   = 144
	mcErr        = 152
	mcFPState    = 184
	frameRedZone = 128
	ucFlags      = 0x1 | 0x2 // UC_FP_XSTATE, UC_SIGCONTEXT_SS
	ucStrictSS   = 0x4       // UC_STRICT_RESTORE_SS: of 64-bit code
	fxSWReserved = 464
	fxMagic1     = 0x46505853
	FXSaveSize   = 512
	xsaveHeader  = 512
	xstatePKRU   = 1 << 9
	defaultFCW   = 0x37f
	defaultMXCSR = 0x1f80
	fxMXCSR      = 24
)

// Fault is what the processor said of the last fault of a task; it stays in
// each frame until the next one.
type Fault struct{ TrapNo, ErrCode, CR2 uint64 }

// AltStack is sigaltstack(2)'s stack_t. Size 0 means none.
type AltStack struct {
	Addr, Size uint64
	Flags      uint32 // SS_AUTODISARM, or SS_DISABLE
}

// Flags of AltStack.
const (
	SS_ONSTACK    = 1
	SS_DISABLE    = 2
	SS_AUTODISARM = 1 << 31
)

// within tells whether sp is on the stack, whatever its flags say.
func (a *AltStack) within(sp uint64) bool { return sp > a.Addr && sp-a.Addr <= a.Size }

// On tells whether sp counts as being on the stack (on_sig_stack).
func (a *AltStack) On(sp uint64) bool { return a.Flags&SS_AUTODISARM == 0 && a.within(sp) }

// State is SS_DISABLE, SS_ONSTACK or 0 (sas_ss_flags).
func (a *AltStack) State(sp uint64) uint32 {
	switch {
	case a.Size == 0:
		return SS_DISABLE
	case a.On(sp):
		return SS_ONSTACK
	}
	return 0
}

// Frame says where the parts of a signal frame go.
type Frame struct {
	SP      uint64 // of the handler: the start of the frame
	FPState uint64
}

// PlaceFrame finds the place of a frame: on the alternative stack if onStack
// (SA_ONSTACK) says so and the task isn't on it, else below the stack pointer
// and its red zone. It returns false if the alternative stack is too small.
func PlaceFrame(sp uint64, alt *AltStack, onStack bool, fpSize int) (Frame, bool) {
	sp -= frameRedZone
	bounded := alt.On(sp)
	if onStack && alt.State(sp) == 0 {
		sp = alt.Addr + alt.Size
		bounded = true
	}
	fp := (sp - uint64(fpSize)) &^ 63
	sp = (fp-FrameSize)&^15 - 8
	if bounded && !alt.within(sp) {
		return Frame{}, false
	}
	return Frame{SP: sp, FPState: fp}, true
}

// Signal is what a frame tells its handler.
type Signal struct {
	Info     *abi.SigInfo // written only for SA_SIGINFO
	Mask     uint64       // to restore when the handler returns
	Alt      AltStack
	Fault    Fault
	Restorer uint64
}

// Build writes the frame into p (FrameSize bytes) and returns the bytes of it
// that go to the application.
func (f Frame) Build(p []byte, r *platform.Regs, s *Signal, withInfo bool) []byte {
	le := binary.LittleEndian
	clear(p[:FrameSize])
	le.PutUint64(p, s.Restorer)
	flags := uint64(ucFlags)
	if r.Cs == UserCS {
		flags |= ucStrictSS
	}
	le.PutUint64(p[frameUC:], flags)
	le.PutUint64(p[frameStack:], s.Alt.Addr)
	le.PutUint32(p[frameStack+8:], s.Alt.Flags)
	le.PutUint64(p[frameStack+16:], s.Alt.Size)
	mc := p[frameMC:]
	for i, reg := range generalRegs(r) {
		le.PutUint64(mc[8*i:], *reg)
	}
	le.PutUint16(mc[mcSegments:], uint16(r.Cs))
	le.PutUint16(mc[mcSegments+6:], uint16(r.Ss))
	le.PutUint64(mc[mcErr:], s.Fault.ErrCode)
	le.PutUint64(mc[mcErr+8:], s.Fault.TrapNo)
	le.PutUint64(mc[mcErr+16:], s.Mask)
	le.PutUint64(mc[mcErr+24:], s.Fault.CR2)
	le.PutUint64(mc[mcFPState:], f.FPState)
	le.PutUint64(p[frameMask:], s.Mask)
	if !withInfo {
		return p[:frameInfo]
	}
	s.Info.Marshal(p[frameInfo:])
	return p[:FrameSize]
}

// Enter makes r the registers of the handler's first instruction.
func (f Frame) Enter(r *platform.Regs, handler uint64, signo int) {
	r.Rip, r.Rsp = handler, f.SP
	r.Rdi, r.Rax = uint64(signo), 0
	r.Rsi, r.Rdx = f.SP+frameInfo, f.SP+frameUC
	r.Eflags &^= flagDF | FlagRF | FlagTF
	r.Cs, r.Ss = UserCS, UserDS
}

// Return is what rt_sigreturn(2) finds in a frame.
type Return struct {
	Mask    uint64
	Alt     AltStack
	FPState uint64
}

// FrameAt is where the frame starts whose handler has just returned through
// its restorer, to rt_sigreturn.
func FrameAt(sp uint64) uint64 { return sp - 8 }

// ReadFrame restores r from the frame in p (FrameSize bytes; the siginfo is
// not looked at), as far as an application may choose them.
func ReadFrame(p []byte, r *platform.Regs) Return {
	le := binary.LittleEndian
	mc := p[frameMC:]
	flags := r.Eflags
	for i, reg := range generalRegs(r) {
		*reg = le.Uint64(mc[8*i:])
	}
	r.Eflags = flags&^flagsFix | r.Eflags&flagsFix
	r.Cs, r.Ss = uint64(le.Uint16(mc[mcSegments:]))|3, uint64(le.Uint16(mc[mcSegments+6:]))|3
	if r.Cs == UserCS && le.Uint64(p[frameUC:])&ucStrictSS == 0 && r.Ss&4 == 0 {
		r.Ss = UserDS // force_valid_ss, of the segments that are no program's own
	}
	r.Orig_rax = ^uint64(0)
	return Return{
		Mask: le.Uint64(p[frameMask:]),
		Alt: AltStack{
			Addr:  le.Uint64(p[frameStack:]),
			Size:  le.Uint64(p[frameStack+16:]),
			Flags: le.Uint32(p[frameStack+8:]),
		},
		FPState: le.Uint64(mc[mcFPState:]),
	}
}

// FrameReadSize is how much of a frame ReadFrame needs.
const FrameReadSize = frameInfo

// generalRegs are the registers in the order of struct sigcontext.
func generalRegs(r *platform.Regs) [18]*uint64 {
	return [18]*uint64{
		&r.R8, &r.R9, &r.R10, &r.R11, &r.R12, &r.R13, &r.R14, &r.R15,
		&r.Rdi, &r.Rsi, &r.Rbp, &r.Rbx, &r.Rdx, &r.Rax, &r.Rcx, &r.Rsp, &r.Rip, &r.Eflags,
	}
}

// ResetFPState makes p, an xsave area in the form of a signal frame, what a
// handler starts with: everything in its initial configuration, but for the
// protection keys.
func ResetFPState(p []byte) {
	if len(p) < FXSaveSize {
		return
	}
	le := binary.LittleEndian
	clear(p[:fxSWReserved])
	le.PutUint16(p, defaultFCW)
	le.PutUint32(p[fxMXCSR:], defaultMXCSR)
	if len(p) >= xsaveHeader+64 {
		le.PutUint64(p[xsaveHeader:], le.Uint64(p[xsaveHeader:])&xstatePKRU)
	}
}

// FPStateSize is how many bytes of a frame's xsave area count, of which head
// is the first FXSaveSize bytes: those of an area as big as the host's own
// (want), or else only the legacy ones.
func FPStateSize(head []byte, want int) int {
	le := binary.LittleEndian
	sw := head[fxSWReserved:]
	if le.Uint32(sw) == fxMagic1 && int(le.Uint32(sw[4:])) == want {
		return want
	}
	return FXSaveSize
}
