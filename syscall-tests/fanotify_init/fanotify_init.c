// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_init: which flags go together, who may ask for what, and what is the descriptor like?
#include "../harness/fanotifies.h"

#include <poll.h>

static const char *made(unsigned flags, unsigned events) {
	int fd = group_of(flags, events);
	if (fd < 0)
		return errno_name(errno);
	close(fd);
	return "ok";
}

CASE(each_flag, "root cap:21") {
	for (int bit = 0; bit < 32; bit++)
		if (bit != 14) // events of mounts, since Linux 6.14
			OBSERVE(name("bit %d", bit), "%s", made(1U << bit, O_RDONLY));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE(name("flag %d of files", bit), "%s", made(0, 1U << bit));
	OBSERVE("both accesses", "%s", made(0, O_ACCMODE));
}

CASE(flags_together, "root cap:21") {
	for (unsigned report = 0; report < 16; report++)
		for (unsigned class = 0; class < 3; class++)
			OBSERVE(name("reports %#x class %u", report, class), "%s", made(report << 9 | class << 2, O_RDONLY));
	OBSERVE("both classes", "%s", made(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, O_RDONLY));
	OBSERVE("pidfd and thread", "%s", made(FAN_REPORT_PIDFD | FAN_REPORT_TID, O_RDONLY));
	OBSERVE("pidfd and names", "%s", made(FAN_REPORT_PIDFD | FAN_REPORT_DFID_NAME, O_RDONLY));
	OBSERVE("unlimited", "%s", made(FAN_UNLIMITED_QUEUE | FAN_UNLIMITED_MARKS, O_RDONLY));
}

CASE(by_nobody, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		for (int bit = 0; bit < 14; bit++) {
			OBSERVE(name("bit %d", bit), "%s", made(1U << bit, O_RDONLY));
			OBSERVE(name("bit %d with fids", bit), "%s", made(FAN_REPORT_FID | 1U << bit, O_RDONLY));
		}
		OBSERVE("names", "%s", made(FAN_REPORT_DFID_NAME, O_RDONLY));
		OBSERVE("nothing", "%s", made(0, O_RDONLY));
		OBSERVE("unknown with fids", "%s", made(FAN_REPORT_FID | 1U << 30, O_RDONLY));
	}
}

CASE(descriptor, "root cap:21") {
	int fd = REQUIRE_OK(group_of(FAN_CLOEXEC | FAN_NONBLOCK, O_RDONLY));
	OBSERVE("flags", "%#x %#x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	int plain = REQUIRE_OK(group_of(0, O_RDONLY));
	OBSERVE("plain flags", "%#x %#x", fcntl(plain, F_GETFL), fcntl(plain, F_GETFD));
	OBSERVE("name", "%s", link_text(name("/proc/self/fd/%d", fd)));
	char buf[64];
	OBSERVE_RET("read", read(fd, buf, sizeof buf));
	OBSERVE_RET("read nothing", read(fd, buf, 0));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("pread", pread(fd, buf, 4, 0));
	struct pollfd p = {.fd = fd, .events = POLLIN | POLLOUT};
	OBSERVE_RET("poll", poll(&p, 1, 0));
	OBSERVE("polled", "%#x", p.revents);
	struct fanotify_response r = {.fd = 3, .response = FAN_ALLOW};
	OBSERVE_RET("answer", write(fd, &r, sizeof r));
	r.response = 17;
	OBSERVE_RET("strange answer", write(fd, &r, sizeof r));
	r = (struct fanotify_response){.fd = -1, .response = FAN_ALLOW};
	OBSERVE_RET("answer for none", write(fd, &r, sizeof r));
	OBSERVE_RET("short answer", write(fd, &r, 7));
	OBSERVE_RET("answer from nowhere", write(fd, bad_ptr(), 8));
	int n = -1;
	OBSERVE_RET("FIONREAD", ioctl(fd, FIONREAD, &n));
	OBSERVE("to read", "%d", n);
	OBSERVE_RET("another ioctl", ioctl(fd, 0x1234, &n));
}

CASE(too_many, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){1000, 1000}));
		become_nobody();
		int n = 0;
		while (n < 900 && group_of(FAN_REPORT_FID, O_RDONLY) >= 0)
			n++;
		OBSERVE("groups", "%d, %s", n, errno_name(errno));
	}
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 3}));
	OBSERVE("no descriptor left", "%s", made(FAN_REPORT_FID, O_RDONLY));
}

CASE(waits, "root cap:21") {
	int fd = REQUIRE_OK(group_of(0, O_RDONLY));
	char buf[64];
	sig_catch(SIGUSR1, 0);
	struct interrupter it = interrupt_me(SIGUSR1);
	OBSERVE_RET("read", read(fd, buf, sizeof buf));
	CHECK(interrupt_done(&it));
}
