// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_init: with which flags may the files that events bring be opened?
#include "../harness/fanotifies.h"

CASE(each_flag_of_the_files, "root cap:21") {
	for (int bit = -1; bit < 32; bit++) {
		unsigned f = bit < 0 ? 0 : 1u << bit;
		int fd = group_of(0, f);
		OBSERVE(name("flag %#x", f), "%s", fd < 0 ? errno_name(errno) : "ok");
		close(fd);
	}
	static const unsigned more[] = {O_SYNC, O_RDWR | O_SYNC, O_TMPFILE, O_RDWR | O_TMPFILE, 3};
	for (size_t i = 0; i < ARRAY_SIZE(more); i++) {
		int fd = group_of(0, more[i]);
		OBSERVE(name("flags %#x", more[i]), "%s", fd < 0 ? errno_name(errno) : "ok");
		close(fd);
	}
}

// A group of mounts (since Linux 6.14) tells of nothing else.
CASE(reports_of_mounts, "root cap:21 kernel>=6.14") {
	for (int bit = -1; bit < 14; bit++) {
		unsigned f = FAN_REPORT_MNT | (bit < 0 ? 0 : 1u << bit);
		int fd = group_of(f, 0);
		OBSERVE(name("flags %#x", f), "%s", fd < 0 ? errno_name(errno) : "ok");
		close(fd);
	}
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_OK("nobody", group_of(FAN_REPORT_MNT, 0));
		OBSERVE_OK("nobody, and files", group_of(FAN_REPORT_MNT | FAN_REPORT_FID, 0));
	}
}
