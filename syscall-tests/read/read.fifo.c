// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// read: when reading a FIFO moves its time of access
#include "../harness/rw.h"
#include "../harness/mounts.h"

static void observe_read(const char *what, const char *path, int flags, long atime, long mtime) {
	struct timespec times[2] = {{atime, 0}, {mtime, 0}};
	struct stat s;
	char b;
	int fd = REQUIRE_OK(open(path, O_RDWR | O_NONBLOCK | flags));
	REQUIRE_OK(write(fd, "x", 1));
	REQUIRE_OK(utimensat(AT_FDCWD, path, times, 0));
	OBSERVE_RET(name("%s, read", what), read(fd, &b, 1));
	REQUIRE_OK(stat(path, &s));
	OBSERVE(what, "%s, mtime %s", s.st_atim.tv_sec == atime ? "stays" : "moves", s.st_mtim.tv_sec == mtime ? "stays" : "moves");
	close(fd);
}

CASE(time_of_access_of_a_fifo, "root cap:21") {
	static const struct {
		const char *name;
		unsigned long flags;
	} mounts[] = {{"relatime", MS_RELATIME}, {"strictatime", MS_STRICTATIME}, {"noatime", MS_NOATIME}, {"nodiratime", MS_NODIRATIME}, {"read-only", MS_RDONLY}};
	time_t now = time(NULL);
	own_mounts();
	REQUIRE_OK(mkdir("m", 0755));
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(mount(".", "m", NULL, MS_BIND, NULL));
	for (int i = 0; i < 5; i++) {
		REQUIRE_OK(mount(NULL, "m", NULL, MS_BIND | MS_REMOUNT | mounts[i].flags, NULL));
		if (mounts[i].flags == MS_RDONLY) { // times can't be set by its path
			char b;
			struct stat s;
			struct timespec times[2] = {{1000000000, 0}, {1000000000, 0}};
			int fd = REQUIRE_OK(open("m/fifo", O_RDWR | O_NONBLOCK));
			REQUIRE_OK(write(fd, "x", 1));
			REQUIRE_OK(utimensat(AT_FDCWD, "fifo", times, 0));
			REQUIRE_OK(read(fd, &b, 1));
			REQUIRE_OK(stat("fifo", &s));
			OBSERVE(mounts[i].name, "%s", s.st_atim.tv_sec == 1000000000 ? "stays" : "moves");
			continue;
		}
		observe_read(name("%s, old", mounts[i].name), "m/fifo", 0, 1000000000, 1000000000);
		observe_read(name("%s, younger than the data and the inode", mounts[i].name), "m/fifo", 0, now + 4000, 1000000000);
		observe_read(name("%s, younger than the inode, older than the data", mounts[i].name), "m/fifo", 0, now + 4000, now + 5000);
		observe_read(name("%s, O_NOATIME", mounts[i].name), "m/fifo", O_NOATIME, 1000000000, 1000000000);
	}
}
