// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What a C test case is written with: CASE, the checks, the observations, and helpers for what syscall tests need
// again and again (bad pointers, children, gates, threads, interruption). README.md shows how to use them.
#ifndef DITTO_HARNESS_H
#define DITTO_HARNESS_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

// --- Cases -----------------------------------------------------------------------------------------------------

struct harness_case {
	const char *file, *name, *needs;
	void (*run)(void);
	struct harness_case *next;
};
void harness_add(struct harness_case *c);

// CASE(name) { body }, or CASE(name, "root kernel>=6.6") { body }: one case of the syscall that the file is named
// after. The needs are words; README.md lists them.
#define CASE(ident, ...)                                                                                              \
	static void case_##ident(void);                                                                               \
	static struct harness_case reg_##ident = {                                                                    \
		.file = __FILE__, .name = #ident, .needs = "" __VA_ARGS__, .run = case_##ident};                      \
	__attribute__((constructor)) static void add_##ident(void) { harness_add(&reg_##ident); }                     \
	static void case_##ident(void)

// --- Checks: what must hold on any Linux -------------------------------------------------------------------------

// A failed check is recorded, and the case goes on; a failed REQUIRE ends the case. All of them may be used in every
// process and thread of the case.
void harness_fail(const char *file, int line, const char *fmt, ...) __attribute__((format(printf, 3, 4)));
bool harness_eq(const char *file, int line, const char *what, long long got, long long want);
bool harness_streq(const char *file, int line, const char *what, const char *got, const char *want);
bool harness_err(const char *file, int line, const char *what, long long got, int got_errno, int want_errno);
bool harness_ok(const char *file, int line, const char *what, long long got, int got_errno);
_Noreturn void harness_end(void);

#define CHECK(cond) ((cond) ? true : (harness_fail(__FILE__, __LINE__, "%s", #cond), false))
#define CHECK_EQ(got, want) harness_eq(__FILE__, __LINE__, #got, (long long)(got), (long long)(want))
#define CHECK_STR(got, want) harness_streq(__FILE__, __LINE__, #got, got, want)
// CHECK_ERR(call, EINVAL): the call must return -1 with that errno.
#define CHECK_ERR(call, want)                                                                                         \
	({                                                                                                            \
		errno = 0;                                                                                            \
		long long r_ = (long long)(call);                                                                     \
		harness_err(__FILE__, __LINE__, #call, r_, errno, want);                                              \
	})
// CHECK_OK(call): the call must not return -1; the value is the call's result.
#define CHECK_OK(call)                                                                                                \
	({                                                                                                            \
		errno = 0;                                                                                            \
		long long r_ = (long long)(call);                                                                     \
		harness_ok(__FILE__, __LINE__, #call, r_, errno);                                                     \
		r_;                                                                                                   \
	})
#define REQUIRE(cond) ((cond) ? (void)0 : (harness_fail(__FILE__, __LINE__, "required: %s (%s)", #cond, errno_name(errno)), harness_end()))
// REQUIRE_OK(call): set-up that must work, or the case ends here; the value is the call's result.
#define REQUIRE_OK(call)                                                                                              \
	({                                                                                                            \
		errno = 0;                                                                                            \
		long long r_ = (long long)(call);                                                                     \
		if (!harness_ok(__FILE__, __LINE__, #call, r_, errno))                                                \
			harness_end();                                                                                \
		r_;                                                                                                   \
	})
// SKIP: the running system turns out to lack something that no need can express. Say what.
_Noreturn void SKIP(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

// --- Observations: what the case saw, compared between native Linux and the sandbox --------------------------------

// Names are unique within a case; values must be the same in every native run. name() builds a name in a loop.
void OBSERVE(const char *name, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
const char *name(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void harness_observe_ret(const char *name, long long r, int err, bool show);
void OBSERVE_STATUS(const char *name, int wait_status); // "exit 3", "signal SIGSEGV", "stopped SIGSTOP", "continued"
void OBSERVE_BYTES(const char *name, const void *p, size_t n); // in hex

// OBSERVE_RET("name", call): records "0", "5", "-1 ENOENT"; the value is the call's result.
#define OBSERVE_RET(n, call)                                                                                          \
	({                                                                                                            \
		errno = 0;                                                                                            \
		long long r_ = (long long)(call);                                                                     \
		int e_ = errno;                                                                                       \
		harness_observe_ret(n, r_, e_, true);                                                                 \
		errno = e_;                                                                                           \
		r_;                                                                                                   \
	})
// OBSERVE_OK("name", call): the same for results that vary (pids, addresses): "ok" or "-1 ENOENT".
#define OBSERVE_OK(n, call)                                                                                           \
	({                                                                                                            \
		errno = 0;                                                                                            \
		long long r_ = (long long)(call);                                                                     \
		int e_ = errno;                                                                                       \
		harness_observe_ret(n, r_, e_, false);                                                                \
		errno = e_;                                                                                           \
		r_;                                                                                                   \
	})

// --- Names and normal forms ------------------------------------------------------------------------------------------

const char *errno_name(int e); // "ENOENT", "0"
const char *sig_name(int sig); // "SIGUSR1", "SIGRTMIN+2" (counted from the kernel's 32: "SIG34")
const char *status_text(int wait_status);
const char *pid_name(pid_t pid); // "self", "parent", "case", "0", "-1", "other": a pid as it looks from the caller
const char *addr_name(const void *p, const void *base); // "NULL", "base+0x10", "elsewhere"

// --- Bad pointers ------------------------------------------------------------------------------------------------------

size_t page_size(void);
// A buffer of size bytes whose end is the end of the mapped world: the next byte faults. Zeroed.
void *guard_end(size_t size);
// The same after copying size bytes of src into it.
void *guard_copy(const void *src, size_t size);
// A page of its own that can be read and not written (filled with zeros), and one that can be written.
void *readonly_page(void);
void *writable_page(void);

struct bad_pointer {
	const char *name;
	void *p;
};
// Pointers that no syscall can read or write: low, unmapped, PROT_NONE, non-canonical, kernel half, minus one. Ends
// with a NULL name. None of them is NULL, which many calls allow.
const struct bad_pointer *bad_pointers(void);
void *bad_ptr(void); // the unmapped one

// --- Processes -----------------------------------------------------------------------------------------------------------

pid_t harness_fork(void); // fork that must succeed
int wait_for(pid_t pid);  // waits until it ends; the wait status
// IN_CHILD(&status) { body }: the body in a forked child, waited for. The child ends with exit code 0 at the closing
// brace. status may be NULL: then the child must exit with 0.
#define IN_CHILD(st)                                                                                                  \
	for (pid_t c_ = harness_fork(), once_ = 1; once_; once_ = harness_child_end(__FILE__, __LINE__, c_, st))      \
		if (c_ == 0)
int harness_child_end(const char *file, int line, pid_t child, int *status);
// Drops every uid, gid, supplementary group and capability (root becomes 65534), for EPERM and EACCES cases. Use it in a child.
void become_nobody(void);

// A gate lets one process or thread wait for another: open before fork, then gate_wait on one side, gate_signal on
// the other. A gate passes as many waits as it got signals.
struct gate {
	int r, w;
};
struct gate gate_open(void);
void gate_signal(struct gate *g);
void gate_wait(struct gate *g);
void gate_close(struct gate *g);

// --- Threads ---------------------------------------------------------------------------------------------------------------

pid_t tid_self(void);
pthread_t thread_start(void *(*fn)(void *), void *arg);
void *thread_join(pthread_t t);

// --- Blocking and interruption ------------------------------------------------------------------------------------------------

// Waits until thread tid of process pid sleeps in the kernel (state S or D in /proc). False if it did not within 5 s.
bool wait_blocked(pid_t pid, pid_t tid);

// interrupt_me(sig): a helper process sends sig to the calling thread as soon as it is blocked.
//	struct interrupter it = interrupt_me(SIGUSR1);
//	OBSERVE_RET("read", read(fd, buf, 1));
//	interrupt_done(&it);
struct interrupter {
	pid_t helper;
	int sent; // readable once the signal is on its way
};
struct interrupter interrupt_me(int sig);
// Ends the helper; true if it sent the signal, false if the call did not block.
bool interrupt_done(struct interrupter *it);

// --- Signals --------------------------------------------------------------------------------------------------------------------

extern volatile sig_atomic_t sig_count[65]; // deliveries per signal, for handlers installed by sig_catch
extern volatile siginfo_t sig_info[65];     // of the last delivery
void sig_catch(int sig, int sa_flags);      // SA_SIGINFO is added
void sig_block(int sig);
void sig_unblock(int sig);
bool sig_pending(int sig);

// --- Files ------------------------------------------------------------------------------------------------------------------------

// The case's working directory is a fresh, empty directory that is removed afterwards.
int make_file(const char *path, const char *content); // created with mode 0644 whatever the umask; an O_RDWR descriptor
const char *read_file(const char *path);              // the content (at most 64 KiB) in a static buffer, NULL if it can't be read

#endif
