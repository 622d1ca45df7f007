// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of namespaces: which ones a process is in, and user namespaces with maps of their ids.
#ifndef DITTO_HARNESS_NAMESPACES_H
#define DITTO_HARNESS_NAMESPACES_H

#include "files.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/prctl.h>

static const char *const ns_names[] = {"cgroup", "ipc", "mnt", "net", "pid", "pid_for_children", "time", "time_for_children", "user", "uts"};

static inline ino_t ns_ino_at(const char *path) {
	struct stat st;
	REQUIRE_OK(stat(path, &st));
	return st.st_ino;
}

static inline ino_t ns_ino_of(pid_t pid, const char *ns) { return ns_ino_at(name("/proc/%d/ns/%s", pid, ns)); }
static inline ino_t ns_ino(const char *ns) { return ns_ino_at(name("/proc/thread-self/ns/%s", ns)); }

struct namespaces {
	ino_t ino[ARRAY_SIZE(ns_names)];
};

static inline struct namespaces namespaces_of(pid_t pid) {
	struct namespaces n;
	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++)
		n.ino[i] = ns_ino_of(pid, ns_names[i]);
	return n;
}

// Which of the caller's namespaces are not among those.
static inline const char *ns_changed(struct namespaces other) {
	static char list[256];
	list[0] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++)
		if (ns_ino(ns_names[i]) != other.ino[i])
			snprintf(list + strlen(list), sizeof list - strlen(list), "%s%s", list[0] ? " " : "", ns_names[i]);
	return list[0] ? list : "none";
}

// One write of a text to a file; its result.
static inline long put_text(const char *path, const char *text) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	long n = write(fd, text, strlen(text));
	int err = errno;
	close(fd);
	errno = err;
	return n;
}

static inline const char *ids_seen(void) {
	unsigned u[3], g[3];
	REQUIRE_OK(syscall(SYS_getresuid, &u[0], &u[1], &u[2]));
	REQUIRE_OK(syscall(SYS_getresgid, &g[0], &g[1], &g[2]));
	return name("%u %u %u / %u %u %u", u[0], u[1], u[2], g[0], g[1], g[2]);
}

// The five capability sets: "all", "none" or the bits.
static inline const char *caps_seen(void) {
	static char line[256];
	static const char *const sets[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};
	unsigned long long all = 0;
	const char *last = read_file("/proc/sys/kernel/cap_last_cap");
	REQUIRE(last);
	all = (2ULL << atoi(last)) - 1;
	const char *status = read_file("/proc/thread-self/status");
	REQUIRE(status);
	line[0] = 0;
	for (int i = 0; i < 5; i++) {
		const char *at = strstr(status, sets[i]);
		REQUIRE(at);
		unsigned long long v = strtoull(at + 8, NULL, 16);
		snprintf(line + strlen(line), sizeof line - strlen(line), "%s%s", i ? " " : "", v == all ? "all" : v == 0 ? "none" : name("%#llx", v));
	}
	return line;
}

// An ordinary user whose /proc files are its own all the same.
static inline void become_dumpable_nobody(void) {
	become_nobody();
	REQUIRE_OK(prctl(PR_SET_DUMPABLE, 1));
}

// A user namespace of the caller's own, with its ids mapped to these.
static inline void unshare_user(int uid, int gid) {
	uid_t u = geteuid();
	gid_t g = getegid();
	REQUIRE_OK(unshare(CLONE_NEWUSER));
	REQUIRE_OK(put_text("/proc/self/setgroups", "deny"));
	REQUIRE_OK(put_text("/proc/self/uid_map", name("%d %u 1\n", uid, u)));
	REQUIRE_OK(put_text("/proc/self/gid_map", name("%d %u 1\n", gid, g)));
}

// The flags that make namespaces.
static const struct {
	const char *name;
	unsigned long flag;
} ns_flags[] = {
	{"NEWUTS", CLONE_NEWUTS}, {"NEWIPC", CLONE_NEWIPC}, {"NEWUSER", CLONE_NEWUSER}, {"NEWPID", CLONE_NEWPID},
	{"NEWNS", CLONE_NEWNS}, {"NEWNET", CLONE_NEWNET}, {"NEWCGROUP", CLONE_NEWCGROUP},
};

#endif
