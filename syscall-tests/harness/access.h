// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the access calls: every mode on files of every permission, for root and for somebody else.
#ifndef DITTO_HARNESS_ACCESS_H
#define DITTO_HARNESS_ACCESS_H

#include "files.h"

typedef long (*access_call)(const char *path, int mode);

static inline void observe_access_modes(access_call call) {
	static const int modes[] = {F_OK, X_OK, W_OK, R_OK, 7, 8, 16, -1, 1 << 30, INT_MIN};
	put_file("plain", "", 0644);
	put_file("nothing", "", 0);
	put_file("program", "", 0755);
	put_file("foreign_x", "", 0001);
	put_dir("dir", 0);
	static const char *const paths[] = {"plain", "nothing", "program", "foreign_x", "dir", "missing", "/dev/null", "/proc/self/status"};
	for (size_t p = 0; p < ARRAY_SIZE(paths); p++)
		for (size_t m = 0; m < ARRAY_SIZE(modes); m++)
			OBSERVE_RET(name("%s %d", paths[p], modes[m]), call(paths[p], modes[m]));
}

// A row for each class that the caller can be in: the results of modes 1 to 7 on files of permission 0 to 7.
static inline void observe_access_classes(access_call call) {
	static const char *const classes[] = {"owner", "group", "other"};
	for (int who = 0; who < 3; who++)
		for (int bits = 0; bits < 8; bits++) {
			char f[16];
			snprintf(f, sizeof f, "f%d%d", who, bits);
			put_file(f, "", bits << (6 - 3 * who));
			REQUIRE_OK(chown(f, who == 0 ? 65534 : 0, who == 1 ? 65534 : 0));
		}
	IN_CHILD(NULL) {
		become_nobody();
		for (int who = 0; who < 3; who++)
			for (int bits = 0; bits < 8; bits++) {
				char row[64] = "";
				for (int mode = 1; mode < 8; mode++)
					strcat(row, call(name("f%d%d", who, bits), mode) == 0 ? " ok" : name(" %s", errno_name(errno)));
				OBSERVE(name("%s %o", classes[who], bits), "%s", row);
			}
	}
}

#endif
