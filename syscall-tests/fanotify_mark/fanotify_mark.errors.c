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

// Events of mounts are of a namespace, and of groups that want no others.
CASE(events_of_mounts_elsewhere, "root cap:21 kernel>=6.15") {
	const uint64_t attach = 0x1000000, detach = 0x2000000;
	int g = make_group(0), file = make_group(FAN_REPORT_FID);
	OBSERVE_RET("on no group", syscall(SYS_fanotify_mark, 99, FAN_MARK_ADD, attach, AT_FDCWD, "."));
	OBSERVE_RET("on what is no group", syscall(SYS_fanotify_mark, 1, FAN_MARK_ADD, attach, AT_FDCWD, "."));
	for (int i = 0; i < 3; i++) {
		const int where = (const int[]){0, FAN_MARK_MOUNT, FAN_MARK_FILESYSTEM}[i];
		OBSERVE_RET(name("kind %d, attached", i), mark(g, FAN_MARK_ADD | where, attach, "."));
		OBSERVE_RET(name("kind %d, detached and opened", i), mark(g, FAN_MARK_ADD | where, detach | FAN_OPEN, "."));
		OBSERVE_RET(name("kind %d, by file handle", i), mark(file, FAN_MARK_ADD | where, attach | detach, "."));
		OBSERVE_RET(name("kind %d, removed", i), mark(g, FAN_MARK_REMOVE | where, attach, "."));
		OBSERVE_RET(name("kind %d, no such file", i), mark(g, FAN_MARK_ADD | where, attach, "missing"));
	}
	OBSERVE_RET("a namespace", mark(g, FAN_MARK_ADD | 0x110, FAN_OPEN, "/proc/self/ns/mnt"));
	OBSERVE_RET("a namespace's mounts", mark(g, FAN_MARK_ADD | 0x110, attach, "/proc/self/ns/mnt"));
	OBSERVE_RET("a namespace, flushed", mark(g, FAN_MARK_FLUSH | 0x110, 0, "/proc/self/ns/mnt"));
}
