// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fanotify_mark: which file systems can't be marked?
#include "../harness/fanotifies.h"

CASE(file_systems_without_handles, "root cap:21") {
	int names = make_group(FAN_REPORT_DFID_NAME), plain = make_group(0);
	OBSERVE_RET("/proc by name", mark(names, FAN_MARK_ADD, FAN_CREATE, "/proc/self"));
	OBSERVE_RET("/proc", mark(plain, FAN_MARK_ADD, FAN_OPEN, "/proc/self"));
	OBSERVE_RET("/proc, its file system, by name", mark(names, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_CREATE, "/proc/self"));
	OBSERVE_RET("/dev/pts by name", mark(names, FAN_MARK_ADD, FAN_CREATE, "/dev/pts"));
}
