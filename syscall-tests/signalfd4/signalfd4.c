// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// signalfd4: signalfd with flags, and signals read from a descriptor.
#include "../harness/ready.h"
#include "../harness/signals.h"

static int make(int fd, const void *set, size_t size) { return syscall(SYS_signalfd4, fd, set, size, 0); }

static int of(uint64_t set) { return REQUIRE_OK(make(-1, &set, 8)); }

static const char *siginfo_words(const struct signalfd_siginfo *i) {
	return name("%s errno %d code %d pid %s uid %d int %d status %d overrun %d", sig_name(i->ssi_signo), i->ssi_errno, i->ssi_code,
		    pid_name(i->ssi_pid), i->ssi_uid, i->ssi_int, i->ssi_status, i->ssi_overrun);
}

CASE(order_and_contents) {
	struct signalfd_siginfo got[8];
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(40) | BIT(41) | BIT(SIGTERM));
	int fd = of(BIT(SIGUSR1) | BIT(SIGUSR2) | BIT(40) | BIT(41));
	REQUIRE_OK(queue(getpid(), 41, 1));
	REQUIRE_OK(queue(getpid(), 40, 2));
	REQUIRE_OK(queue(getpid(), 40, 3));
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGUSR2);
	kill(getpid(), SIGTERM);
	syscall(SYS_tgkill, getpid(), tid_self(), SIGUSR1);
	memset(got, 0xff, sizeof got);
	long n = OBSERVE_RET("read", read(fd, got, sizeof got));
	for (long i = 0; i < n / 128; i++)
		OBSERVE(name("%ld", i), "%s", siginfo_words(&got[i]));
	if (n >= 128)
		OBSERVE_BYTES("rest of the first", (char *)&got[0] + 100, 28);
	OBSERVE("left pending", "%s", set_text(kpending()));
	OBSERVE("poll", "%s", poll_text(fd));
}

CASE(sizes_of_reads) {
	static char b[512];
	kmask(SIG_SETMASK, BIT(40));
	int fd = of(BIT(40));
	REQUIRE_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	OBSERVE_RET("nothing", read(fd, b, 128));
	for (int i = 0; i < 6; i++)
		REQUIRE_OK(queue(getpid(), 40, i));
	static const int sizes[] = {0, 1, 127, 128, 255, 256, 512};
	for (size_t i = 0; i < COUNT(sizes); i++)
		OBSERVE_RET(name("read %d", sizes[i]), read(fd, b, sizes[i]));
	REQUIRE_OK(queue(getpid(), 40, 1));
	OBSERVE_RET("to a bad pointer", read(fd, bad_ptr(), 128));
	OBSERVE("left pending", "%s", set_text(kpending()));
	OBSERVE_RET("write", write(fd, b, 128));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
}

CASE(mask_is_changed) {
	struct signalfd_siginfo i;
	kmask(SIG_SETMASK, BIT(SIGUSR1) | BIT(SIGUSR2));
	int fd = of(BIT(SIGUSR1)), p[2];
	raise(SIGUSR2);
	OBSERVE("not in the mask", "%s", poll_text(fd));
	uint64_t two = BIT(SIGUSR2) | BIT(SIGKILL) | BIT(SIGSTOP);
	CHECK_EQ(make(fd, &two, 8), fd);
	OBSERVE("in the mask", "%s", poll_text(fd));
	REQUIRE(read(fd, &i, sizeof i) == sizeof i);
	OBSERVE("read", "%s", siginfo_words(&i));
	REQUIRE_OK(pipe(p));
	CHECK_ERR(make(p[0], &two, 8), EINVAL);
	CHECK_ERR(make(99, &two, 8), EBADF);
	CHECK_ERR(make(-2, &two, 8), EBADF);
}

CASE(errors) {
	uint64_t set = BIT(SIGUSR1);
	for (size_t size = 0; size <= 16; size += 4)
		OBSERVE_OK(name("size %d", (int)size), make(-1, &set, size));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), make(-1, b->p, 8));
		OBSERVE_RET(name("%s, bad fd", b->name), make(99, b->p, 8));
	}
	CHECK_ERR(make(-1, NULL, 8), EFAULT);
}

CASE(children_and_waiting) {
	struct signalfd_siginfo i;
	kmask(SIG_SETMASK, BIT(SIGCHLD) | BIT(SIGUSR1));
	int fd = of(BIT(SIGCHLD));
	pid_t child = harness_fork();
	if (child == 0)
		_exit(5);
	REQUIRE(read(fd, &i, sizeof i) == sizeof i);
	CHECK_EQ(i.ssi_pid, child);
	OBSERVE("SIGCHLD", "%s code %d status %d", sig_name(i.ssi_signo), i.ssi_code, i.ssi_status);
	wait_for(child);
	// A read that waits is woken by a signal from outside.
	int usr = of(BIT(SIGUSR1));
	pid_t me = getpid();
	child = harness_fork();
	if (child == 0)
		_exit(wait_blocked(me, me) ? kill(me, SIGUSR1) : 1);
	OBSERVE_RET("waited", read(usr, &i, sizeof i));
	CHECK_EQ(i.ssi_pid, child);
	wait_for(child);
	log_on(SIGUSR2, 0, 0);
	struct interrupter it = interrupt_me(SIGUSR2);
	CHECK_ERR(read(usr, &i, sizeof i), EINTR);
	CHECK(interrupt_done(&it));
}

// An inherited descriptor reads the signals of who reads.
CASE(inherited) {
	struct signalfd_siginfo i;
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	int fd = of(BIT(SIGUSR1));
	REQUIRE_OK(fcntl(fd, F_SETFL, O_NONBLOCK));
	raise(SIGUSR1);
	IN_CHILD(NULL) {
		OBSERVE("child, poll", "%s", poll_text(fd));
		OBSERVE_RET("child, read", read(fd, &i, sizeof i));
		raise(SIGUSR1);
		OBSERVE("child, own signal, poll", "%s", poll_text(fd));
		OBSERVE_RET("child, own signal, read", read(fd, &i, sizeof i));
	}
	OBSERVE_RET("parent", read(fd, &i, sizeof i));
}

static const char *ready(int fd) {
	struct pollfd p = {fd, POLLIN, 0};
	fd_set set;
	struct timeval none = {0, 0};
	FD_ZERO(&set);
	FD_SET(fd, &set);
	int polled = poll(&p, 1, 0), selected = select(fd + 1, &set, NULL, NULL, &none);
	return name("poll %d, select %d", polled, selected);
}

static void *waits(void *fd) {
	struct pollfd p = {(int)(long)fd, POLLIN, 0};
	OBSERVE_RET("a child waits for its own", poll(&p, 1, -1));
	return NULL;
}

// And it is ready for the signals of who polls.
CASE(inherited_and_polled) {
	kmask(SIG_SETMASK, BIT(SIGUSR1));
	int fd = of(BIT(SIGUSR1));
	kill(getpid(), SIGUSR1);
	OBSERVE("the maker", "%s", ready(fd));
	IN_CHILD(NULL) {
		OBSERVE("a child without any", "%s", ready(fd));
		pid_t pid = harness_fork();
		if (pid == 0) {
			waits((void *)(long)fd);
			_exit(0);
		}
		CHECK(wait_blocked(pid, pid));
		kill(pid, SIGUSR1);
		CHECK_EQ(wait_for(pid), 0);
		kill(getpid(), SIGUSR1);
		OBSERVE("a child with its own", "%s", ready(fd));
	}
	struct signalfd_siginfo got;
	REQUIRE_OK(read(fd, &got, sizeof got));
	OBSERVE("taken", "%s", ready(fd));
	IN_CHILD(NULL) {
		kill(getpid(), SIGUSR1);
		OBSERVE("a child, when the maker has none", "%s", ready(fd));
	}
	OBSERVE("the maker at last", "%s", ready(fd));
}

CASE(flags) {
	uint64_t set = BIT(SIGUSR1);
	for (int f = 0; f < 4; f++) {
		int flags = (f & 1 ? SFD_CLOEXEC : 0) | (f & 2 ? SFD_NONBLOCK : 0);
		int fd = REQUIRE_OK(syscall(SYS_signalfd4, -1, &set, 8, flags));
		OBSERVE(name("%#x", flags), "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	}
	int fd = REQUIRE_OK(make(-1, &set, 8));
	OBSERVE_RET("flags for one that exists", syscall(SYS_signalfd4, fd, &set, 8, SFD_CLOEXEC | SFD_NONBLOCK) - fd);
	OBSERVE("are not heeded", "%#x %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	for (int bit = 0; bit < 32; bit++)
		if (1 << bit != SFD_CLOEXEC && 1 << bit != SFD_NONBLOCK)
			CHECK_ERR(syscall(SYS_signalfd4, -1, &set, 8, 1U << bit), EINVAL);
	OBSERVE_RET("bad flag, bad set", syscall(SYS_signalfd4, -1, bad_ptr(), 8, 1));
}
