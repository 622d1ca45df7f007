// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of mounts: a mount namespace with a file system of the case's own, and what is mounted below it.
#ifndef DITTO_HARNESS_MOUNTS_H
#define DITTO_HARNESS_MOUNTS_H

#include "namespaces.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/statfs.h>

static char mounts_base[PATH_MAX];

// A fresh mount namespace, nothing in it shared, with a tmpfs as the working directory.
static inline void own_mounts(void) {
	REQUIRE_OK(unshare(CLONE_NEWNS));
	REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
	REQUIRE_OK(mkdir("base", 0755));
	REQUIRE_OK(mount("base", "base", "tmpfs", 0, "mode=755"));
	REQUIRE_OK(chdir("base"));
	REQUIRE(getcwd(mounts_base, sizeof mounts_base) != NULL);
}

// The nth peer group that a list came across, whatever its number.
static inline int group_name(int id, int *known, int *n) {
	for (int i = 0; i < *n; i++)
		if (known[i] == id)
			return i + 1;
	known[(*n)++] = id;
	return *n;
}

// What is mounted below the case's file system, as mountinfo has it, in its order: place, part of the file system, options,
// propagation, type, source, options of the file system; ids are left out.
static inline const char *mounts_of(const char *file) {
	static char out[8192];
	char *line = NULL;
	size_t size = 0, len = strlen(mounts_base);
	int known[64], n = 0;
	FILE *f = fopen(file, "re");
	REQUIRE(f != NULL);
	out[0] = 0;
	while (getline(&line, &size, f) > 0) {
		char *word[32], *save = NULL;
		int words = 0;
		for (char *w = strtok_r(line, " \n", &save); w && words < 32; w = strtok_r(NULL, " \n", &save))
			word[words++] = w;
		if (strncmp(word[4], mounts_base, len) || word[4][len] == 0)
			continue;
		size_t at = strlen(out);
		at += snprintf(out + at, sizeof out - at, "%s%s %s %s", at ? "; " : "", word[4] + len + 1, word[3], word[5]);
		for (int i = 6; i < words; i++) {
			char *colon = strchr(word[i], ':');
			if (colon && (!strncmp(word[i], "shared", 6) || !strncmp(word[i], "master", 6) || !strncmp(word[i], "propagate", 9)))
				at += snprintf(out + at, sizeof out - at, " %.*s%d", (int)(colon + 1 - word[i]), word[i], group_name(atoi(colon + 1), known, &n));
			else if (strcmp(word[i], "-"))
				at += snprintf(out + at, sizeof out - at, " %s", word[i]);
		}
	}
	fclose(f);
	free(line);
	return out;
}

static inline const char *mounts_seen(void) { return mounts_of("/proc/self/mountinfo"); }

static inline const char *link_text(const char *path) {
	static char text[PATH_MAX];
	ssize_t n = REQUIRE_OK(readlink(path, text, sizeof text - 1));
	text[n] = 0;
	return text;
}

static inline void mount_tmpfs(const char *at) { REQUIRE_OK(mount(at, at, "tmpfs", 0, NULL)); }

static inline void make_dirs(const char *const *names) {
	for (; *names; names++)
		REQUIRE_OK(mkdir(*names, 0755));
}
#define DIRS(...) make_dirs((const char *const[]){__VA_ARGS__, NULL})

#endif
