// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_send_signal: which descriptors, flags and siginfos are taken, and who gets the signal?
#include "../harness/signals.h"

static int open_pid(pid_t pid, unsigned flags) { return (int)REQUIRE_OK(syscall(SYS_pidfd_open, pid, flags)); }
static long send(int fd, int sig, siginfo_t *i, unsigned flags) { return syscall(SYS_pidfd_send_signal, fd, sig, i, flags); }

CASE(arguments) {
	int fd = open_pid(getpid(), 0), file = make_file("f", "");
	OBSERVE_RET("-1", send(-1, 0, NULL, 0));
	OBSERVE_RET("closed", send(99, 0, NULL, 0));
	OBSERVE_RET("file", send(file, 0, NULL, 0));
	OBSERVE_RET("proc directory", send(open("/proc/self", O_RDONLY | O_DIRECTORY), 0, NULL, 0));
	OBSERVE_RET("another directory", send(open("/", O_RDONLY | O_DIRECTORY), 0, NULL, 0));
	OBSERVE_RET("probe", send(fd, 0, NULL, 0));
	OBSERVE_RET("signal 65", send(fd, 65, NULL, 0));
	OBSERVE_RET("signal -1", send(fd, -1, NULL, 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("flag bit %d", bit), send(fd, 0, NULL, 1u << bit));
	for (unsigned f = 3; f < 8; f++)
		OBSERVE_RET(name("flags %u", f), send(fd, 0, NULL, f));
	CHECK_ERR(send(99, 0, NULL, 0), EBADF);
	CHECK_ERR(send(fd, 0, NULL, 8), EINVAL);
}

// From before there were pidfds: a descriptor of /proc/PID.
CASE(proc_directory) {
	static const char *const others[] = {"/proc", "/proc/%d/task", "/proc/%d/task/%d", "/proc/%d/stat"};
	pid_t child = sleeper();
	for (int k = 0; k < 4; k++) {
		int fd = REQUIRE_OK(open(name(others[k], child, child), O_RDONLY));
		OBSERVE_RET(others[k], send(fd, 0, NULL, 0));
	}
	int fd = REQUIRE_OK(open(name("/proc/%d", child), O_RDONLY | O_DIRECTORY)), path = REQUIRE_OK(open(name("/proc/%d", child), O_PATH));
	OBSERVE_RET("O_PATH", send(path, 0, NULL, 0));
	OBSERVE_RET("probe", send(fd, 0, NULL, 0));
	OBSERVE_RET("of the thread", send(fd, 0, NULL, 1));
	OBSERVE_RET("of the process", send(fd, 0, NULL, 2));
	OBSERVE_RET("signal 65", send(fd, 65, NULL, 0));
	CHECK_OK(send(fd, SIGTERM, NULL, 0));
	siginfo_t i;
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("zombie", send(fd, SIGTERM, NULL, 0));
	OBSERVE_STATUS("end", wait_for(child));
	CHECK_ERR(send(fd, 0, NULL, 0), ESRCH);
}

CASE(info) {
	int fd = open_pid(getpid(), 0);
	static const int codes[] = {SI_QUEUE, SI_USER, SI_TKILL, SI_KERNEL, -100};
	siginfo_t got;
	uint64_t set = BIT(SIGUSR1);
	pid_t child = sleeper();
	int cfd = open_pid(child, 0);
	kmask(SIG_SETMASK, ~0ULL);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, send(fd, SIGUSR1, b->p, 0));
	for (int k = 0; k < 5; k++) {
		siginfo_t i = {.si_signo = SIGUSR1, .si_code = codes[k]};
		i.si_pid = 4711;
		i.si_value.sival_int = 6;
		OBSERVE_RET(name("self %d", codes[k]), send(fd, SIGUSR1, &i, 0));
		if (syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8) > 0)
			OBSERVE(name("got %d", codes[k]), "code %d pid %d value %d", got.si_code, got.si_pid, got.si_value.sival_int);
		OBSERVE_RET(name("other %d", codes[k]), send(cfd, 0, &i, 0));
	}
	siginfo_t other = {.si_signo = SIGUSR2, .si_code = SI_QUEUE};
	OBSERVE_RET("another signal in the info", send(fd, SIGUSR1, &other, 0));
	REQUIRE_OK(send(fd, SIGUSR1, NULL, 0));
	REQUIRE_OK(syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8));
	OBSERVE("without info", "%s", info_text(&got, 0));
	end_child(child);
}

CASE(dead_process) {
	pid_t child = sleeper();
	int fd = open_pid(child, 0);
	siginfo_t i;
	CHECK_OK(send(fd, SIGTERM, NULL, 0));
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	OBSERVE_RET("zombie", send(fd, SIGTERM, NULL, 0));
	OBSERVE_STATUS("end", wait_for(child));
	CHECK_ERR(send(fd, 0, NULL, 0), ESRCH);
}

CASE(permission, "root") {
	pid_t child = sleeper();
	int fd = open_pid(child, 0);
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(send(fd, SIGTERM, NULL, 0), EPERM);
		OBSERVE_RET("CONT", send(fd, SIGCONT, NULL, 0));
	}
	end_child(child);
}

CASE(scopes, "kernel>=6.9") {
	siginfo_t got;
	uint64_t set = BIT(SIGUSR1);
	kmask(SIG_SETMASK, ~0ULL);
	int group = open_pid(getpid(), 0), thread = open_pid(tid_self(), O_EXCL);
	for (unsigned f = 0; f < 3; f++) {
		OBSERVE_RET(name("group descriptor, flag %u", f), send(group, SIGUSR1, NULL, f));
		if (syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8) > 0)
			OBSERVE(name("group got %u", f), "%s", info_text(&got, 0));
		OBSERVE_RET(name("thread descriptor, flag %u", f), send(thread, SIGUSR1, NULL, f));
		if (syscall(SYS_rt_sigtimedwait, &set, &got, &(struct timespec){0}, 8) > 0)
			OBSERVE(name("thread got %u", f), "%s", info_text(&got, 0));
	}
	// The process group.
	pid_t a = sleeper(), b = sleeper();
	REQUIRE_OK(setpgid(a, a));
	REQUIRE_OK(setpgid(b, a));
	kmask(SIG_SETMASK, 0);
	OBSERVE_RET("process group", send(open_pid(a, 0), SIGKILL, NULL, 4));
	OBSERVE_STATUS("a", wait_for(a));
	OBSERVE_STATUS("b", wait_for(b));
}
