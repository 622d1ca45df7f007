// SPDX-License-Identifier: Apache-2.0
// What the stub's C files share: numbers of the host's ABI, and what entry.S has.
#ifndef STUB_H
#define STUB_H

#include "layout_gen.h"

typedef unsigned long u64;
typedef unsigned int u32;
typedef unsigned short u16;

#define SYS_mmap 9
#define SYS_mprotect 10
#define SYS_munmap 11
#define SYS_rt_sigaction 13
#define SYS_rt_sigprocmask 14
#define SYS_sched_yield 24
#define SYS_close 3
#define SYS_recvmsg 47
#define SYS_clone 56
#define SYS_exit 60
#define SYS_capset 126
#define SYS_sigaltstack 131
#define SYS_prctl 157
#define SYS_arch_prctl 158
#define SYS_futex 202
#define SYS_clock_gettime 228
#define SYS_exit_group 231
#define SYS_futex_waitv 449
#define SYS_futex_wake 454
#define SYS_futex_wait 455
#define SYS_futex_requeue 456

#define EINTR 4
#define ENOSYS 38
#define ETIMEDOUT 110
#define SIGCHLD 17
#define SIGKICK 63
#define ARCH_SET_GS 0x1001
#define THREAD_FLAGS (0x100 | 0x200 | 0x400 | 0x800 | 0x10000 | 0x40000 | 0x200000)
#define FORK_FLAGS (0x8000 | 0x200000 | SIGCHLD)

extern long host(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f);
extern long host_wait(long nr, u64 a, u64 b, u64 c, u64 d, u64 e, u64 f, u32 *pending);
extern long clone_thread(u64 flags, u64 stack, void *tid, struct Slot *s);
extern u64 copy_user(void *dst, const void *src, u64 n);
extern long copy_path(void *dst, const void *src, u64 max);
extern long get4(void *dst, const void *src), get8(void *dst, const void *src);
extern long put4(void *dst, const void *src), put8(void *dst, const void *src);
extern long cmpxchg4(void *addr, u32 old, u32 new);
extern u64 stamp(void);
extern u64 segments(void);
extern void set_ds(u32 selector), set_es(u32 selector), set_fs(u32 selector), set_gs(u32 selector);
extern void set_fs_base(u64 base), set_gs_base(u64 base);
extern char stub_header[], stub_text_end[], stub_sigreturn[];
extern char return_check[], return_end[], full_trap_end[], fast_entry[], fast_return[];
extern char wait_check[], wait_end[], wait_abort[];
extern char fix_copy[], fix_path[], fix_get4[], fix_get8[], fix_put4[], fix_put8[], fix_cmpxchg[];
extern char fix_stamp[], fix_ds[], fix_es[], fix_fs[], fix_gs[];
extern char fixed_copy[], fixed_path[], fixed_efault[], fixed_stamp[], fixed_ds[], fixed_es[], fixed_fs[], fixed_gs[];

static inline u32 load(u32 *p) { return __atomic_load_n(p, __ATOMIC_ACQUIRE); }

// futex.c
long futex(struct Slot *s, u32 nr, u64 *a);
int futex_here(struct Slot *s);

#endif
