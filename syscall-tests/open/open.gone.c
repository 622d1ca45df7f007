// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what is held in one way or another outlives its name, and is not the file that takes it.
#include "../harness/files.h"

#include <sys/xattr.h>

static void tell(const char *who, const char *what, const char *path) {
	struct stat s = {0};
	OBSERVE_RET(name("%s: stat %s", who, what), stat(path, &s));
	OBSERVE(name("%s: %s is", who, what), "mode %o, %d links, modified %ld", s.st_mode, (int)s.st_nlink, s.st_mtime == 2 ? 2L : 0L);
}

// use does by path what can be done to a file, and to the one that has its name now.
static void use(const char *who, const char *path) {
	char value[8];
	const struct timespec times[2] = {{1, 0}, {2, 0}};
	tell(who, "it, before", path);
	OBSERVE_RET(name("%s: chmod", who), chmod(path, 0715));
	OBSERVE_RET(name("%s: chown", who), chown(path, getuid(), getgid()));
	OBSERVE_RET(name("%s: utimensat", who), utimensat(AT_FDCWD, path, times, 0));
	OBSERVE_RET(name("%s: setxattr", who), setxattr(path, "user.x", "v", 1, 0));
	OBSERVE_RET(name("%s: getxattr", who), getxattr(path, "user.x", value, sizeof value));
	OBSERVE_RET(name("%s: set one without a name", who), setxattr(path, "user.", "v", 1, 0));
	OBSERVE_RET(name("%s: get one of no class", who), getxattr(path, "nothing", value, sizeof value));
	OBSERVE_RET(name("%s: removexattr", who), removexattr(path, "user.x"));
	OBSERVE_OK(name("%s: open", who), open(path, O_RDONLY | O_NONBLOCK));
	OBSERVE_OK(name("%s: open, and move no time", who), open(path, O_RDONLY | O_NONBLOCK | O_NOATIME));
	tell(who, "it", path);
	tell(who, "the other", "name");
	OBSERVE_RET(name("%s: link", who), link(path, "again"));
}

static void put(mode_t type) {
	if (type == S_IFDIR)
		put_dir("name", 0700);
	else
		REQUIRE_OK(mknod("name", type | 0600, 0));
}

static void drop(mode_t type) { REQUIRE_OK(type == S_IFDIR ? rmdir("name") : unlink("name")); }

static void held(mode_t type, int flags) {
	static const struct {
		const char *who;
		mode_t type;
	} others[] = {{"then a file", S_IFREG}, {"then a FIFO", S_IFIFO}};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		char path[64];
		put(type);
		int fd = REQUIRE_OK(open("name", flags | O_CLOEXEC));
		drop(type);
		put(others[i].type);
		snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
		use(others[i].who, path);
		close(fd);
		drop(others[i].type);
	}
}

CASE(file_by_path, "fs:xattr") { held(S_IFREG, O_PATH); }
CASE(file_open, "fs:xattr") { held(S_IFREG, O_RDONLY); }
CASE(file_open_without_a_trace, "fs:xattr") { held(S_IFREG, O_RDWR | O_NOATIME); }
CASE(fifo_by_path, "fs:xattr") { held(S_IFIFO, O_PATH); }
CASE(fifo_open, "fs:xattr") { held(S_IFIFO, O_RDWR); }
CASE(directory_by_path, "fs:xattr") { held(S_IFDIR, O_PATH); }
CASE(directory_open, "fs:xattr") { held(S_IFDIR, O_RDONLY); }
CASE(directory_open_without_a_trace, "fs:xattr") { held(S_IFDIR, O_RDONLY | O_NOATIME); }

CASE(working_directory, "fs:xattr") {
	put_dir("name", 0700);
	REQUIRE_OK(chdir("name"));
	REQUIRE_OK(rmdir("../name"));
	use("cwd", ".");
}

// A file whose last name is replaced is as one whose name goes.
CASE(replaced, "fs:xattr") {
	char path[64];
	put_file("name", "old", 0600);
	put_file("new", "new", 0640);
	int fd = REQUIRE_OK(open("name", O_PATH));
	REQUIRE_OK(rename("new", "name"));
	snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
	use("replaced", path);
}

CASE(link_by_path) {
	char target[16] = "";
	REQUIRE_OK(symlink("old", "name"));
	int fd = REQUIRE_OK(open("name", O_PATH | O_NOFOLLOW));
	REQUIRE_OK(unlink("name"));
	REQUIRE_OK(symlink("new", "name"));
	OBSERVE_RET("readlink", readlinkat(fd, "", target, sizeof target - 1));
	OBSERVE("target", "%s", target);
}

// Whether reading moves the time of last access is up to O_NOATIME as it is now.
CASE(noatime_as_it_is_now, "root") {
	static const struct {
		const char *what;
		int open, now;
	} tries[] = {{"set", 0, O_NOATIME}, {"cleared", O_NOATIME, 0}, {"always", O_NOATIME, O_NOATIME}, {"never", 0, 0}};
	const struct timespec old[2] = {{1000000000, 0}, {0, UTIME_OMIT}};
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		struct stat s;
		char b[4];
		int fd = REQUIRE_OK(open("file", O_RDWR | O_CREAT | tries[i].open, 0600));
		REQUIRE_OK(write(fd, "data", 4));
		REQUIRE_OK(fcntl(fd, F_SETFL, tries[i].now));
		REQUIRE_OK(unlink("file"));
		REQUIRE_OK(futimens(fd, old));
		REQUIRE_OK(pread(fd, b, 4, 0));
		REQUIRE_OK(fstat(fd, &s));
		OBSERVE(tries[i].what, "%s", s.st_atime == 1000000000 ? "stays" : "moves");
		close(fd);
	}
}
