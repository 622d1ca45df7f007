// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// write: who may say that a task is a user's login (/proc/PID/loginuid), and who is told?
#include "../harness/creds.h"

#define UNSET "4294967295"

static const char *read_of(const char *path) {
	static char got[64];
	int fd = open(path, O_RDONLY);
	long n = fd < 0 ? -1 : read(fd, got, sizeof got - 1);
	close(fd);
	if (n < 0)
		return errno_name(errno);
	got[n] = 0;
	return got;
}

static long put_at(const char *path, const char *value, long at) {
	int fd = open(path, O_WRONLY);
	if (fd < 0)
		return -1;
	long n = pwrite(fd, value, strlen(value), at);
	int e = errno;
	close(fd);
	errno = e;
	return n;
}

static void need_logins(void) {
	if (access("/proc/self/loginuid", F_OK))
		SKIP("this kernel keeps no logins");
}

static long put(const char *value) { return put_at("/proc/self/loginuid", value, 0); }

CASE(loginuid_text, "cap:30") {
	static const char *const texts[] = {"", "abc", "-1", " 7", "7 ", "0x10", "4294967296", "7\n", "+7", "07", "0", UNSET};
	struct stat st;
	need_logins();
	REQUIRE_OK(stat("/proc/self/loginuid", &st));
	OBSERVE("mode", "%o", st.st_mode);
	REQUIRE_OK(stat("/proc/self/sessionid", &st));
	OBSERVE("mode of sessionid", "%o", st.st_mode);
	REQUIRE_OK(stat(name("/proc/self/task/%d/loginuid", gettid()), &st));
	OBSERVE("mode of a thread's", "%o", st.st_mode);
	OBSERVE_RET("unset", put(UNSET));
	OBSERVE("unset gives", "%s", read_of("/proc/self/loginuid"));
	OBSERVE("no session", "%s", read_of("/proc/self/sessionid"));
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
		OBSERVE_RET(name("text %zu", i), put(texts[i]));
		OBSERVE(name("text %zu gives", i), "%s", read_of("/proc/self/loginuid"));
	}
	OBSERVE_RET("behind the beginning", put_at("/proc/self/loginuid", "7", 1));
	OBSERVE_RET("sessionid", put_at("/proc/self/sessionid", "7", 0));
}

static void *thread(void *arg) {
	OBSERVE("a thread has", "%s", read_of("/proc/thread-self/loginuid"));
	OBSERVE_RET("a thread's own", put_at("/proc/thread-self/loginuid", "55", 0));
	OBSERVE("then it has", "%s", read_of("/proc/thread-self/loginuid"));
	OBSERVE_RET("the first thread's", put("56"));
	return NULL;
}

CASE(loginuid_of_others, "cap:30") {
	need_logins();
	REQUIRE_OK(put(UNSET));
	char before[64], after[64];
	OBSERVE_RET("first", put("1000"));
	strcpy(before, read_of("/proc/self/sessionid"));
	CHECK(strcmp(before, UNSET) != 0);
	OBSERVE_RET("again", put("1001"));
	strcpy(after, read_of("/proc/self/sessionid"));
	CHECK(strcmp(before, after) != 0);
	thread_join(thread_start(thread, NULL));
	OBSERVE("the first thread has", "%s", read_of("/proc/self/loginuid"));
	IN_CHILD(NULL) {
		OBSERVE("a child has", "%s", read_of("/proc/self/loginuid"));
		CHECK(strcmp(read_of("/proc/self/sessionid"), after) == 0);
		OBSERVE_RET("its parent's", put_at(name("/proc/%d/loginuid", getppid()), "7", 0));
		become_nobody();
		REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
		OBSERVE_RET("of nobody, set", put("7"));
		OBSERVE("of nobody, set, gives", "%s", read_of("/proc/self/loginuid"));
	}
	IN_CHILD(NULL) {
		REQUIRE_OK(put(UNSET));
		OBSERVE("unset again", "%s", read_of("/proc/self/sessionid"));
		become_nobody();
		REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
		OBSERVE_RET("of nobody, unset", put("7"));
		OBSERVE("of nobody, unset, gives", "%s", read_of("/proc/self/loginuid"));
		OBSERVE_RET("of nobody, to nothing", put(UNSET));
	}
}

// What a file about a task answers that knows of no writing.
CASE(files_about_tasks, "root") {
	static const char *const files[] = {"status", "maps", "stat", "cmdline", "environ", "io", "limits", "cgroup", "mounts"};
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		int fd = REQUIRE_OK(open(name("/proc/self/%s", files[i]), O_WRONLY));
		OBSERVE_RET(files[i], write(fd, "x", 1));
		close(fd);
	}
	int fd = REQUIRE_OK(open("/proc/version", O_WRONLY));
	OBSERVE_RET("of the system", write(fd, "x", 1));
}
