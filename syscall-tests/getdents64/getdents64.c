// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getdents64: what a directory holds: names, types and positions; with which buffers and descriptors?
#include "../harness/dirents.h"

CASE(types) { observe_dir_types(SYS_getdents64); }
CASE(names) { observe_dir_names(SYS_getdents64); }
CASE(errors) { observe_dir_errors(SYS_getdents64); }
CASE(buffer_sizes) { observe_dir_buffer_sizes(SYS_getdents64); }
CASE(every_name_once) { check_dir_complete(SYS_getdents64); }
CASE(seeking) { check_dir_seek(SYS_getdents64); }
CASE(removing_while_reading) { check_dir_while_removing(SYS_getdents64); }
CASE(position_is_shared_by_dup) { check_dir_shared_position(SYS_getdents64); }

CASE(new_entries_show_after_rewinding) {
	struct entry e[8];
	put_dir("d", 0755);
	int fd = open_dir("d");
	CHECK_EQ(list_dir(SYS_getdents64, fd, 4096, e, 8), 2);
	put_file("d/new", "", 0644);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	CHECK_EQ(list_dir(SYS_getdents64, fd, 4096, e, 8), 3);
	REQUIRE_OK(rename("d/new", "d/renamed"));
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	list_dir(SYS_getdents64, fd, 4096, e, 8);
	CHECK_STR(e[2].name, "renamed");
}

CASE(parent) {
	struct entry e[8];
	put_dir("d", 0755);
	CHECK_EQ(list_dir(SYS_getdents64, open_dir("d"), 4096, e, 8), 2);
	CHECK_STR(e[0].name, ".");
	CHECK_STR(e[1].name, "..");
	CHECK_EQ(e[1].ino, stat_of(".").st_ino);
}

CASE(permission_is_decided_at_open, "root") {
	struct entry e[8];
	put_dir("d", 0700);
	int fd = open_dir("d");
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_EQ(list_dir(SYS_getdents64, fd, 4096, e, 8), 2);
		CHECK_ERR(open("d", O_RDONLY), EACCES);
	}
}

CASE(proc_self_fd) {
	struct entry e[64];
	int n = list_dir(SYS_getdents64, open_dir("/proc/self/fd"), 4096, e, 64);
	// Above 64 may stand what the harness was started with.
	for (int i = 0; i < n; i++)
		if (atoi(e[i].name) < 64)
			OBSERVE(e[i].name, "%d", e[i].type);
}

// A call that finds no room for an entry is an access to the directory as any other.
CASE(too_little_room_and_the_time) {
	REQUIRE_OK(mkdir("d", 0777));
	close(make_file("d/f", "x"));
	static const size_t sizes[] = {0, 1, 23, 24, 4096};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		struct timespec old[2] = {{1000, 0}, {2000, 0}};
		REQUIRE_OK(utimensat(AT_FDCWD, "d", old, 0));
		int fd = REQUIRE_OK(open("d", O_RDONLY));
		char room[4096];
		long r = syscall(SYS_getdents64, fd, room, sizes[i]);
		int err = errno;
		struct stat st;
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE(name("%zu bytes", sizes[i]), "%s, %s", r < 0 ? errno_name(err) : r ? "some" : "none", st.st_atim.tv_sec == 1000 ? "as it was" : "moved");
		close(fd);
	}
}

// The count is an int within the kernel.
CASE(count_beyond_int) {
	static char buf[4096];
	put_dir("d", 0755);
	OBSERVE_RET("0x80000000", syscall(SYS_getdents64, open_dir("d"), buf, 0x80000000u));
	OBSERVE_RET("-1", syscall(SYS_getdents64, open_dir("d"), buf, -1));
}

// Nor does it matter whether there is anything left to list.
CASE(the_end_and_the_time) {
	put_dir("d", 0755);
	int fd = open_dir("d");
	char room[4096];
	for (int i = 0; i < 3; i++) {
		struct timespec old[2] = {{1000, 0}, {.tv_nsec = UTIME_OMIT}};
		REQUIRE_OK(utimensat(AT_FDCWD, "d", old, 0));
		long r = syscall(SYS_getdents64, fd, room, sizeof room);
		OBSERVE(name("call %d", i), "%s, %s", r > 0 ? "some" : r ? errno_name(errno) : "none", stat_of("d").st_atim.tv_sec == 1000 ? "as it was" : "moved");
	}
}

// O_NOATIME counts as it is now, not as it was when the directory was opened.
CASE(no_access_time_from_now_on) {
	put_dir("d", 0755);
	char room[4096];
	for (int i = 0; i < 2; i++) {
		struct timespec old[2] = {{1000, 0}, {.tv_nsec = UTIME_OMIT}};
		int fd = REQUIRE_OK(open("d", O_RDONLY | (i ? O_NOATIME : 0)));
		REQUIRE_OK(fcntl(fd, F_SETFL, i ? 0 : O_NOATIME));
		REQUIRE_OK(utimensat(AT_FDCWD, "d", old, 0));
		CHECK(syscall(SYS_getdents64, fd, room, sizeof room) > 0);
		CHECK_EQ(stat_of("d").st_atim.tv_sec == 1000, !i);
	}
}
