// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// Needs: the words after a case's name, decided by asking the running system. Only here is the kernel's version looked at.
#include "internal.h"

#include <linux/capability.h>
#include <sched.h>
#include <sys/utsname.h>
#include <sys/xattr.h>

static bool kernel_at_least(const char *version) {
	int want_major = 0, want_minor = 0, major = 0, minor = 0;
	struct utsname u;
	sscanf(version, "%d.%d", &want_major, &want_minor);
	if (uname(&u) < 0 || sscanf(u.release, "%d.%d", &major, &minor) != 2)
		return false;
	return major > want_major || (major == want_major && minor >= want_minor);
}

static bool cores_at_least(const char *n) {
	cpu_set_t set;
	CPU_ZERO(&set);
	return sched_getaffinity(0, sizeof set, &set) == 0 && CPU_COUNT(&set) >= atoi(n);
}

static bool has_cap(const char *number) {
	struct __user_cap_header_struct h = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {0};
	int cap = atoi(number);
	return syscall(SYS_capget, &h, d) == 0 && (d[cap / 32].effective >> (cap % 32) & 1);
}

// Features of the file system under the case's directory, which is the working directory now.
static bool fs_has(const char *feature) {
	bool ok = false;
	int fd = -1;
	if (strcmp(feature, "xattr") == 0) {
		fd = open("need", O_CREAT | O_RDWR, 0600);
		ok = fd >= 0 && fsetxattr(fd, "user.need", "1", 1, 0) == 0;
	} else if (strcmp(feature, "acl") == 0) {
		static const unsigned char just_a_mode[] = {2, 0, 0, 0, 1, 0, 6, 0, 255, 255, 255, 255, 4, 0, 4, 0, 255, 255, 255, 255, 32, 0, 4, 0, 255, 255, 255, 255};
		fd = open("need", O_CREAT | O_RDWR, 0600);
		ok = fd >= 0 && fsetxattr(fd, "system.posix_acl_access", just_a_mode, sizeof just_a_mode, 0) == 0;
	} else if (strcmp(feature, "o_tmpfile") == 0) {
		fd = open(".", O_TMPFILE | O_RDWR, 0600);
		ok = fd >= 0;
	} else if (strcmp(feature, "o_direct") == 0) {
		fd = open("need", O_CREAT | O_RDWR | O_DIRECT, 0600);
		ok = fd >= 0;
	} else if (strcmp(feature, "fallocate") == 0) {
		fd = open("need", O_CREAT | O_RDWR, 0600);
		ok = fd >= 0 && fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 0, 1) == 0;
	}
	if (fd >= 0)
		close(fd);
	unlink("need");
	return ok;
}

static bool met(const char *need) {
	if (strcmp(need, "root") == 0)
		return geteuid() == 0;
	if (strcmp(need, "nonroot") == 0)
		return geteuid() != 0;
	if (strncmp(need, "kernel>=", 8) == 0)
		return kernel_at_least(need + 8);
	if (strncmp(need, "cores>=", 7) == 0)
		return cores_at_least(need + 7);
	if (strncmp(need, "cap:", 4) == 0)
		return has_cap(need + 4);
	if (strncmp(need, "fs:", 3) == 0)
		return fs_has(need + 3);
	if (strncmp(need, "file:", 5) == 0)
		return access(need + 5, F_OK) == 0;
	fprintf(stderr, "unknown need: %s\n", need);
	exit(2);
}

const char *unmet_need(const char *needs) {
	static char word[128];
	while (sscanf(needs, " %127s", word) == 1) {
		if (!met(word))
			return word;
		needs = strstr(needs, word) + strlen(word);
	}
	return NULL;
}
