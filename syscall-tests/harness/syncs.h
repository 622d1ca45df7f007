// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that write a descriptor's file or file system out.
#ifndef DITTO_HARNESS_SYNCS_H
#define DITTO_HARNESS_SYNCS_H

#include "files.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

static inline void observe_sync_descriptors(long (*call)(int fd)) {
	int p[2];
	put_file("f", "content", 0644);
	REQUIRE_OK(pipe(p));
	static const int none[] = {-1, 99, INT_MAX, AT_FDCWD};
	for (size_t i = 0; i < ARRAY_SIZE(none); i++)
		OBSERVE_RET(name("%d", none[i]), call(none[i]));
	OBSERVE_RET("O_RDONLY", call(open("f", O_RDONLY)));
	OBSERVE_RET("O_WRONLY", call(open("f", O_WRONLY)));
	OBSERVE_RET("O_PATH", call(open("f", O_PATH)));
	OBSERVE_RET("directory", call(open(".", O_RDONLY)));
	OBSERVE_RET("pipe, reading", call(p[0]));
	OBSERVE_RET("pipe, writing", call(p[1]));
	OBSERVE_RET("eventfd", call(eventfd(0, 0)));
	OBSERVE_RET("memfd", call(memfd_create("m", 0)));
	OBSERVE_RET("/dev/null", call(open("/dev/null", O_RDWR)));
	OBSERVE_RET("/proc/self/status", call(open("/proc/self/status", O_RDONLY)));
	int gone = make_file("gone", "x");
	REQUIRE_OK(unlink("gone"));
	OBSERVE_RET("unlinked", call(gone));
}

// Apart from the others, so that a system without sockets still shows those.
static inline void observe_sync_socket(long (*call)(int fd)) {
	int s[2];
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	OBSERVE_RET("socket", call(s[0]));
}

// What was written is there, the times stay.
static inline void check_sync_keeps(long (*call)(int fd)) {
	int fd = make_file("f", "content");
	struct stat f = stat_of("f");
	next_stamp();
	CHECK_EQ(call(fd), 0);
	OBSERVE("times", "%s", times_moved(&f, "f"));
	CHECK_STR(read_file("f"), "content");
	CHECK_EQ(lseek(fd, 0, SEEK_CUR), 0);
}

#endif
