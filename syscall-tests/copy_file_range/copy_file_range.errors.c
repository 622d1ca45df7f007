// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// copy_file_range: what of files that may not change, of two file systems, and of files that are no such?
#include "../harness/immutables.h"
#include "../harness/memory.h"
#include <sys/resource.h>

static long copy(int in, int out) { return syscall(SYS_copy_file_range, in, NULL, out, NULL, 4L, 0); }

CASE(into_a_file_that_may_not_change, "root cap:9 cap:21 kernel>=6.6") {
	IN_CHILD(NULL) {
		own_mounts();
		put_file("from", "content", 0644);
		put_file("to", "", 0644);
		int in = REQUIRE_OK(open("from", O_RDONLY)), out = REQUIRE_OK(open("to", O_WRONLY));
		set_file_flags("to", FS_IMMUTABLE_FL);
		OBSERVE_RET("immutable", copy(in, out));
		set_file_flags("to", 0);
		OBSERVE_RET("not any more", copy(in, out));
	}
}

CASE(to_another_file_system, "root cap:21 kernel>=6.6") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("at");
		mount_tmpfs("at");
		put_file("from", "content", 0644);
		put_file("at/to", "", 0644);
		OBSERVE_RET("of the same type", copy(open("from", O_RDONLY), open("at/to", O_WRONLY)));
		OBSERVE_RET("of another type", copy(open("/proc/self/status", O_RDONLY), open("at/to", O_WRONLY)));
	}
}

// The largest size is looked at before whether the ranges overlap.
CASE(limit_before_overlap) {
	int in = make_file("in", "0123456789");
	sig_catch(SIGXFSZ, 0);
	soft_limit(RLIMIT_FSIZE, 8);
	static const struct { long from, to, n; } t[] = {{0, 8, 10}, {0, 9, 10}, {0, 7, 10}, {4, 7, 10}, {0, 8, 0}, {20, 8, 1}, {0, 6, 3}, {0, 5, 3}, {7, 8, 1}};
	for (int i = 0; i < 9; i++) {
		loff_t from = t[i].from, to = t[i].to;
		sig_count[SIGXFSZ] = 0;
		OBSERVE_RET(name("%ld to %ld, %ld", t[i].from, t[i].to, t[i].n), syscall(SYS_copy_file_range, in, &from, in, &to, t[i].n, 0));
		OBSERVE(name("%ld to %ld, %ld, signals", t[i].from, t[i].to, t[i].n), "%d", (int)sig_count[SIGXFSZ]);
	}
}
