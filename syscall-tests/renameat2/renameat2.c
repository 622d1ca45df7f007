// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// renameat2: rename with flags: never over another, the two exchanged, a whiteout left behind
#include "../harness/renames.h"

static long call(const char *from, const char *to) { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0); }
static long from_path(const char *path) { return call(path, "fresh"); }
static long to_path(const char *path) { return call("file", path); }

CASE(walk_from) { observe_walk(from_path); }
CASE(walk_to) { observe_walk(to_path); }
CASE(pairs) { observe_rename_pairs(call); }
CASE(odd_names) { observe_rename_odd_names(call); }
CASE(pointers) { observe_rename_pointers(call); }
CASE(hard_links) { observe_rename_hard_links(call); }
CASE(times) { observe_rename_times(call); }
CASE(open_files) { observe_rename_open(call); }
CASE(as_nobody, "root") { observe_rename_as_nobody(call); }

#define NOREPLACE 1
#define EXCHANGE 2
#define WHITEOUT 4

static long at_from(int fd, const char *path) { return syscall(SYS_renameat2, fd, path, AT_FDCWD, "fresh", 0); }
static long at_to(int fd, const char *path) { return syscall(SYS_renameat2, AT_FDCWD, "file", fd, path, 0); }
static long noreplace(const char *from, const char *to) { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, NOREPLACE); }
static long exchange(const char *from, const char *to) { return syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, EXCHANGE); }
static long bit_to_new(unsigned long f) { return f == WHITEOUT ? 0 : syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "new", f); }
static long bit_to_old(unsigned long f) { return f == WHITEOUT ? 0 : syscall(SYS_renameat2, AT_FDCWD, "file", AT_FDCWD, "to_dir", f); }

CASE(dirfds_from) { observe_dirfds(at_from); }
CASE(dirfds_to) { observe_dirfds(at_to); }
CASE(noreplace_pairs) { observe_rename_pairs(noreplace); }
CASE(noreplace_odd_names) { observe_rename_odd_names(noreplace); }
CASE(exchange_pairs) { observe_rename_pairs(exchange); }
CASE(exchange_odd_names) { observe_rename_odd_names(exchange); }
CASE(exchange_hard_links) { observe_rename_hard_links(exchange); }
CASE(exchange_as_nobody, "root") { observe_rename_as_nobody(exchange); }
CASE(each_flag_to_a_new_name) { observe_flag_bits(bit_to_new, 32); }
CASE(each_flag_to_an_old_name) { observe_flag_bits(bit_to_old, 32); }

CASE(flag_pairs) {
	put_file("f", "", 0644);
	put_file("g", "", 0644);
	OBSERVE_RET("NOREPLACE|EXCHANGE", syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "g", NOREPLACE | EXCHANGE));
	OBSERVE_RET("WHITEOUT|EXCHANGE", syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "g", WHITEOUT | EXCHANGE));
	OBSERVE_RET("WHITEOUT|NOREPLACE over another", syscall(SYS_renameat2, AT_FDCWD, "f", AT_FDCWD, "g", WHITEOUT | NOREPLACE));
	OBSERVE_RET("bad flag, bad fds, bad paths", syscall(SYS_renameat2, -1, bad_ptr(), -1, bad_ptr(), 8));
	OBSERVE_RET("bad paths, missing from", syscall(SYS_renameat2, AT_FDCWD, "missing", AT_FDCWD, bad_ptr(), 0));
}

CASE(exchange_keeps_what_each_is) {
	put_dir("a", 0755);
	put_dir("b", 0755);
	put_dir("a/sub", 0755);
	put_file("b/file", "content", 0640);
	int dir = REQUIRE_OK(open("a/sub", O_RDONLY)), fd = REQUIRE_OK(open("b/file", O_RDONLY));
	CHECK_OK(exchange("a/sub", "b/file"));
	OBSERVE("tree", "%s", tree_text("."));
	struct stat st, b = stat_of("b");
	REQUIRE_OK(fstatat(dir, "..", &st, 0));
	CHECK_EQ(st.st_ino, b.st_ino);
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_ino, stat_of("a/sub").st_ino);
	CHECK_ERR(exchange("a", "a/sub"), EINVAL);
	OBSERVE_RET("the other way round", exchange("a/sub", "a"));
}

// Where a directory was there are no names, whatever else is wrong.
CASE(names_in_a_removed_directory) {
	const char *long_name = repeat("n", 256, "");
	const struct {
		const char *what, *from, *to;
		bool from_gone, to_gone;
	} tries[] = {{"from", "x", "new", true, false}, {"from a long name", long_name, "new", true, false}, {"to", "file", "x", false, true},
		{"to a long name", "file", long_name, false, true}, {"a file to what is said to be a directory", "file", "x/", false, true},
		{"missing to it", "missing", "x", false, true}, {"a long name to it", long_name, "x", false, true},
		{"a directory", "dir", "x", false, true}, {"a directory to a long name", "dir", long_name, false, true},
		{"from where it is to a long name", "x", long_name, true, true}, {"a file to .", "file", ".", false, true}};
	put_file("file", "", 0644);
	put_dir("dir", 0755);
	put_dir("gone", 0755);
	int gone = REQUIRE_OK(open("gone", O_RDONLY));
	REQUIRE_OK(rmdir("gone"));
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++)
		for (unsigned flags = 0; flags <= EXCHANGE; flags++)
			OBSERVE_RET(name("%s, %u", tries[i].what, flags), syscall(SYS_renameat2, tries[i].from_gone ? gone : AT_FDCWD, tries[i].from,
				tries[i].to_gone ? gone : AT_FDCWD, tries[i].to, flags));
}
