// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// creat: is it open for writing, creating and truncating?
#include "../harness/files.h"

static long creat_640(const char *path) { return syscall(SYS_creat, path, 0640); }

CASE(walk) { observe_walk(creat_640); }
CASE(as_nobody, "root") { observe_walk_as_nobody(creat_640); }
CASE(path_pointers) { observe_path_pointers(creat_640); }

CASE(write_only_and_empty) {
	char c;
	put_file("f", "content", 0600);
	int fd = CHECK_OK(syscall(SYS_creat, "f", 0777));
	OBSERVE("existing", "%s", entry_text("f"));
	OBSERVE("flags", "%#o", fcntl(fd, F_GETFL));
	OBSERVE("descriptor flags", "%d", fcntl(fd, F_GETFD));
	CHECK_ERR(read(fd, &c, 1), EBADF);
	CHECK_EQ(write(fd, "x", 1), 1);
}

CASE(mode_and_umask) {
	static const int modes[] = {0, 0777, 07777, 0222, 0444};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		int fd = CHECK_OK(syscall(SYS_creat, name("f%zu", i), modes[i]));
		CHECK_EQ(write(fd, "x", 1), 1);
		OBSERVE(name("mode %#o", modes[i]), "%s", entry_text(name("f%zu", i)));
	}
}

CASE(over_a_link) {
	put_file("a", "content", 0644);
	put_link("a", "l");
	REQUIRE_OK(link("a", "b"));
	CHECK_OK(syscall(SYS_creat, "l", 0600));
	OBSERVE("tree", "%s", tree_text("."));
}

// In a set-group-ID directory of others the bit is lost to a file that its group could execute, and whether it could is
// asked before the umask.
CASE(set_group_id_and_umask, "root") {
	static const int modes[] = {02755, 02745, 02710, 02700, 06777, 0755}, masks[] = {0, 022, 010, 077};
	put_dir("d", 0777);
	REQUIRE_OK(chmod("d", 02777));
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
			for (size_t k = 0; k < ARRAY_SIZE(masks); k++) {
				const char *file = strdup(name("d/%o_%o", modes[i], masks[k])), *node = strdup(name("d/n%o_%o", modes[i], masks[k]));
				umask(masks[k]);
				REQUIRE_OK(syscall(SYS_creat, file, modes[i]));
				OBSERVE(file, "%o", stat_of(file).st_mode);
				REQUIRE_OK(mknod(node, S_IFREG | modes[i], 0));
				OBSERVE(node, "%o", stat_of(node).st_mode);
			}
	}
}
