// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// seccomp: calls handed to a supervisor: every answer, descriptors given, interruption on both sides, the end of either.
#include "../harness/harness.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1 << 5)
#endif
#ifndef SECCOMP_ADDFD_FLAG_SEND
#define SECCOMP_ADDFD_FLAG_SEND 2
#endif
#ifndef SECCOMP_IOCTL_NOTIF_SET_FLAGS
#define SECCOMP_IOCTL_NOTIF_SET_FLAGS _IOW('!', 4, __u64)
#endif

// A child whose getsid calls are handed over; it tells its listener by a socket and its results by a pipe.
struct supervised {
	pid_t pid;
	int listener, results;
};

static void send_fd(int sock, int fd) {
	char byte = 0;
	union { struct cmsghdr h; char b[CMSG_SPACE(sizeof fd)]; } c = {.h = {CMSG_LEN(sizeof fd), SOL_SOCKET, SCM_RIGHTS}};
	memcpy(CMSG_DATA(&c.h), &fd, sizeof fd);
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c};
	REQUIRE(sendmsg(sock, &m, 0) == 1);
}

static int receive_fd(int sock) {
	char byte;
	int fd = -1;
	union { struct cmsghdr h; char b[CMSG_SPACE(sizeof fd)]; } c;
	struct iovec iov = {&byte, 1};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = &c, .msg_controllen = sizeof c};
	REQUIRE(recvmsg(sock, &m, 0) == 1);
	memcpy(&fd, CMSG_DATA(&c.h), sizeof fd);
	return fd;
}

static int listen_to(unsigned nr, unsigned flags) {
	struct sock_filter f[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, 0), BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, nr, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
	struct sock_fprog p = {4, f};
	return syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER | flags, &p);
}

static void tell(int fd, long r, int e) {
	char line[64];
	int n = snprintf(line, sizeof line, "%ld %s;", r, r == -1 ? errno_name(e) : "");
	REQUIRE(write(fd, line, n) == n);
}

// handler: the flags of one for SIGUSR1, or none (-1).
static struct supervised supervise(unsigned flags, int calls, int handler) {
	int pair[2], p[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair));
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	struct supervised s = {.pid = harness_fork(), .results = p[0]};
	if (s.pid == 0) {
		if (handler != -1)
			sig_catch(SIGUSR1, handler);
		int fd = REQUIRE_OK(listen_to(SYS_getsid, flags));
		send_fd(pair[1], fd);
		close(fd);
		for (int i = 0; i < calls; i++) {
			errno = 0;
			long r = syscall(SYS_getsid, i);
			tell(p[1], r, errno);
		}
		_exit(sig_count[SIGUSR1]);
	}
	close(p[1]);
	s.listener = receive_fd(pair[0]);
	return s;
}

// What the child told, until it ended, and its end.
static const char *ending(struct supervised *s) {
	static char text[300];
	size_t n = 0;
	long r;
	while (n < 200 && (r = read(s->results, text + n, 200 - n)) > 0)
		n += r;
	text[n] = 0;
	sprintf(text + n, " %s", status_text(wait_for(s->pid)));
	close(s->listener);
	return text;
}

static struct seccomp_notif next(struct supervised *s) {
	struct seccomp_notif n = {0};
	REQUIRE_OK(ioctl(s->listener, SECCOMP_IOCTL_NOTIF_RECV, &n));
	return n;
}

static int answer(struct supervised *s, uint64_t id, int64_t val, int error, unsigned flags) {
	struct seccomp_notif_resp r = {.id = id, .val = val, .error = error, .flags = flags};
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_SEND, &r);
}

static const char *ready(int fd) {
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT | POLLRDNORM | POLLWRNORM};
	poll(&p, 1, 0);
	return name("%#x", p.revents);
}

CASE(notify_answers) {
	struct supervised s = supervise(0, 8, -1);
	static const struct { long val; int error; unsigned flags; } a[] = {
		{0, 0, 0}, {77, 0, 0}, {-1, 0, 0}, {0, -5, 0}, {0, 5, 0}, {9, -5, 0}, {0x123456789a, 0, 0}, {-4095, 0, 0}};
	for (int i = 0; i < 8; i++) {
		struct seccomp_notif n = next(&s);
		CHECK_EQ(n.pid, s.pid);
		CHECK_EQ(n.data.args[0], i);
		CHECK_EQ(n.data.nr, SYS_getsid);
		OBSERVE_RET(name("answer %d", i), answer(&s, n.id, a[i].val, a[i].error, a[i].flags));
	}
	OBSERVE("results", "%s", ending(&s));
}

CASE(notify_wrong_answers) {
	struct supervised s = supervise(0, 1, -1);
	uint64_t none = 12345;
	OBSERVE_RET("answer to nothing", answer(&s, none, 0, 0, 0));
	struct seccomp_notif n = next(&s);
	OBSERVE_RET("unknown flag", answer(&s, n.id, 0, 0, 2));
	OBSERVE_RET("continue with a value", answer(&s, n.id, 1, 0, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
	OBSERVE_RET("continue with an error", answer(&s, n.id, 0, -1, SECCOMP_USER_NOTIF_FLAG_CONTINUE));
	OBSERVE_RET("another id", answer(&s, n.id + 1, 0, 0, 0));
	CHECK_ERR(ioctl(s.listener, SECCOMP_IOCTL_NOTIF_SEND, bad_ptr()), EFAULT);
	OBSERVE_RET("valid", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
	OBSERVE_RET("valid, the old number", ioctl(s.listener, _IOR('!', 2, __u64), &n.id));
	OBSERVE_RET("valid, another", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &none));
	CHECK_ERR(ioctl(s.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, bad_ptr()), EFAULT);
	for (long f = 0; f < 4; f++)
		OBSERVE_RET(name("flags of the descriptor %ld", f), ioctl(s.listener, SECCOMP_IOCTL_NOTIF_SET_FLAGS, f));
	OBSERVE_RET("unknown command", ioctl(s.listener, _IO('!', 9), 0));
	OBSERVE_RET("a terminal's command", ioctl(s.listener, 0x5401, 0));
	char c;
	OBSERVE_RET("read", read(s.listener, &c, 1));
	OBSERVE_RET("write", write(s.listener, &c, 1));
	OBSERVE_RET("answer", answer(&s, n.id, 4, 0, 0));
	OBSERVE("results", "%s", ending(&s));
}

CASE(notify_receiving) {
	struct supervised s = supervise(0, 2, -1);
	struct seccomp_notif n = {.pid = 1};
	OBSERVE_RET("garbage", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_RECV, &n));
	CHECK_ERR(ioctl(s.listener, SECCOMP_IOCTL_NOTIF_RECV, bad_ptr()), EFAULT);
	REQUIRE(wait_blocked(s.pid, s.pid));
	OBSERVE("waiting", "%s", ready(s.listener));
	OBSERVE_RET("to memory that can't be written", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_RECV, readonly_page()));
	OBSERVE("waiting again", "%s", ready(s.listener));
	n = next(&s);
	OBSERVE("received", "%s", ready(s.listener));
	REQUIRE_OK(answer(&s, n.id, 1, 0, 0));
	sig_catch(SIGUSR2, 0);
	n = next(&s);
	struct interrupter it = interrupt_me(SIGUSR2);
	struct seccomp_notif m = {0};
	OBSERVE_RET("interrupted", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_RECV, &m));
	CHECK(interrupt_done(&it));
	REQUIRE_OK(answer(&s, n.id, 2, 0, 0));
	int st = wait_for(s.pid);
	OBSERVE_STATUS("end", st);
	OBSERVE("nobody left", "%s", ready(s.listener));
	memset(&m, 0, sizeof m);
	OBSERVE_RET("receive from nobody", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_RECV, &m));
}

static int give(struct supervised *s, uint64_t id, unsigned flags, int src, unsigned new, unsigned new_flags) {
	struct seccomp_notif_addfd a = {.id = id, .flags = flags, .srcfd = src, .newfd = new, .newfd_flags = new_flags};
	return ioctl(s->listener, SECCOMP_IOCTL_NOTIF_ADDFD, &a);
}

CASE(notify_descriptors) {
	struct supervised s = supervise(0, 2, -1);
	int fd = make_file("given", "hello");
	OBSERVE_RET("for nothing", give(&s, 1, 0, fd, 0, 0));
	struct seccomp_notif n = next(&s);
	OBSERVE_RET("unknown flag", give(&s, n.id, 4, fd, 0, 0));
	OBSERVE_RET("unknown flag of the new one", give(&s, n.id, 0, fd, 0, O_NONBLOCK));
	OBSERVE_RET("number without SETFD", give(&s, n.id, 0, fd, 50, 0));
	OBSERVE_RET("bad source", give(&s, n.id, 0, 999, 0, 0));
	OBSERVE_RET("any number", give(&s, n.id, 0, fd, 0, 0));
	OBSERVE_RET("number 100", give(&s, n.id, SECCOMP_ADDFD_FLAG_SETFD, fd, 100, O_CLOEXEC));
	OBSERVE_RET("number 100 again", give(&s, n.id, SECCOMP_ADDFD_FLAG_SETFD, fd, 100, 0));
	OBSERVE_RET("a number beyond the limit", give(&s, n.id, SECCOMP_ADDFD_FLAG_SETFD, fd, 0x7ffffff0, 0));
	char path[64], link[200] = "";
	sprintf(path, "/proc/%d/fd/100", s.pid);
	CHECK(readlink(path, link, sizeof link - 1) > 0);
	OBSERVE("it is there", "%s", strrchr(link, '/') ? strrchr(link, '/') : link);
	struct seccomp_notif_addfd a[2] = {{.id = n.id, .srcfd = fd}};
	OBSERVE_RET("short struct", ioctl(s.listener, _IOC(_IOC_WRITE, '!', 3, 20), a));
	OBSERVE_RET("long struct", ioctl(s.listener, _IOC(_IOC_WRITE, '!', 3, 32), a));
	a[1].id = 1;
	OBSERVE_RET("long struct with something", ioctl(s.listener, _IOC(_IOC_WRITE, '!', 3, 32), a));
	OBSERVE_RET("answer", answer(&s, n.id, 3, 0, 0));
	n = next(&s);
	OBSERVE_RET("as the answer", give(&s, n.id, SECCOMP_ADDFD_FLAG_SEND | SECCOMP_ADDFD_FLAG_SETFD, fd, 60, 0));
	OBSERVE("results", "%s", ending(&s));
}

CASE(notify_interrupted) {
	for (int how = 0; how < 6; how++) {
		bool received = how & 1;
		int kind = how / 2;
		struct supervised s = supervise(kind == 2 ? SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV : 0, 1, 0);
		struct seccomp_notif n = {0};
		REQUIRE(wait_blocked(s.pid, s.pid));
		if (received)
			n = next(&s);
		if (kind == 1) {
			kill(s.pid, SIGKILL);
			OBSERVE(name("killed, received %d", received), "%s", ending(&s));
			continue;
		}
		kill(s.pid, SIGUSR1);
		if (kind == 2 && received) {
			// Only death ends the wait now: the signal is handled behind the answer.
			REQUIRE_OK(answer(&s, n.id, 8, 0, 0));
		}
		OBSERVE(name("signal, received %d, killable %d", received, kind == 2), "%s", ending(&s));
	}
}

// A handler that restarts what it interrupted: the call is handed over anew, and the first answer comes too late.
CASE(notify_restarted) {
	struct supervised s = supervise(0, 1, SA_RESTART);
	REQUIRE(wait_blocked(s.pid, s.pid));
	struct seccomp_notif first = next(&s);
	kill(s.pid, SIGUSR1);
	struct seccomp_notif again = next(&s);
	OBSERVE("another", "id %d, call %d", again.id != first.id, again.data.nr == first.data.nr);
	OBSERVE_RET("the first answered", answer(&s, first.id, 7, 0, 0));
	OBSERVE_RET("the second answered", answer(&s, again.id, 8, 0, 0));
	OBSERVE("child", "%s", ending(&s));
}

CASE(notify_id_of_the_dead) {
	struct supervised s = supervise(0, 1, -1);
	struct seccomp_notif n = next(&s);
	int fd = make_file("given", "hello");
	kill(s.pid, SIGKILL);
	wait_for(s.pid);
	OBSERVE_RET("valid", ioctl(s.listener, SECCOMP_IOCTL_NOTIF_ID_VALID, &n.id));
	OBSERVE_RET("answer", answer(&s, n.id, 0, 0, 0));
	OBSERVE_RET("descriptor", give(&s, n.id, 0, fd, 0, 0));
}

CASE(notify_no_supervisor) {
	struct supervised s = supervise(0, 2, -1);
	struct seccomp_notif n = next(&s);
	(void)n;
	close(s.listener);
	OBSERVE("closed", "%s", ending(&s));
}

CASE(notify_second_listener) {
	REQUIRE_OK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
	int fd = REQUIRE_OK(listen_to(SYS_getsid, 0));
	OBSERVE("descriptor flags", "%d %#x", fcntl(fd, F_GETFD), fcntl(fd, F_GETFL));
	char link[100] = "";
	CHECK(readlink(name("/proc/self/fd/%d", fd), link, sizeof link - 1) > 0);
	OBSERVE("link", "%s", link);
	OBSERVE("fresh", "%s", ready(fd));
	CHECK_ERR(listen_to(SYS_getpgid, 0), EBUSY);
	REQUIRE_OK(close(fd));
	fd = OBSERVE_OK("once it is closed", listen_to(SYS_getpgid, 0));
	CHECK_ERR(syscall(SYS_getsid, 0), ENOSYS);
}
