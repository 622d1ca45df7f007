// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// uprobe: the kernel's own trampolines make this call. What does anyone else get?
#include "../harness/harness.h"

#define NR_uprobe 336

CASE(not_from_a_trampoline, "kernel>=6.18") {
	OBSERVE_RET("call", syscall(NR_uprobe));
	OBSERVE_RET("with arguments", syscall(NR_uprobe, -1L, bad_ptr(), 3, 4, 5, 6));
}

CASE(keeps_the_registers, "kernel>=6.18") {
	long ret, rdi = 1, rsi = 2, rdx = 3;
	register long r10 __asm__("r10") = 4;
	register long r8 __asm__("r8") = 5;
	__asm__ volatile("syscall" : "=a"(ret), "+D"(rdi), "+S"(rsi), "+d"(rdx), "+r"(r10), "+r"(r8) : "0"((long)NR_uprobe) : "rcx", "r11", "memory");
	long after[] = {rdi, rsi, rdx, r10, r8};
	OBSERVE("result", "%ld", ret);
	OBSERVE("registers", "%ld %ld %ld %ld %ld", after[0], after[1], after[2], after[3], after[4]);
}
