// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_open: for which pids and flags is there a descriptor, what kind is it, and when does it become readable?
#include "../harness/signals.h"

#include <poll.h>
#include <sys/ioctl.h>

CASE(arguments) {
	static const long pids[] = {0, -1, INT32_MIN, INT32_MAX};
	for (int i = 0; i < 4; i++)
		OBSERVE_OK(name("pid %ld", pids[i]), syscall(SYS_pidfd_open, pids[i], 0));
	OBSERVE_OK("dead", syscall(SYS_pidfd_open, dead_pid(), 0));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_OK(name("flag bit %d", bit), syscall(SYS_pidfd_open, getpid(), 1u << bit));
	CHECK_ERR(syscall(SYS_pidfd_open, getpid(), 1), EINVAL);
	CHECK_ERR(syscall(SYS_pidfd_open, -1, 0), EINVAL);
	CHECK_ERR(syscall(SYS_pidfd_open, INT32_MAX, 0), ESRCH);
}

CASE(descriptor) {
	struct stat st;
	char c;
	int fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0));
	OBSERVE("fd", "%d", fd);
	OBSERVE_RET("F_GETFD", fcntl(fd, F_GETFD));
	OBSERVE("F_GETFL", "%#x", fcntl(fd, F_GETFL));
	int nb = (int)REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), O_NONBLOCK));
	OBSERVE("F_GETFL nonblocking", "%#x", fcntl(nb, F_GETFL));
	REQUIRE_OK(fstat(fd, &st));
	OBSERVE("mode", "%#o", st.st_mode);
	OBSERVE_RET("read", read(fd, &c, 1));
	OBSERVE_RET("write", write(fd, "x", 1));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_CUR));
	OBSERVE_OK("mmap", (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0));
	OBSERVE_RET("ioctl", ioctl(fd, FIONREAD, &st));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
	char link[64] = "";
	readlink(name("/proc/self/fd/%d", fd), link, sizeof link - 1);
	OBSERVE("link", "%s", link);
}

CASE(fdinfo) {
	int fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, getpid(), 0));
	const char *text = read_file(name("/proc/self/fdinfo/%d", fd));
	REQUIRE(text);
	const char *pid = strstr(text, "Pid:\t");
	CHECK(pid && atoi(pid + 5) == getpid());
	pid_t child = sleeper();
	fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	end_child(child);
	text = read_file(name("/proc/self/fdinfo/%d", fd));
	pid = text ? strstr(text, "Pid:\t") : NULL;
	OBSERVE("after the end", "%d", pid ? atoi(pid + 5) : -99);
}

static int poll_now(int fd) {
	struct pollfd p = {fd, POLLIN | POLLOUT | POLLPRI};
	return poll(&p, 1, 0) < 0 ? -1 : p.revents;
}

CASE(readable_at_the_end) {
	pid_t child = sleeper();
	int fd = (int)REQUIRE_OK(syscall(SYS_pidfd_open, child, 0));
	OBSERVE("alive", "%#x", poll_now(fd));
	kill(child, SIGSTOP);
	int st;
	REQUIRE_OK(waitpid(child, &st, WUNTRACED));
	OBSERVE("stopped", "%#x", poll_now(fd));
	kill(child, SIGKILL);
	struct pollfd p = {fd, POLLIN};
	OBSERVE_RET("wait", poll(&p, 1, 5000));
	OBSERVE("zombie", "%#x", poll_now(fd));
	wait_for(child);
	OBSERVE("reaped", "%#x", poll_now(fd));
}

CASE(zombie_can_be_opened) {
	siginfo_t i;
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	REQUIRE_OK(waitid(P_PID, child, &i, WEXITED | WNOWAIT));
	int fd = (int)OBSERVE_OK("open", syscall(SYS_pidfd_open, child, 0));
	OBSERVE("poll", "%#x", poll_now(fd));
	wait_for(child);
	OBSERVE_RET("signal to the reaped", syscall(SYS_pidfd_send_signal, fd, 0, NULL, 0));
}

static volatile pid_t tid;
static struct gate end;
static void *thread(void *arg) {
	(void)arg;
	tid = tid_self();
	gate_wait(&end);
	return NULL;
}

CASE(threads, "kernel>=6.9") {
	end = gate_open();
	pthread_t t = thread_start(thread, NULL);
	while (!tid)
		sched_yield();
	OBSERVE_OK("a thread's id", syscall(SYS_pidfd_open, tid, 0));
	int fd = (int)OBSERVE_OK("as a thread", syscall(SYS_pidfd_open, tid, O_EXCL));
	if (fd >= 0)
		OBSERVE("F_GETFL", "%#x", fcntl(fd, F_GETFL));
	OBSERVE("alive", "%#x", poll_now(fd));
	gate_signal(&end);
	thread_join(t);
	struct pollfd p = {fd, POLLIN};
	OBSERVE_RET("ended", poll(&p, 1, 5000));
	OBSERVE("revents", "%#x", p.revents);
}
