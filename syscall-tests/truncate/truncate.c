// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// truncate: a file of that length: which files, lengths and limits?
#include "../harness/truncates.h"

static long call(const char *path, long length) { return syscall(SYS_truncate, path, length); }
static long on_path(const char *path) { return call(path, 3); }

CASE(walk) { observe_walk(on_path); }
CASE(as_nobody, "root") { observe_walk_as_nobody(on_path); }
CASE(path_pointers) { observe_path_pointers(on_path); }
CASE(lengths) { observe_truncate_lengths(call); }
CASE(zeros) { check_truncate_zeros(call); }
CASE(limit) { observe_truncate_limit(call); }
CASE(times) { observe_truncate_times(call); }
CASE(setid_bits, "root") { observe_truncate_setid(call); }

CASE(special) {
	REQUIRE_OK(mkfifo("fifo", 0644));
	REQUIRE_OK(mknod("sock", S_IFSOCK | 0644, 0));
	OBSERVE_RET("fifo", on_path("fifo"));
	OBSERVE_RET("socket", on_path("sock"));
	OBSERVE_RET("/dev/null", on_path("/dev/null"));
	OBSERVE_RET("/proc/self/status", on_path("/proc/self/status"));
	OBSERVE_RET("negative and missing", call("missing", -1));
	OBSERVE_RET("negative and a directory", call(".", -1));
}

CASE(write_permission, "root") {
	for (int mode = 0; mode < 8; mode++) {
		put_file(name("f%d", mode), "content", mode);
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET(name("mode %o", mode), on_path(name("f%d", mode)));
		}
	}
}

// To the length that it has: by name a file on tmpfs keeps its times (file systems differ in that); by descriptor it does not.
CASE(same_length_in_memory) {
	char dir[] = "/dev/shm/same-XXXXXX";
	REQUIRE(mkdtemp(dir) != NULL);
	REQUIRE_OK(chdir(dir));
	struct timespec old[2] = {{1000, 0}, {1000, 0}};
	for (int length = 0; length < 4; length += 3)
		for (int by_fd = 0; by_fd < 2; by_fd++) {
			int fd = REQUIRE_OK(open("same", O_RDWR | O_CREAT | O_TRUNC, 0600));
			struct stat st;
			REQUIRE_OK(ftruncate(fd, length));
			REQUIRE_OK(futimens(fd, old));
			REQUIRE_OK(by_fd ? ftruncate(fd, length) : call("same", length));
			REQUIRE_OK(fstat(fd, &st));
			OBSERVE(name("%d bytes by %s", length, by_fd ? "descriptor" : "name"), "%s", st.st_mtime == 1000 ? "as it was" : "changed");
			close(fd);
		}
	REQUIRE_OK(unlink("same"));
	REQUIRE_OK(chdir("/"));
	REQUIRE_OK(rmdir(dir));
}

// But what has pages, even of zeros, is as if it had been cut.
CASE(same_length_with_data_in_memory) {
	char dir[] = "/dev/shm/same-XXXXXX";
	REQUIRE(mkdtemp(dir) != NULL);
	REQUIRE_OK(chdir(dir));
	struct timespec old[2] = {{1000, 0}, {1000, 0}};
	static const struct {
		const char *name;
		int at;
		const char *data;
	} kinds[] = {{"data", 0, "data"}, {"data after a hole", 100000, "data"}, {"zeros", 0, "\0\0\0\0"}, {"nothing", 0, ""}};
	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		int fd = REQUIRE_OK(open("same", O_RDWR | O_CREAT | O_TRUNC, 0600));
		size_t n = strlen(kinds[i].data) || kinds[i].data == kinds[2].data ? 4 : 0;
		struct stat st;
		CHECK_EQ(pwrite(fd, kinds[i].data, n, kinds[i].at), n);
		REQUIRE_OK(futimens(fd, old));
		REQUIRE_OK(call("same", kinds[i].at + n));
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE(kinds[i].name, "%s", st.st_mtime == 1000 ? "as it was" : "changed");
		close(fd);
	}
	REQUIRE_OK(unlink("same"));
	REQUIRE_OK(chdir("/"));
	REQUIRE_OK(rmdir(dir));
}
