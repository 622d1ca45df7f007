// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_mark: events that ask for permission. Who can have them, who asks, what may be answered, and what ends the waiting?
#include "../harness/fanotifies.h"
#include "../harness/mounts.h"

#include <dirent.h>
#include <poll.h>
#include <sys/resource.h>

#ifndef FAN_PRE_ACCESS
#define FAN_PRE_ACCESS 0x100000
#endif
#ifndef FAN_INFO
#define FAN_INFO 0x20
#endif

static const uint64_t perms = FAN_OPEN_PERM | FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM;

static int content_group(unsigned flags) { return REQUIRE_OK(group_of(flags | FAN_CLOEXEC, O_RDONLY | O_CLOEXEC)); }

static int not_for_children = -1; // a group that must end with its last descriptor here

// A child that does something, and says by its status which errno it got.
static int asking(int (*act)(void)) {
	int pid = harness_fork();
	if (!pid && not_for_children >= 0)
		close(not_for_children);
	if (!pid)
		_exit(act() < 0 ? errno : 0);
	return pid;
}

static int opens(void) { return open("d/f", O_RDONLY); }
static int writes(void) { return open("d/f", O_WRONLY | O_TRUNC); }
static int creates(void) { return open("d/new", O_CREAT | O_RDWR, 0600); }
static int paths(void) { return open("d/f", O_PATH); }
static int looks(void) { return access("d/f", R_OK); }
static int runs(void) {
	execl("d/true", "true", NULL);
	return -1;
}
static int reads(void) {
	char c;
	int fd = open("d/f", O_RDONLY);
	return fd < 0 ? -1 : read(fd, &c, 1) < 0 ? -1 : pread(fd, &c, 0, 100);
}
static int lists(void) {
	char buf[1024];
	int fd = open("d", O_RDONLY | O_DIRECTORY);
	return fd < 0 ? -1 : syscall(SYS_getdents64, fd, buf, sizeof buf);
}

static void make_files(void) {
	REQUIRE_OK(mkdir("d", 0777));
	close(make_file("d/f", "text"));
	REQUIRE_OK(system("cp /bin/true d/true"));
}

static struct fanotify_event_metadata next_event(int group) {
	struct pollfd p = {.fd = group, .events = POLLIN};
	struct fanotify_event_metadata e = {0};
	REQUIRE(poll(&p, 1, 8000) == 1);
	REQUIRE(read(group, &e, sizeof e) == sizeof e);
	return e;
}

static long answer(int group, int fd, unsigned response) {
	struct fanotify_response r = {.fd = fd, .response = response};
	return write(group, &r, sizeof r);
}

// Answers each question until the child ends, and tells them.
static const char *answer_all(int group, int pid, unsigned response) {
	static char out[1024];
	siginfo_t info;
	out[0] = 0;
	for (;;) {
		struct pollfd p = {.fd = group, .events = POLLIN};
		info.si_pid = 0;
		if (poll(&p, 1, 1) != 1) {
			REQUIRE_OK(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT));
			if (info.si_pid)
				break;
			continue;
		}
		struct fanotify_event_metadata e = next_event(group);
		sprintf(out + strlen(out), "%s %s%s, ", mask_text(e.mask), strrchr(link_text(name("/proc/self/fd/%d", e.fd)), '/') + 1, e.pid == pid ? "" : " by another");
		if (e.mask & perms)
			CHECK_EQ(answer(group, e.fd, response), 8);
		close(e.fd);
	}
	int status = wait_for(pid);
	sprintf(out + strlen(out), "then %s", WIFEXITED(status) ? errno_name(WEXITSTATUS(status)) : status_text(status));
	return out;
}

CASE(permission_by_class, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		REQUIRE_OK(mkdir("m", 0755));
		REQUIRE_OK(syscall(SYS_mount, "none", "m", "tmpfs", 0, NULL));
		REQUIRE_OK(chdir("m"));
		make_files();
		static const unsigned classes[] = {FAN_CLASS_NOTIF, FAN_CLASS_CONTENT, FAN_CLASS_PRE_CONTENT, FAN_CLASS_CONTENT | FAN_UNLIMITED_MARKS, FAN_CLASS_CONTENT | FAN_REPORT_PIDFD};
		static const uint64_t masks[] = {FAN_OPEN_PERM, FAN_ACCESS_PERM, FAN_OPEN_EXEC_PERM, FAN_PRE_ACCESS, FAN_PRE_ACCESS | FAN_ONDIR, FAN_OPEN_PERM | FAN_ONDIR | FAN_EVENT_ON_CHILD | FAN_OPEN, FAN_OPEN_PERM | FAN_CREATE};
		for (int c = 0; c < 5; c++)
			for (int m = 0; m < 7; m++) {
				int fd = content_group(classes[c]);
				long f = mark(fd, FAN_MARK_ADD, masks[m], "d/f") ? errno : 0, d = mark(fd, FAN_MARK_ADD, masks[m], "d") ? errno : 0;
				long mnt = mark(fd, FAN_MARK_ADD | FAN_MARK_MOUNT, masks[m], "d") ? errno : 0, fs = mark(fd, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, masks[m], "d") ? errno : 0;
				OBSERVE(name("class %#x mask %#llx", classes[c], (unsigned long long)masks[m]), "%s %s %s %s", errno_name((int)f), errno_name((int)d), errno_name((int)mnt), errno_name((int)fs));
				close(fd);
			}
		int fd = content_group(FAN_CLASS_CONTENT);
		OBSERVE_RET("of /proc", mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "/proc/self/stat"));
		OBSERVE_RET("with names", group_of(FAN_CLASS_CONTENT | FAN_REPORT_DFID_NAME, 0));
		OBSERVE_RET("both classes", group_of(FAN_CLASS_CONTENT | FAN_CLASS_PRE_CONTENT, 0));
	}
}

CASE(permission_asked, "root cap:21") {
	make_files();
	static const struct {
		const char *name;
		int (*act)(void);
	} acts[] = {{"open", opens}, {"truncate", writes}, {"create", creates}, {"O_PATH", paths}, {"access", looks}, {"exec", runs}, {"read", reads}, {"list", lists}};
	static const uint64_t masks[] = {FAN_OPEN_PERM, FAN_ACCESS_PERM, FAN_OPEN_EXEC_PERM, FAN_OPEN_PERM | FAN_OPEN_EXEC_PERM | FAN_OPEN};
	for (int m = 0; m < 4; m++)
		for (int a = 0; a < 8; a++)
			for (int deny = 0; deny < 2; deny++) {
				if (acts[a].act == runs && masks[m] & FAN_ACCESS_PERM)
					continue; // how often the program's loader reads is its own matter
				int fd = content_group(FAN_CLASS_CONTENT);
				REQUIRE_OK(mark(fd, FAN_MARK_ADD, masks[m] | FAN_EVENT_ON_CHILD | FAN_ONDIR, "d"));
				OBSERVE(name("%s, mask %#llx, %s", acts[a].name, (unsigned long long)masks[m], deny ? "denied" : "allowed"), "%s",
					answer_all(fd, asking(acts[a].act), deny ? FAN_DENY : FAN_ALLOW));
				close(fd);
				unlink("d/new");
			}
}

CASE(permission_answers, "root cap:21 cap:29") {
	make_files();
	static const unsigned classes[] = {FAN_CLASS_CONTENT, FAN_CLASS_PRE_CONTENT, FAN_CLASS_CONTENT | FAN_ENABLE_AUDIT};
	static const unsigned wrong[] = {0, 3, 4, FAN_ALLOW | 0x40, FAN_ALLOW | ENOSPC << 24, FAN_DENY | EINVAL << 24, FAN_DENY | EPERM << 24 | 0x100};
	for (int c = 0; c < 3; c++) {
		int fd = content_group(classes[c]);
		REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
		OBSERVE_RET(name("%#x: nobody asks", classes[c]), answer(fd, 99, FAN_ALLOW));
		int pid = asking(opens);
		struct fanotify_event_metadata e = next_event(fd);
		for (int w = 0; w < 7; w++)
			OBSERVE_RET(name("%#x: answer %#x", classes[c], wrong[w]), answer(fd, e.fd, wrong[w]));
		OBSERVE_RET(name("%#x: no descriptor", classes[c]), answer(fd, -1, FAN_ALLOW));
		OBSERVE_RET(name("%#x: another", classes[c]), answer(fd, e.fd + 1, FAN_ALLOW));
		OBSERVE_RET(name("%#x: too short", classes[c]), write(fd, "1234567", 7));
		OBSERVE_RET(name("%#x: nothing", classes[c]), write(fd, "", 0));
		OBSERVE_RET(name("%#x: nowhere", classes[c]), write(fd, bad_ptr(), 8));
		struct {
			struct fanotify_response r;
			uint8_t type, pad;
			uint16_t len;
			uint32_t rule[3];
		} rule = {{-1, FAN_ALLOW | FAN_INFO}, 1, 0, 16, {1, 2, 3}};
		OBSERVE_RET(name("%#x: a rule of nobody", classes[c]), write(fd, &rule, sizeof rule));
		OBSERVE_RET(name("%#x: a short rule", classes[c]), write(fd, &rule, sizeof rule - 4));
		rule.type = 2;
		OBSERVE_RET(name("%#x: no rule", classes[c]), write(fd, &rule, sizeof rule));
		OBSERVE_RET(name("%#x: audited", classes[c]), answer(fd, e.fd, FAN_DENY | FAN_AUDIT));
		if (c < 2)
			OBSERVE_RET(name("%#x: with an errno", classes[c]), answer(fd, e.fd, FAN_DENY | EBUSY << 24));
		if (!c) {
			char more[12] = {0};
			memcpy(more, &(struct fanotify_response){e.fd, FAN_DENY}, 8);
			OBSERVE_RET(name("%#x: more than an answer", classes[c]), write(fd, more, sizeof more));
		}
		OBSERVE_RET(name("%#x: again", classes[c]), answer(fd, e.fd, FAN_ALLOW));
		OBSERVE(name("%#x: in the end", classes[c]), "%s", errno_name(WEXITSTATUS(wait_for(pid))));
		close(e.fd);
		close(fd);
	}
}

CASE(permission_when_the_group_ends, "root cap:21") {
	make_files();
	int fd = content_group(FAN_CLASS_CONTENT);
	not_for_children = fd;
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
	int heard = asking(opens);
	struct fanotify_event_metadata e = next_event(fd);
	int unheard = asking(opens);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	CHECK_EQ(poll(&p, 1, 8000), 1);
	close(e.fd);
	close(fd);
	OBSERVE("who was heard", "%s", errno_name(WEXITSTATUS(wait_for(heard))));
	OBSERVE("who was not", "%s", errno_name(WEXITSTATUS(wait_for(unheard))));
	CHECK_OK(close(REQUIRE_OK(opens())));
}

static int opens_with_a_handler(void) {
	sig_catch(SIGUSR1, 0);
	int r = opens();
	return r < 0 ? -1 : sig_count[SIGUSR1] == 1 ? r : (errno = EDOM, -1);
}

CASE(permission_and_signals, "root cap:21") {
	make_files();
	int fd = content_group(FAN_CLASS_CONTENT);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
	int pid = asking(opens_with_a_handler);
	struct fanotify_event_metadata e = next_event(fd);
	REQUIRE_OK(kill(pid, SIGUSR1));
	OBSERVE_RET("answer after a signal", answer(fd, e.fd, FAN_ALLOW));
	close(e.fd);
	OBSERVE("caught", "%s", status_text(wait_for(pid)));
	pid = asking(opens);
	e = next_event(fd);
	REQUIRE_OK(kill(pid, SIGKILL));
	OBSERVE("killed when heard", "%s", status_text(wait_for(pid)));
	OBSERVE_RET("answer to the dead", answer(fd, e.fd, FAN_ALLOW));
	close(e.fd);
	pid = asking(opens);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	CHECK_EQ(poll(&p, 1, 8000), 1);
	REQUIRE_OK(kill(pid, SIGKILL));
	OBSERVE("killed when unheard", "%s", status_text(wait_for(pid)));
	OBSERVE("left", "%d", poll(&p, 1, 0));
}

CASE(permission_of_two_groups, "root cap:21") {
	make_files();
	int late = content_group(FAN_CLASS_CONTENT), early = content_group(FAN_CLASS_PRE_CONTENT), told = make_group(0);
	REQUIRE_OK(mark(late, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
	REQUIRE_OK(mark(early, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
	REQUIRE_OK(mark(told, FAN_MARK_ADD, FAN_OPEN, "d/f"));
	for (int deny = 0; deny < 2; deny++) {
		int pid = asking(opens);
		struct fanotify_event_metadata e = next_event(early);
		struct pollfd p = {.fd = late, .events = POLLIN};
		OBSERVE(name("%d: the other is asked", deny), "%d", poll(&p, 1, 0));
		OBSERVE(name("%d: told already", deny), "%s", events_of(told));
		CHECK_EQ(answer(early, e.fd, deny ? FAN_DENY | EBUSY << 24 : FAN_ALLOW), 8);
		close(e.fd);
		if (!deny) {
			e = next_event(late);
			CHECK_EQ(answer(late, e.fd, FAN_DENY), 8);
			close(e.fd);
		}
		OBSERVE(name("%d: opened", deny), "%s", errno_name(WEXITSTATUS(wait_for(pid))));
		OBSERVE(name("%d: the other was asked", deny), "%d", poll(&p, 1, 0));
		OBSERVE(name("%d: told", deny), "%s", events_of(told));
	}
}

CASE(permission_not_asked, "root cap:21") {
	make_files();
	int before = REQUIRE_OK(opens());
	int fd = content_group(FAN_CLASS_CONTENT | FAN_NONBLOCK);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, perms, "d/f"));
	char c;
	CHECK_EQ(read(before, &c, 1), 1);
	OBSERVE("of a file that was open", "%s", events_of(fd));
	REQUIRE_OK(mark(fd, FAN_MARK_ADD | FAN_MARK_IGNORED_MASK | FAN_MARK_IGNORED_SURV_MODIFY, FAN_OPEN_PERM, "d/f"));
	close(REQUIRE_OK(opens()));
	OBSERVE("ignored", "%s", events_of(fd));
	REQUIRE_OK(mark(fd, FAN_MARK_REMOVE, FAN_ACCESS_PERM | FAN_OPEN_EXEC_PERM, "d/f"));
	REQUIRE_OK(mark(fd, FAN_MARK_FLUSH, 0, "d/f"));
	close(REQUIRE_OK(opens()));
	OBSERVE("flushed", "%s", events_of(fd));
}

CASE(permission_without_a_descriptor, "root cap:21") {
	make_files();
	int fd = content_group(FAN_CLASS_CONTENT);
	REQUIRE_OK(mark(fd, FAN_MARK_ADD, FAN_OPEN_PERM, "d/f"));
	struct rlimit old, none;
	REQUIRE_OK(getrlimit(RLIMIT_NOFILE, &old));
	int pid = asking(opens);
	struct pollfd p = {.fd = fd, .events = POLLIN};
	CHECK_EQ(poll(&p, 1, 8000), 1);
	none = old;
	none.rlim_cur = 3;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &none));
	struct fanotify_event_metadata e;
	long n = read(fd, &e, sizeof e);
	int err = errno;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &old));
	OBSERVE("event", "%ld %s fd %d", n, n < 0 ? errno_name(err) : "", n > 0 ? e.fd : 0);
	OBSERVE("who asked", "%s", errno_name(WEXITSTATUS(wait_for(pid))));
	pid = asking(opens);
	CHECK_EQ(poll(&p, 1, 8000), 1);
	OBSERVE_RET("nowhere", read(fd, bad_ptr(), 256));
	OBSERVE("who asked then", "%s", errno_name(WEXITSTATUS(wait_for(pid))));
	pid = asking(opens);
	CHECK_EQ(poll(&p, 1, 8000), 1);
	OBSERVE_RET("too little room", read(fd, &e, 8));
	OBSERVE("and enough", "%s", answer_all(fd, pid, FAN_ALLOW));
	for (int report = 0; report < 2; report++) {
		int told = make_group(report ? FAN_REPORT_FD_ERROR : 0);
		REQUIRE_OK(mark(told, FAN_MARK_ADD, FAN_CLOSE, "d"));
		close(REQUIRE_OK(open("d", O_RDONLY)));
		REQUIRE_OK(mark(told, FAN_MARK_REMOVE, FAN_CLOSE, "d"));
		REQUIRE_OK(mark(told, FAN_MARK_ADD, FAN_CLOSE | FAN_ONDIR, "d"));
		close(REQUIRE_OK(open("d", O_RDONLY)));
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &none));
		n = read(told, &e, sizeof e);
		err = errno;
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &old));
		OBSERVE(name("%d: an event that doesn't ask", report), "%ld %s fd %d", n, n < 0 ? errno_name(err) : "", n > 0 ? e.fd : 0);
		OBSERVE(name("%d: after that", report), "%s", events_of(told));
	}
}
