// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of control groups of version 2: a group of one's own under the one that the test is in, in a cgroup namespace
// (so that no option of a mount counts for the machine) and in a mount namespace. What is in it is killed at the end.
#ifndef DITTO_HARNESS_CGROUPS_H
#define DITTO_HARNESS_CGROUPS_H

#include "mounts.h"

#include <poll.h>
#include <sched.h>
#include <time.h>

static char cg[200]; // the group, as a path; its name is behind the last slash

// One text into one file of the group: what the write answers.
static inline const char *cg_write(const char *file, const char *text) {
	int fd = open(name("%s/%s", cg, file), O_WRONLY);
	if (fd < 0)
		return name("open: %s", errno_name(errno));
	long n = write(fd, text, strlen(text));
	const char *s = n < 0 ? errno_name(errno) : n == (long)strlen(text) ? "ok" : name("%ld", n);
	close(fd);
	return s;
}

// What a file of the group says; errors too.
static inline const char *cg_read(const char *file) {
	int fd = open(name("%s/%s", cg, file), O_RDONLY);
	if (fd < 0)
		return name("open: %s", errno_name(errno));
	char buf[4096];
	long n = read(fd, buf, sizeof buf - 1);
	const char *s = errno_name(errno);
	close(fd);
	return n < 0 ? s : name("%.*s", (int)n, buf);
}

// The ids in a file of the group, as pid_name has them.
static inline const char *cg_ids(const char *file) {
	char text[4096], out[4096] = "";
	snprintf(text, sizeof text, "%s", cg_read(file));
	for (char *s = text, *end; (s = strpbrk(s, "0123456789")) && *s; s = end)
		sprintf(out + strlen(out), "%s ", pid_name((pid_t)strtol(s, &end, 10)));
	return name("%s", out);
}

// Where a process is, from the root of the namespace on: without the name of the test's own group.
static inline const char *cg_of(pid_t pid) {
	char path[50];
	sprintf(path, "/proc/%d/cgroup", pid);
	const char *s = read_file(path);
	if (!s || !(s = strncmp(s, "0::", 3) ? strstr(s, "\n0::") : s))
		return "none";
	s = strchr(s, '/');
	const char *own = strrchr(cg, '/'), *at = strstr(s, own);
	if (!at)
		return name("%.*s", (int)strcspn(s, "\n"), s);
	at += strlen(own);
	return name("%.*s/own%.*s", (int)(at - strlen(own) - s), s, (int)strcspn(at, "\n"), at);
}

// In a child: a mount at "cg", and the group.
static inline void cg_make(void) {
	if (syscall(SYS_unshare, CLONE_NEWCGROUP))
		SKIP("no cgroup namespace: %s", errno_name(errno));
	own_mounts();
	REQUIRE_OK(mkdir("cg", 0755));
	if (syscall(SYS_mount, "none", "cg", "cgroup2", 0, NULL))
		SKIP("no cgroup2: %s", errno_name(errno));
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	sprintf(cg, "./cg/test-%d-%ld-%ld", getpid(), (long)now.tv_sec, now.tv_nsec);
	REQUIRE_OK(mkdir(cg, 0755));
}

// The end of it: the caller leaves, the rest is killed, the directories named (from the innermost) go, and the group.
static inline void cg_end(const char *const *below) {
	int fd = open("cg/cgroup.procs", O_WRONLY);
	REQUIRE(fd >= 0 && write(fd, "0", 1) == 1);
	close(fd);
	cg_write("cgroup.kill", "1");
	for (int tries = 0; strstr(cg_read("cgroup.events"), "populated 1") && tries < 5000; tries++)
		usleep(1000);
	for (; below && *below; below++)
		rmdir(name("%s/%s", cg, *below));
	CHECK_OK(rmdir(cg));
}

#endif
