// SPDX-License-Identifier: Apache-2.0

#include "textflag.h"

// func spin(addr *uint32, while uint32, rounds int) uint32
TEXT ·spin(SB), NOSPLIT, $0-28
	MOVQ addr+0(FP), DI
	MOVL while+8(FP), SI
	MOVQ rounds+16(FP), CX
loop:
	MOVL (DI), AX
	CMPL AX, SI
	JNE  done
	PAUSE
	DECQ CX
	JNZ  loop
done:
	MOVL AX, ret+24(FP)
	RET

// func ticks() uint64
TEXT ·ticks(SB), NOSPLIT, $0-8
	RDTSC
	SHLQ $32, DX
	ORQ  DX, AX
	MOVQ AX, ret+0(FP)
	RET

// func cpu() uint16
//
// It is what the vDSO's getcpu does: the limit of a segment that the host has for that.
TEXT ·cpu(SB), NOSPLIT, $0-2
	MOVL $0x7b, CX
	XORL AX, AX
	LSLL CX, AX
	ANDL $0x7fff, AX
	MOVW AX, ret+0(FP)
	RET
