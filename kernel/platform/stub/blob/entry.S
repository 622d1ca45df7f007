// SPDX-License-Identifier: Apache-2.0
// The stub's ways in and out that C can't express: the fast entry of patched
// sites, the restartable return, copies with fix-ups, and thread starts.
#include "layout_gen.h"

	.section .text.entry, "ax"

	// First page of the blob: a table for the kernel process.
	.globl stub_header
stub_header:
	.quad 0x4f5454495442554c	// magic
	.quad fast_entry
	.quad stub_text_end

// fast_entry is where the trampoline of a patched site jumps. rcx: the address
// behind the site's system call; r11: where to go on; all else is the application's.
	.globl fast_entry
	.p2align 6
fast_entry:
	mov %rsp, %gs:REG_Rsp
	mov %rcx, %gs:REG_Rip
	mov %r11, %gs:SLOT_Resume
	mov %gs:SLOT_FastStack, %rsp
	pushfq
	pop %r11
	cld
	mov %rax, %gs:REG_OrigRax
	mov %r11, %gs:REG_Eflags
	mov %rdi, %gs:REG_Rdi
	mov %rsi, %gs:REG_Rsi
	mov %rdx, %gs:REG_Rdx
	mov %r10, %gs:REG_R10
	mov %r8, %gs:REG_R8
	mov %r9, %gs:REG_R9
	mov %rbx, %gs:REG_Rbx
	mov %rbp, %gs:REG_Rbp
	mov %r12, %gs:REG_R12
	mov %r13, %gs:REG_R13
	mov %r14, %gs:REG_R14
	mov %r15, %gs:REG_R15
	mov %gs:SLOT_Self, %rdi
	call fast_syscall
fast_return:
	test %eax, %eax
	jnz full_trap
	mov %gs:REG_Rdi, %rdi
	mov %gs:REG_Rsi, %rsi
	mov %gs:REG_Rdx, %rdx
	mov %gs:REG_R10, %r10
	mov %gs:REG_R8, %r8
	mov %gs:REG_R9, %r9
	mov %gs:REG_Rax, %rax
	push %gs:REG_Eflags
	popfq
	mov %gs:REG_Eflags, %r11
// From here to return_end a kick starts over at return_check: nothing in
// between has an effect that doing it again would not have. jrcxz tests
// without touching the flags.
	.globl return_check
return_check:
	mov %gs:SLOT_Pending, %ecx
	jrcxz 1f
	jmp fast_kicked
1:	mov %gs:REG_Rip, %rcx
	mov %gs:REG_Rsp, %rsp
	jmp *%gs:SLOT_Resume
	.globl return_end
return_end:

fast_kicked:
	mov %gs:SLOT_FastStack, %rsp
	mov %gs:SLOT_Self, %rdi
	call fast_kick
	jmp fast_return

// full_trap gets a signal frame: the filter traps a number that it does not
// allow, and the handler knows the address behind it.
	.globl full_trap
full_trap:
	mov $0x7fff, %eax
	syscall
	.globl full_trap_end
full_trap_end:
	hlt

	.globl stub_sigreturn
stub_sigreturn:
	mov $15, %eax
	syscall
	hlt

// long host(nr, a, b, c, d, e, f): a host system call.
	.globl host
host:
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	mov %r8, %r10
	mov %r9, %r8
	mov 8(%rsp), %r9
	syscall
	ret

// long host_wait(nr, a, b, c, d, e, f, pending): a host system call that waits,
// unless *pending. A kick from wait_check on, before the call is made, ends it
// at wait_abort; later, the host does.
	.globl host_wait
host_wait:
	mov %rdi, %rax
	mov %rsi, %rdi
	mov %rdx, %rsi
	mov %rcx, %rdx
	mov %r8, %r10
	mov %r9, %r8
	mov 8(%rsp), %r9
	mov 16(%rsp), %rcx
	.globl wait_check
wait_check:
	cmpl $0, (%rcx)
	jne wait_abort
	syscall
	.globl wait_end
wait_end:
	ret
	.globl wait_abort
wait_abort:
	mov $-4, %rax			// EINTR
	ret

// long clone_thread(flags, stack, tid_address, slot): the child never returns.
	.globl clone_thread
clone_thread:
	mov %rcx, %r9
	mov %rdx, %r10
	xor %edx, %edx
	xor %r8d, %r8d
	mov $56, %eax
	syscall
	test %rax, %rax
	jnz 1f
	mov %r9, %rdi
	call thread_main
	jmp full_trap
1:	ret

// unsigned long copy_user(dst, src, n): returns how many bytes were not copied.
	.globl copy_user
copy_user:
	mov %rdx, %rcx
	.globl fix_copy
fix_copy:
	rep movsb
	.globl fixed_copy
fixed_copy:
	mov %rcx, %rax
	ret

// long copy_path(dst, src, max): length with its NUL; max if there is none; or -1 at a fault.
	.globl copy_path
copy_path:
	xor %eax, %eax
1:	cmp %rdx, %rax
	jae 2f
	.globl fix_path
fix_path:
	movb (%rsi,%rax), %cl
	movb %cl, (%rdi,%rax)
	inc %rax
	test %cl, %cl
	jnz 1b
2:	ret
	.globl fixed_path
fixed_path:
	mov $-1, %rax
	ret

// Word accesses: 0, or -1 at a fault.
	.globl get4
get4:
	.globl fix_get4
fix_get4:
	mov (%rsi), %ecx
	mov %ecx, (%rdi)
	xor %eax, %eax
	ret
	.globl get8
get8:
	.globl fix_get8
fix_get8:
	mov (%rsi), %rcx
	mov %rcx, (%rdi)
	xor %eax, %eax
	ret
	.globl put4
put4:
	mov (%rsi), %ecx
	.globl fix_put4
fix_put4:
	mov %ecx, (%rdi)
	xor %eax, %eax
	ret
	.globl put8
put8:
	mov (%rsi), %rcx
	.globl fix_put8
fix_put8:
	mov %rcx, (%rdi)
	xor %eax, %eax
	ret

// long cmpxchg4(addr, old, new): the word before, or -14.
	.globl cmpxchg4
cmpxchg4:
	mov %esi, %eax
	.globl fix_cmpxchg
fix_cmpxchg:
	lock cmpxchg %edx, (%rdi)
	mov %eax, %eax
	ret
	.globl fixed_efault
fixed_efault:
	mov $-14, %rax
	ret

// unsigned long stamp(void): the time-stamp counter; 0 where the application has
// given up its right to read it (PR_SET_TSC).
	.globl stamp
stamp:
	.globl fix_stamp
fix_stamp:
	rdtsc
	shl $32, %rdx
	or %rdx, %rax
	ret
	.globl fixed_stamp
fixed_stamp:
	xor %eax, %eax
	ret

// unsigned long segments(void): ds, es, fs and gs, from the lowest bits up.
	.globl segments
segments:
	mov %gs, %eax
	shl $16, %rax
	mov %fs, %ecx
	or %rcx, %rax
	shl $16, %rax
	mov %es, %ecx
	or %rcx, %rax
	shl $16, %rax
	mov %ds, %ecx
	or %rcx, %rax
	ret

// A selector that the processor refuses becomes the null one.
	.globl set_ds
set_ds:
	.globl fix_ds
fix_ds:
	mov %edi, %ds
	ret
	.globl set_es
set_es:
	.globl fix_es
fix_es:
	mov %edi, %es
	ret
	.globl set_fs
set_fs:
	.globl fix_fs
fix_fs:
	mov %edi, %fs
	ret
	.globl set_gs
set_gs:
	.globl fix_gs
fix_gs:
	mov %edi, %gs
	ret
	.globl set_fs_base
set_fs_base:
	wrfsbase %rdi
	ret
	.globl set_gs_base
set_gs_base:
	wrgsbase %rdi
	ret
	.globl fixed_fs
fixed_fs:
	xor %edi, %edi
	jmp set_fs
	.globl fixed_gs
fixed_gs:
	xor %edi, %edi
	jmp set_gs
	.globl fixed_ds
fixed_ds:
	xor %edi, %edi
	jmp set_ds
	.globl fixed_es
fixed_es:
	xor %edi, %edi
	jmp set_es

	.globl _start
_start:
	// The private stacks are not there yet: map them on the host's stack.
	and $-16, %rsp
	call zygote_map
	mov $(PrivBase + FastStackSize), %rax
	mov %rax, %rsp
	call zygote_main
	jmp full_trap

	.section .note.GNU-stack, "", @progbits
