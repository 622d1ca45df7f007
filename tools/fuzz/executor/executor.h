// SPDX-License-Identifier: Apache-2.0

// What the executor's files share.

#ifndef EXECUTOR_H
#define EXECUTOR_H

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/futex.h>
#include <linux/mount.h>
#include <net/if.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#include "wire.h"

#define NUDGE (SIGRTMIN + 6) // ends a call that blocks; programs leave it alone
#define SLOTS 32
#define MAX_OPS 8192

// Descriptors out of the programs' reach, whose limit is 64. A program has /dev/null for the first three, and not the last three of these.
enum { NULL_FD = 201, PROC_FD, IN_FD, OUT_FD, ERR_FD };

// What the processes of one program share with the server.
struct told {
	uint32_t done; // operations that have ended: the server sees progress by it
	int64_t started;
	uint32_t ready; // the program has begun: it can be nudged
	int server, session, pids, pid[64];
	uint32_t staying; // a futex: children that have come to the end of their part, and wait to be killed
	uint32_t children; // that programs have made
	uint32_t told_pid; // a futex: the child's pid is known, so it may begin
	uint32_t length; // of the text: together they are the answer
	char text[4 << 20];
};

extern struct told *told;
extern struct header program;
extern struct op ops[MAX_OPS];

void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_result(const struct op *o, long ret);
void shadow_all(void);
void observe(const struct op *o, long ret);
extern bool pending; // an asynchronous call may change the arena at any time

void dump_tree(void);
void make_template(void);
void remove_tree(const char *name);

void prepare_programs(void);
void run_program(void);
void forget_threads(void);
void settle(void);
void call_later(const struct op *o);
long call_elsewhere(const struct op *o);
void collect_late(void);
long perform(const struct op *o);
void tell_pid(int pid);
extern volatile sig_atomic_t nudged;
void set_up(int argc, char **argv);
void fresh_directory(void);
bool wants_directory(void);
void drop_capabilities(void);
extern bool throw_away;
extern const char *directory;

static inline long raw(long nr, long a, long b, long c, long d, long e, long f) {
	long ret;
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	__asm__ volatile("syscall" : "=a"(ret) : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8), "r"(r9) : "rcx", "r11", "memory");
	return ret;
}

#endif
