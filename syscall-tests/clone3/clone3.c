// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// clone3: sizes and dirty tails of its struct, what only it can do (clear handlers, choose pids), and what it refuses.
#include "../harness/networks.h"
#include "../harness/signals.h"

#include <linux/sched.h>

struct args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal, stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};

static const char *try(void *a, size_t size) {
	long r = syscall(SYS_clone3, a, size);
	if (r == 0)
		_exit(7);
	return r < 0 ? errno_name(errno) : status_text(wait_for((pid_t)r));
}

CASE(sizes) {
	static const size_t sizes[] = {0, 8, 63, 64, 72, 79, 80, 88, 96, 4096, 4097};
	static uint64_t buf[1024];
	for (int i = 0; i < 11; i++) {
		memset(buf, 0, sizeof buf);
		buf[4] = SIGCHLD;
		OBSERVE(name("size %zu", sizes[i]), "%s", try(buf, sizes[i]));
	}
	buf[11] = 1;
	OBSERVE("dirty tail", "%s", try(buf, 96));
	CHECK_ERR(syscall(SYS_clone3, buf, 96), E2BIG);
	CHECK_ERR(syscall(SYS_clone3, buf, 63), EINVAL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE(b->name, "%s", try(b->p, 64));
	struct args a = {.exit_signal = SIGCHLD};
	OBSERVE("straddling", "%s", try((char *)guard_copy(&a, 64) + 8, 64));
	OBSERVE("at the end", "%s", try(guard_copy(&a, 64), 64));
}

CASE(flag_bits) {
	for (int bit = 0; bit < 64; bit++) {
		// Those that make threads, namespaces, or share the stack are tried elsewhere.
		if ((1ULL << bit) & (CLONE_VM | CLONE_VFORK | CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME | CLONE_SETTLS | CLONE_PARENT))
			continue;
		if (bit > 33 && bit < 62)
			continue; // not yet anything on every kernel
		int fd;
		pid_t tid;
		struct args a = {.flags = 1ULL << bit, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&fd, .parent_tid = (uintptr_t)&tid, .child_tid = (uintptr_t)&tid, .cgroup = 999};
		OBSERVE(name("bit %d", bit), "%s", try(&a, sizeof a));
	}
}

CASE(exit_signal) {
	static const uint64_t sigs[] = {0, SIGCHLD, 64, 65, 255, 256, 1ULL << 32, SIGCHLD | 1ULL << 32};
	for (int i = 0; i < 8; i++) {
		struct args a = {.exit_signal = sigs[i]};
		if (sigs[i] != 64)
			OBSERVE(name("signal %#llx", (unsigned long long)sigs[i]), "%s", try(&a, sizeof a));
	}
	struct args a = {.flags = CLONE_PARENT, .exit_signal = SIGCHLD};
	OBSERVE("with PARENT", "%s", try(&a, sizeof a));
	a = (struct args){.flags = CLONE_THREAD | CLONE_SIGHAND | CLONE_VM, .exit_signal = SIGCHLD};
	OBSERVE("with THREAD", "%s", try(&a, sizeof a));
}

CASE(stack_arguments) {
	struct args a = {.exit_signal = SIGCHLD, .stack = 0, .stack_size = 4096};
	OBSERVE("size without stack", "%s", try(&a, sizeof a));
	a = (struct args){.exit_signal = SIGCHLD, .stack = (uintptr_t)writable_page(), .stack_size = 0};
	OBSERVE("stack without size", "%s", try(&a, sizeof a));
	a = (struct args){.exit_signal = SIGCHLD, .stack = 0xffff888000000000, .stack_size = 4096};
	OBSERVE("stack in the kernel half", "%s", try(&a, sizeof a));
	CHECK_ERR(syscall(SYS_clone3, &(struct args){.exit_signal = SIGCHLD, .stack_size = 1}, sizeof a), EINVAL);
	// A stack may end where addresses do. Its child finds nothing there.
	const uint64_t top = 0x7ffffffff000;
	for (int more = 0; more < 2; more++) {
		a = (struct args){.exit_signal = SIGCHLD, .stack = top - 4096, .stack_size = 4096 + more};
		long pid = syscall(SYS_clone3, &a, sizeof a);
		int st = 0;
		OBSERVE(name("%d beyond the end", more), "%s", pid < 0 ? errno_name(errno) : waitpid(pid, &st, 0) == pid && WIFSIGNALED(st) ? "ok, and killed" : "ok");
	}
}

CASE(clear_sighand) {
	log_on(SIGUSR1, 0, 0);
	ksigaction(SIGUSR2, &(struct ksigaction){SIG_IGN}, NULL);
	struct args a = {.flags = CLONE_CLEAR_SIGHAND, .exit_signal = SIGCHLD};
	long r = syscall(SYS_clone3, &a, sizeof a);
	REQUIRE(r >= 0);
	if (r == 0) {
		struct ksigaction one, two;
		ksigaction(SIGUSR1, NULL, &one);
		ksigaction(SIGUSR2, NULL, &two);
		OBSERVE("child", "%s %s", one.handler == SIG_DFL ? "default" : "kept", two.handler == SIG_IGN ? "ignored" : "default");
		_exit(0);
	}
	wait_for((pid_t)r);
	a.flags |= CLONE_SIGHAND | CLONE_VM;
	OBSERVE("with SIGHAND", "%s", try(&a, sizeof a));
}

CASE(set_tid) {
	pid_t want[2] = {1, 1};
	struct args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)want, .set_tid_size = 1};
	OBSERVE("taken", "%s", try(&a, sizeof a));
	want[0] = 0;
	OBSERVE("zero", "%s", try(&a, sizeof a));
	want[0] = -1;
	OBSERVE("negative", "%s", try(&a, sizeof a));
	want[0] = INT32_MAX;
	OBSERVE("too large", "%s", try(&a, sizeof a));
	a.set_tid_size = 33;
	OBSERVE("too many levels", "%s", try(&a, sizeof a));
	a.set_tid = (uintptr_t)bad_ptr();
	OBSERVE("too many levels at nowhere", "%s", try(&a, sizeof a));
	a.set_tid_size = 32;
	OBSERVE("as many as there can be, at nowhere", "%s", try(&a, sizeof a));
	a.set_tid_size = 0;
	OBSERVE("pointer without size", "%s", try(&a, sizeof a));
	a = (struct args){.exit_signal = SIGCHLD, .set_tid_size = 1};
	OBSERVE("size without pointer", "%s", try(&a, sizeof a));
	a.set_tid = (uintptr_t)bad_ptr();
	OBSERVE("bad pointer", "%s", try(&a, sizeof a));
}

// In a new namespace the first number is asked for first; only init may have 1, and nobody comes before it.
CASE(set_tid_in_namespaces, "root cap:21") {
	static const struct {
		const char *name;
		pid_t want[3];
		int n;
	} tries[] = {{"1", {1}, 1}, {"2 before 1", {2}, 1}, {"1, and 1 outside", {1, 1}, 2}, {"1, and a free one outside", {1, 3999999}, 2}, {"0", {0}, 1}};
	for (int i = 0; i < 5; i++) {
		pid_t want[3];
		memcpy(want, tries[i].want, sizeof want);
		struct args a = {.flags = CLONE_NEWPID, .exit_signal = SIGCHLD, .set_tid = (uintptr_t)want, .set_tid_size = (uint64_t)tries[i].n};
		OBSERVE(tries[i].name, "%s", try(&a, sizeof a));
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(unshare(CLONE_NEWPID));
		pid_t want = 1;
		struct args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&want, .set_tid_size = 1};
		struct gate go = gate_open();
		pid_t init = (pid_t)REQUIRE_OK(syscall(SYS_clone3, &a, sizeof a));
		if (init == 0) {
			gate_wait(&go);
			_exit(0);
		}
		OBSERVE("1 again", "%s", try(&a, sizeof a));
		want = 77;
		pid_t third = (pid_t)REQUIRE_OK(syscall(SYS_clone3, &a, sizeof a));
		if (third == 0)
			_exit(getpid());
		OBSERVE_STATUS("77", wait_for(third));
		gate_signal(&go);
		OBSERVE_STATUS("init", wait_for(init));
		want = 78;
		OBSERVE("after init's end", "%s", try(&a, sizeof a));
	}
	IN_CHILD(NULL) {
		become_nobody();
		pid_t want = 3999997;
		struct args a = {.exit_signal = SIGCHLD, .set_tid = (uintptr_t)&want, .set_tid_size = 1};
		OBSERVE("without privilege", "%s", try(&a, sizeof a));
		a.flags = CLONE_NEWUSER | CLONE_NEWPID;
		want = 1;
		OBSERVE("in a user namespace of its own", "%s", try(&a, sizeof a));
	}
}

CASE(all_pointers) {
	int fd = -1;
	pid_t *tids = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct args a = {.flags = CLONE_PIDFD | CLONE_PARENT_SETTID | CLONE_CHILD_SETTID, .exit_signal = SIGCHLD, .pidfd = (uintptr_t)&fd,
			 .parent_tid = (uintptr_t)&tids[0], .child_tid = (uintptr_t)&tids[1]};
	long r = syscall(SYS_clone3, &a, sizeof a);
	REQUIRE(r >= 0);
	if (r == 0)
		_exit(tids[1] == getpid() ? 0 : 1);
	CHECK_EQ(tids[0], r);
	OBSERVE("pidfd", "%d", fd >= 0);
	OBSERVE_STATUS("child", wait_for((pid_t)r));
	CHECK_EQ(tids[1], r);
}

CASE(network_namespace, "root cap:21") {
	static const uint64_t flags[] = {CLONE_NEWNET, CLONE_NEWNET | CLONE_NEWUSER, CLONE_NEWNET | CLONE_VFORK, CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWUTS};
	struct namespaces mine = namespaces_of(getpid());
	for (int nobody = 0; nobody < 2; nobody++)
		for (size_t i = 0; i < COUNT(flags); i++)
			IN_CHILD(NULL) {
				char who[48];
				snprintf(who, sizeof who, "%s, %#lx", nobody ? "nobody" : "root", (unsigned long)flags[i]);
				if (nobody)
					become_dumpable_nobody();
				struct args a = {.flags = flags[i], .exit_signal = SIGCHLD};
				long pid = syscall(SYS_clone3, &a, sizeof a);
				if (pid == 0) {
					OBSERVE(name("%s: changed", who), "%s", ns_changed(mine));
					OBSERVE(name("%s: lo", who), "%#lx", device_flags("lo"));
					OBSERVE_RET(name("%s: up", who), device_up("lo"));
					_exit(0);
				}
				OBSERVE_RET(name("%s: ret", who), pid < 0 ? pid : 0);
				if (pid > 0)
					OBSERVE_STATUS(name("%s: end", who), wait_for((pid_t)pid));
				CHECK_STR(ns_changed(mine), "none");
			}
}
