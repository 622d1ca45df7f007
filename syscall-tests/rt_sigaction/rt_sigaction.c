// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// rt_sigaction: which arguments does it take, what does it give back, and what does each flag and mask do to a
// delivery? The siginfo of every source and fault is observed here too.
#include "../harness/signals.h"

#include <setjmp.h>
#include <sys/prctl.h>

CASE(signal_numbers) {
	static const int sigs[] = {0, -1, 1, 31, 32, 34, 64, 65, 1 << 30, SIGKILL, SIGSTOP};
	struct ksigaction ign = {SIG_IGN}, old;
	for (unsigned i = 0; i < sizeof sigs / sizeof *sigs; i++) {
		OBSERVE_RET(name("get %d", sigs[i]), ksigaction(sigs[i], NULL, &old));
		OBSERVE_RET(name("set %d", sigs[i]), ksigaction(sigs[i], &ign, NULL));
	}
	CHECK_ERR(ksigaction(SIGKILL, &ign, NULL), EINVAL);
	CHECK_ERR(ksigaction(SIGSTOP, &ign, NULL), EINVAL);
	CHECK_ERR(ksigaction(0, NULL, NULL), EINVAL);
}

CASE(set_size) {
	static const long sizes[] = {0, 4, 7, 9, 16, 128, -1, (1L << 32) + 8};
	struct ksigaction old;
	for (unsigned i = 0; i < sizeof sizes / sizeof *sizes; i++)
		OBSERVE_RET(name("size %ld", sizes[i]), syscall(SYS_rt_sigaction, SIGUSR1, NULL, &old, sizes[i]));
	OBSERVE_RET("bad size and bad signal", syscall(SYS_rt_sigaction, 0, bad_ptr(), NULL, 4));
}

CASE(bad_memory) {
	struct ksigaction ign = {SIG_IGN}, old;
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("new %s", b->name), ksigaction(SIGUSR1, b->p, NULL));
		OBSERVE_RET(name("old %s", b->name), ksigaction(SIGUSR1, NULL, b->p));
	}
	OBSERVE_RET("new straddles", ksigaction(SIGUSR1, (void *)((char *)guard_copy(&ign, sizeof ign) + 8), NULL));
	OBSERVE_RET("new at the end", ksigaction(SIGUSR1, guard_copy(&ign, sizeof ign), NULL));
	OBSERVE_RET("old readonly", ksigaction(SIGUSR1, NULL, readonly_page()));
	// The new action is in force although the old one could not be told.
	ign.handler = SIG_DFL;
	CHECK_ERR(ksigaction(SIGUSR1, &ign, bad_ptr()), EFAULT);
	CHECK_OK(ksigaction(SIGUSR1, NULL, &old));
	OBSERVE("after a bad old", "%s", old.handler == SIG_IGN ? "ignored" : "default");
	OBSERVE_RET("bad new and bad signal", ksigaction(65, bad_ptr(), NULL));
}

CASE(gives_back_what_was_set) {
	struct ksigaction a, old;
	for (int bit = 0; bit < 64; bit++) {
		a = (struct ksigaction){log_signal, 1UL << bit, (void *)0x1234, 0};
		REQUIRE_OK(ksigaction(SIGUSR1, &a, NULL));
		REQUIRE_OK(ksigaction(SIGUSR1, NULL, &old));
		OBSERVE(name("flag bit %d", bit), "%#lx", old.flags);
	}
	a = (struct ksigaction){log_signal, SA_RESTORER, (void *)0x1234, ~0ULL};
	REQUIRE_OK(ksigaction(SIGUSR1, &a, &old));
	REQUIRE_OK(ksigaction(SIGUSR1, NULL, &old));
	OBSERVE("mask", "%#llx", (unsigned long long)old.mask);
	OBSERVE("handler and restorer kept", "%d %d", old.handler == (void *)log_signal, old.restorer == (void *)0x1234);
	CHECK_EQ(old.mask, ~(BIT(SIGKILL) | BIT(SIGSTOP)));
}

CASE(mask_within_the_handler) {
	kmask(SIG_SETMASK, BIT(SIGHUP));
	log_on(SIGUSR1, 0, BIT(SIGUSR2) | BIT(SIGKILL));
	log_on(SIGTERM, SA_NODEFER, BIT(SIGINT));
	log_on(SIGALRM, SA_NODEFER, BIT(SIGALRM));
	log_on(SIGIO, SA_RESETHAND, 0);
	raise(SIGUSR1);
	raise(SIGTERM);
	raise(SIGALRM);
	raise(SIGIO);
	REQUIRE(sig_logged == 4);
	OBSERVE("plain", "%s", set_text(sig_log_mask[0]));
	OBSERVE("nodefer", "%s", set_text(sig_log_mask[1]));
	OBSERVE("nodefer, masked by itself", "%s", set_text(sig_log_mask[2]));
	OBSERVE("resethand", "%s", set_text(sig_log_mask[3]));
	OBSERVE("after all", "%s", set_text(kmask_now()));
}

static volatile int depth, deepest, runs;

static void nest(int sig, siginfo_t *info, void *ctx) {
	(void)info, (void)ctx;
	if (++depth > deepest)
		deepest = depth;
	if (++runs < 4)
		syscall(SYS_tgkill, getpid(), tid_self(), sig);
	depth--;
}

CASE(nodefer_nests) {
	handle_with(SIGUSR1, nest, 0, 0);
	raise(SIGUSR1);
	OBSERVE("deferred", "runs %d depth %d", runs, deepest);
	runs = deepest = 0;
	handle_with(SIGUSR1, nest, SA_NODEFER, 0);
	raise(SIGUSR1);
	OBSERVE("nodefer", "runs %d depth %d", runs, deepest);
}

CASE(resethand_restores_the_default) {
	int st;
	struct ksigaction old;
	log_on(SIGUSR1, SA_RESETHAND | SA_RESTART, BIT(SIGHUP));
	raise(SIGUSR1);
	REQUIRE_OK(ksigaction(SIGUSR1, NULL, &old));
	OBSERVE("after", "default %d flags %#lx mask %s", old.handler == SIG_DFL, old.flags, set_text(old.mask));
	IN_CHILD(&st) raise(SIGUSR1);
	OBSERVE_STATUS("the second", st);
}

CASE(ignoring_discards_what_is_pending) {
	struct ksigaction ign = {SIG_IGN}, dfl = {SIG_DFL};
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGCHLD) | BIT(34));
	log_on(SIGUSR1, 0, 0);
	log_on(SIGCHLD, 0, 0);
	raise(SIGUSR1);
	kill(getpid(), SIGCHLD);
	queue(getpid(), 34, 1);
	queue(getpid(), 34, 2);
	OBSERVE("before", "%s", set_text(kpending()));
	ksigaction(SIGUSR1, &ign, NULL);
	ksigaction(SIGCHLD, &dfl, NULL);
	ksigaction(34, &ign, NULL);
	OBSERVE("after", "%s", set_text(kpending()));
	raise(SIGUSR1);
	OBSERVE("ignored but blocked", "%s", set_text(kpending()));
}

CASE(without_a_restorer) {
	int st;
	IN_CHILD(&st) {
		struct ksigaction sa = {log_signal, SA_SIGINFO, NULL, 0};
		REQUIRE_OK(ksigaction(SIGUSR1, &sa, NULL));
		syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	}
	OBSERVE_STATUS("child", st);
}

CASE(handler_at_a_bad_address) {
	int st;
	IN_CHILD(&st) {
		handle_with(SIGUSR1, bad_ptr(), 0, 0);
		syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	}
	OBSERVE_STATUS("child", st);
}

CASE(siginfo_by_source) {
	log_on(SIGUSR1, 0, 0);
	log_on(35, 0, 0);
	log_on(SIGPIPE, 0, 0);
	kill(getpid(), SIGUSR1);
	syscall(SYS_tkill, tid_self(), SIGUSR1);
	syscall(SYS_tgkill, getpid(), tid_self(), 35);
	queue(getpid(), 35, 77);
	int fds[2];
	REQUIRE_OK(pipe(fds));
	close(fds[0]);
	OBSERVE_RET("write", write(fds[1], "x", 1));
	pid_t child = harness_fork();
	if (child == 0) {
		kill(getppid(), SIGUSR1);
		_exit(0);
	}
	wait_for(child);
	for (int i = 0; i < sig_logged; i++)
		OBSERVE(name("%d", i), "%s", info_text(&sig_log[i], child));
}

CASE(sigchld_codes) {
	pid_t child;
	siginfo_t *i;
	uint64_t chld = BIT(SIGCHLD);
	kmask(SIG_SETMASK, chld);
	static const struct {
		const char *name;
		int sig, code;
	} ends[] = {{"exit 3", 0, 3}, {"exit 259", 0, 259}, {"SIGTERM", SIGTERM, 0}, {"SIGSEGV", SIGSEGV, 0}, {"SIGRTMIN", 34, 0}};
	siginfo_t info;
	i = &info;
	for (unsigned k = 0; k < sizeof ends / sizeof *ends; k++) {
		child = harness_fork();
		if (child == 0) {
			kmask(SIG_SETMASK, 0);
			if (ends[k].sig)
				kill(getpid(), ends[k].sig);
			syscall(SYS_exit_group, ends[k].code);
		}
		REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, i, NULL, 8));
		OBSERVE(ends[k].name, "%s", info_text(i, child));
		wait_for(child);
	}
	child = sleeper();
	kill(child, SIGSTOP);
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, i, NULL, 8));
	OBSERVE("stopped", "%s", info_text(i, child));
	kill(child, SIGCONT);
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, i, NULL, 8));
	OBSERVE("continued", "%s", info_text(i, child));
	kill(child, SIGKILL);
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &chld, i, NULL, 8));
	OBSERVE("killed", "%s", info_text(i, child));
	wait_for(child);
}

CASE(nocldstop) {
	log_on(SIGCHLD, SA_NOCLDSTOP | SA_RESTART, 0);
	pid_t child = sleeper();
	int st;
	kill(child, SIGSTOP);
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	OBSERVE_STATUS("stop is waited for", st);
	kill(child, SIGCONT);
	REQUIRE_OK(waitpid(child, &st, WCONTINUED));
	OBSERVE("before the end", "%s", log_text());
	end_child(child);
	OBSERVE("after the end", "%s", log_text());
}

static void no_zombies(const char *what, void *handler, unsigned long flags) {
	struct ksigaction sa = {handler, flags | SA_RESTORER | SA_SIGINFO, sig_restorer, 0};
	int st = -2;
	sig_logged = 0;
	REQUIRE_OK(ksigaction(SIGCHLD, &sa, NULL));
	pid_t child = harness_fork();
	if (child == 0)
		_exit(4);
	long r;
	do
		r = waitpid(child, &st, 0);
	while (r < 0 && errno == EINTR);
	OBSERVE(name("%s wait", what), "%s", r == child ? status_text(st) : errno_name(errno));
	OBSERVE(name("%s signals", what), "%s", log_text());
}

CASE(nocldwait_leaves_no_zombie) {
	no_zombies("nocldwait with handler", log_signal, SA_NOCLDWAIT);
	no_zombies("ignored", SIG_IGN, 0);
	no_zombies("nocldwait with default", SIG_DFL, SA_NOCLDWAIT);
	no_zombies("default", SIG_DFL, 0);
}

CASE(restart) {
	int fds[2];
	char c;
	REQUIRE_OK(pipe(fds));
	log_on(SIGUSR1, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("read", read(fds[0], &c, 1));
	CHECK(interrupt_done(&it));
	log_on(SIGUSR1, SA_RESTART, 0);
	pid_t me = getpid(), child = harness_fork();
	if (child == 0) {
		if (!wait_blocked(me, me))
			_exit(1);
		kill(me, SIGUSR1);
		// The handler has run when the reader sleeps again: its count says so to the reader.
		if (!wait_blocked(me, me))
			_exit(2);
		_exit(write(fds[1], "y", 1) == 1 ? 0 : 3);
	}
	OBSERVE_RET("read restarted", read(fds[0], &c, 1));
	OBSERVE_STATUS("sender", wait_for(child));
	OBSERVE("handled", "%s", log_text());
}

CASE(kept_over_fork_and_threads) {
	struct ksigaction old;
	log_on(SIGUSR1, SA_NODEFER, BIT(SIGHUP));
	IN_CHILD(NULL) {
		REQUIRE_OK(ksigaction(SIGUSR1, NULL, &old));
		OBSERVE("child", "%d %#lx %s", old.handler == (void *)log_signal, old.flags, set_text(old.mask));
		ksigaction(SIGUSR1, &(struct ksigaction){SIG_IGN}, NULL);
	}
	REQUIRE_OK(ksigaction(SIGUSR1, NULL, &old));
	OBSERVE("parent untouched", "%d", old.handler == (void *)log_signal);
}

CASE(reset_by_exec) {
	kmask(SIG_SETMASK, BIT(SIGHUP) | BIT(40));
	log_on(SIGUSR1, 0, 0);
	log_on(41, 0, 0);
	ksigaction(SIGUSR2, &(struct ksigaction){SIG_IGN}, NULL);
	raise(SIGHUP);
	int fds[2];
	REQUIRE_OK(pipe(fds));
	pid_t child = harness_fork();
	if (child == 0) {
		raise(SIGHUP);
		dup2(fds[1], 1);
		execl("/bin/cat", "cat", "/proc/self/status", NULL);
		_exit(127);
	}
	close(fds[1]);
	FILE *f = fdopen(fds[0], "r");
	char line[256];
	while (fgets(line, sizeof line, f))
		if (strstr(line, "Sig") == line || strstr(line, "ShdPnd") == line) {
			char *tab = strchr(line, '\t');
			*tab = 0;
			line[strcspn(line, "\n")] = 0;
			if (strcmp(line, "SigQ:") != 0) {
				tab[1 + strcspn(tab + 1, "\n")] = 0;
				OBSERVE(line, "%s", tab + 1);
			}
		}
	OBSERVE_STATUS("cat", wait_for(child));
}
