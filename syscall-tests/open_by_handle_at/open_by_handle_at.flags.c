// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open_by_handle_at: which flags can a file be opened with, and what is left of them?
#include "../harness/handles.h"

CASE(each_flag, "root cap:2") {
	put_file("file", "content", 0644);
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "file", &h, 0));
	for (int bit = -1; bit < 32; bit++) {
		unsigned f = bit < 0 ? 0 : 1u << bit;
		if (f == O_DIRECT || f == O_CREAT || f == O_EXCL)
			continue;
		int fd = open_handle(AT_FDCWD, &h, f);
		OBSERVE(name("flag %#x", f), "%s", fd < 0 ? errno_name(errno) : name("%#o", fcntl(fd, F_GETFL)));
		close(fd);
	}
	static const int pairs[] = {O_SYNC, O_RDWR | O_SYNC, O_RDWR | O_SYNC | O_APPEND};
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		int fd = open_handle(AT_FDCWD, &h, pairs[i]);
		OBSERVE(name("flags %#x", pairs[i]), "%s", fd < 0 ? errno_name(errno) : name("%#o", fcntl(fd, F_GETFL)));
		close(fd);
	}
}

CASE(direct, "root cap:2 fs:o_direct") {
	put_file("file", "content", 0644);
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "file", &h, 0));
	int fd = open_handle(AT_FDCWD, &h, O_RDONLY | O_DIRECT);
	OBSERVE("flags", "%s", fd < 0 ? errno_name(errno) : name("%#o", fcntl(fd, F_GETFL)));
}

CASE(mounts_without_handles, "root cap:2") {
	put_file("file", "content", 0644);
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "file", &h, 0));
	OBSERVE("/proc", "%s", opened(open("/proc", O_RDONLY), &h, O_RDONLY, NULL));
	OBSERVE("/dev/pts", "%s", opened(open("/dev/pts", O_RDONLY), &h, O_RDONLY, NULL));
}
