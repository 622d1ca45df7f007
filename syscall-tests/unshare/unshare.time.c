// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unshare: time namespaces: who is in them from when on, and what /proc tells of their clocks.
#include "../harness/namespaces.h"

#include <linux/sched.h>
#include <sys/wait.h>

static const char *mine(struct namespaces old) {
	return name("%s", ns_changed(old));
}

CASE(time_for_children, "root cap:21") {
	struct namespaces old = namespaces_of(getpid());
	OBSERVE_RET("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
	OBSERVE("the caller", "%s", mine(old));
	ino_t fresh = ns_ino("time_for_children");
	IN_CHILD(NULL) {
		OBSERVE("a child", "%s", mine(old));
		CHECK_EQ(ns_ino("time"), fresh);
		CHECK_EQ(ns_ino("time_for_children"), fresh);
	}
	OBSERVE_RET("again", syscall(SYS_unshare, CLONE_NEWTIME));
	CHECK(ns_ino("time_for_children") != fresh);
	OBSERVE("the caller, then", "%s", mine(old));
}

static void *look(void *arg) {
	OBSERVE("a thread", "%s", mine(*(struct namespaces *)arg));
	return NULL;
}

CASE(time_of_a_thread, "root cap:21") {
	struct namespaces old = namespaces_of(getpid());
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	pthread_t t;
	OBSERVE("pthread_create", "%d", pthread_create(&t, NULL, look, &old));
	pthread_join(t, NULL);
}

// What a program prints of its own namespace is another's after exec.
CASE(time_after_exec, "root cap:21") {
	char before[64] = "", after[64] = "";
	int p[2];
	REQUIRE_OK(readlink("/proc/self/ns/time", before, sizeof before - 1));
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	REQUIRE_OK(pipe(p));
	pid_t child = vfork(); // shares the address space, so it is still where its parent is
	if (child == 0) {
		dup2(p[1], 1);
		execl("/bin/readlink", "readlink", "-n", "/proc/self/ns/time", NULL);
		_exit(127);
	}
	REQUIRE_OK(child);
	REQUIRE_OK(read(p[0], after, sizeof after - 1));
	REQUIRE_OK(waitpid(child, NULL, 0));
	OBSERVE("after exec", "%s", strcmp(before, after) ? "another" : "the same");
	OBSERVE("that of the parent's children", "%s", strtoull(after + 6, NULL, 10) == ns_ino("time_for_children") ? "yes" : "no");
}

CASE(time_by_clone, "root cap:21") {
	struct namespaces old = namespaces_of(getpid());
	struct clone_args a = {.flags = CLONE_NEWTIME, .exit_signal = SIGCHLD};
	pid_t child = REQUIRE_OK(syscall(SYS_clone3, &a, sizeof a));
	if (child == 0) {
		OBSERVE("the child", "%s", mine(old));
		_exit(ns_ino("time") != ns_ino("time_for_children"));
	}
	int status;
	REQUIRE_OK(waitpid(child, &status, 0));
	OBSERVE("the two of the child", "%s", status ? "differ" : "are one");
	OBSERVE("the parent", "%s", mine(old));
}

CASE(time_entered, "root cap:21") {
	struct namespaces old = namespaces_of(getpid());
	int home = REQUIRE_OK(open("/proc/self/ns/time", O_RDONLY));
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	int fresh = REQUIRE_OK(open("/proc/self/ns/time_for_children", O_RDONLY));
	OBSERVE_RET("as another kind", setns(fresh, CLONE_NEWUTS));
	OBSERVE_RET("enter", setns(fresh, CLONE_NEWTIME));
	OBSERVE("then", "%s", mine(old));
	OBSERVE_RET("go back", setns(home, 0));
	OBSERVE("at home", "%s", mine(old));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("as nobody", setns(fresh, CLONE_NEWTIME));
		OBSERVE_RET("one of nobody's", syscall(SYS_unshare, CLONE_NEWTIME));
	}
}

static struct gate end;
static void *waits(void *arg) {
	gate_wait(&end);
	return arg;
}

CASE(time_entered_by_a_thread, "root cap:21") {
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	int fresh = REQUIRE_OK(open("/proc/self/ns/time_for_children", O_RDONLY));
	end = gate_open();
	pthread_t t = thread_start(waits, NULL);
	OBSERVE_RET("setns", setns(fresh, CLONE_NEWTIME));
	OBSERVE_RET("unshare", syscall(SYS_unshare, CLONE_NEWTIME));
	gate_signal(&end);
	thread_join(t);
}

// A fresh namespace's clocks are those of the one that it was made from.
CASE(time_offsets, "root cap:21") {
	OBSERVE("at first", "%s", read_file("/proc/self/timens_offsets"));
	REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWTIME));
	OBSERVE("of a fresh one", "%s", read_file("/proc/self/timens_offsets"));
	struct timespec before, after;
	REQUIRE_OK(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &before));
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_clock_gettime, CLOCK_BOOTTIME, &after));
		CHECK(after.tv_sec >= before.tv_sec && after.tv_sec < before.tv_sec + 60);
	}
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody's write", put_text("/proc/self/timens_offsets", "monotonic 10 0\n"));
	}
}
