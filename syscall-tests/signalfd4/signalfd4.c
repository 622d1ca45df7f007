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

static int watch(int ep, int op, int fd, unsigned events) {
	struct epoll_event ev = {.events = events, .data.fd = fd};
	return epoll_ctl(ep, op, fd, &ev);
}

// What an epoll says to who waits, without waiting.
static const char *events_of(int ep) {
	struct epoll_event ev[4];
	int n = REQUIRE_OK(epoll_wait(ep, ev, 4, 0));
	return n ? name("%d: %s", n, events_text(ev[0].events)) : "nothing";
}

// An epoll looks again for the signals of who added the signalfd, and finds it ready for those of who waits.
CASE(inherited_in_an_epoll) {
	kmask(SIG_SETMASK, BIT(40));
	int fd = of(BIT(40)), ep = REQUIRE_OK(epoll_create1(0));
	struct signalfd_siginfo got;
	REQUIRE_OK(watch(ep, EPOLL_CTL_ADD, fd, EPOLLIN));
	REQUIRE_OK(queue(getpid(), 40, 1));
	OBSERVE("the adder", "%s", events_of(ep));
	IN_CHILD(NULL) {
		OBSERVE("a child without any", "%s, %s", ready(ep), events_of(ep));
		REQUIRE_OK(queue(getpid(), 40, 2));
		OBSERVE("a child with its own", "%s, %s", ready(ep), events_of(ep));
		REQUIRE_OK(watch(ep, EPOLL_CTL_MOD, fd, EPOLLIN));
		OBSERVE("a child that changed it", "%s, %s", ready(ep), events_of(ep));
	}
	OBSERVE("the adder, after a child found nothing", "%s, %s", ready(ep), events_of(ep));
	REQUIRE_OK(queue(getpid(), 40, 3));
	OBSERVE("the adder, with one more", "%s, %s", ready(ep), events_of(ep));
	REQUIRE_OK(read(fd, &got, sizeof got));
	REQUIRE_OK(read(fd, &got, sizeof got));
	OBSERVE("the adder, without any", "%s, %s", ready(ep), events_of(ep));
}

// A child that adds it is the one whose signals count.
CASE(added_by_a_child) {
	kmask(SIG_SETMASK, BIT(40));
	int fd = of(BIT(40)), ep = REQUIRE_OK(epoll_create1(0));
	struct gate added = gate_open(), go = gate_open(), sent = gate_open(), end = gate_open();
	REQUIRE_OK(queue(getpid(), 40, 1));
	pid_t child = harness_fork();
	if (child == 0) {
		CHECK_OK(watch(ep, EPOLL_CTL_ADD, fd, EPOLLIN | EPOLLET));
		OBSERVE("who added it", "%s", events_of(ep));
		gate_signal(&added);
		gate_wait(&go);
		CHECK_OK(queue(getpid(), 40, 2));
		gate_signal(&sent);
		gate_wait(&end);
		OBSERVE("who added it, taken by the maker", "%s", events_of(ep));
		CHECK_OK(queue(getpid(), 40, 3));
		OBSERVE("who added it, with one more", "%s", events_of(ep));
		OBSERVE("and once again", "%s", events_of(ep));
		_exit(0);
	}
	gate_wait(&added);
	OBSERVE("the maker, which has one", "%s", events_of(ep));
	REQUIRE_OK(queue(getpid(), 40, 4));
	OBSERVE("the maker, with one more", "%s", events_of(ep));
	gate_signal(&go);
	gate_wait(&sent);
	OBSERVE("the maker, when the adder got one", "%s", events_of(ep));
	gate_signal(&end);
	CHECK_EQ(wait_for(child), 0);
	REQUIRE_OK(queue(getpid(), 40, 5));
	OBSERVE("the maker, when the adder is gone", "%s", events_of(ep));
}

static void *waits_for_event(void *ep) {
	struct epoll_event ev;
	OBSERVE_RET("a child waits for the adder's", epoll_wait((int)(long)ep, &ev, 1, -1));
	return NULL;
}

// Who waits sleeps on, though the adder got a signal, until it has one itself when the adder gets the next.
CASE(waiting_in_an_inherited_epoll) {
	kmask(SIG_SETMASK, BIT(40));
	int fd = of(BIT(40)), ep = REQUIRE_OK(epoll_create1(0));
	REQUIRE_OK(watch(ep, EPOLL_CTL_ADD, fd, EPOLLIN));
	pid_t child = harness_fork();
	if (child == 0) {
		waits_for_event((void *)(long)ep);
		_exit(0);
	}
	CHECK(wait_blocked(child, child));
	REQUIRE_OK(queue(getpid(), 40, 1));
	CHECK(wait_blocked(child, child));
	REQUIRE_OK(queue(child, 40, 2));
	CHECK(wait_blocked(child, child));
	REQUIRE_OK(queue(getpid(), 40, 3));
	CHECK_EQ(wait_for(child), 0);
}

// The same through an epoll that watches the epoll.
CASE(inherited_in_an_epoll_of_epolls) {
	kmask(SIG_SETMASK, BIT(40));
	int fd = of(BIT(40)), inner = REQUIRE_OK(epoll_create1(0)), outer = REQUIRE_OK(epoll_create1(0));
	REQUIRE_OK(watch(inner, EPOLL_CTL_ADD, fd, EPOLLIN));
	REQUIRE_OK(watch(outer, EPOLL_CTL_ADD, inner, EPOLLIN));
	REQUIRE_OK(queue(getpid(), 40, 1));
	OBSERVE("the adder", "%s, %s", ready(outer), events_of(outer));
	IN_CHILD(NULL) {
		OBSERVE("a child without any", "%s, %s, inner %s", ready(outer), events_of(outer), events_of(inner));
		REQUIRE_OK(queue(getpid(), 40, 2));
		OBSERVE("a child with its own", "%s, %s, inner %s", ready(outer), events_of(outer), events_of(inner));
	}
	REQUIRE_OK(queue(getpid(), 40, 3));
	OBSERVE("the adder, with one more", "%s, %s, inner %s", ready(outer), events_of(outer), events_of(inner));
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
