// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// openat2: what does it refuse that openat lets through, how does struct open_how grow, and what does each RESOLVE_
// flag keep a walk from?
#include "../harness/files.h"
#include "../harness/mounts.h"

#include <linux/openat2.h>

// Below a directory ".." may be EAGAIN while anything anywhere is renamed or mounted: "the caller may wish to retry".
static long open_how_at(int dirfd, const char *path, struct open_how *how) {
	long ret;
	do
		ret = syscall(SYS_openat2, dirfd, path, how, sizeof *how);
	while (ret < 0 && errno == EAGAIN && how->resolve & (RESOLVE_BENEATH | RESOLVE_IN_ROOT) && !(how->resolve & RESOLVE_CACHED));
	return ret;
}

static long try_how(const char *path, uint64_t flags, uint64_t mode, uint64_t resolve) {
	struct open_how how = {.flags = flags, .mode = mode, .resolve = resolve};
	return open_how_at(AT_FDCWD, path, &how);
}

static long open_plain(const char *path) { return try_how(path, O_RDONLY, 0, 0); }
static long open_create(const char *path) { return try_how(path, O_RDWR | O_CREAT, 0640, 0); }
static long open_beneath(const char *path) { return try_how(path, O_RDONLY, 0, RESOLVE_BENEATH); }
static long open_no_links(const char *path) { return try_how(path, O_RDONLY, 0, RESOLVE_NO_SYMLINKS); }
static long open_in_root(const char *path) { return try_how(path, O_RDONLY, 0, RESOLVE_IN_ROOT); }

static long open_at(int dirfd, const char *path) {
	struct open_how how = {.flags = O_RDONLY};
	return open_how_at(dirfd, path, &how);
}

// Even a path from the root starts at the descriptor, which must be a directory.
CASE(in_root_of_what_is_none) {
	static const char *const paths[] = {"/", "/.", "/x", "x", ".", "", "/.."};
	static const uint64_t resolve[] = {RESOLVE_IN_ROOT, RESOLVE_BENEATH, RESOLVE_NO_XDEV};
	put_file("file", "", 0644);
	put_link(".", "link");
	int fds[] = {REQUIRE_OK(open("file", O_RDONLY)), REQUIRE_OK(open("link", O_PATH | O_NOFOLLOW)), -1};
	for (int i = 0; i < 3; i++)
		for (int k = 0; k < 7; k++)
			for (int j = 0; j < 3; j++) {
				struct open_how how = {.flags = O_RDONLY, .resolve = resolve[j]};
				OBSERVE_OK(name("%d, %s, %lx", i, paths[k], (long)resolve[j]), syscall(SYS_openat2, fds[i], paths[k], &how, sizeof how));
			}
}

static long open_at_beneath(int dirfd, const char *path) {
	struct open_how how = {.flags = O_RDONLY, .resolve = RESOLVE_BENEATH};
	return open_how_at(dirfd, path, &how);
}

CASE(walk) { observe_walk_looking(open_plain); }
CASE(walk_creating) { observe_walk(open_create); }
CASE(walk_beneath) { observe_walk_looking(open_beneath); }
CASE(walk_without_symlinks) { observe_walk_looking(open_no_links); }
CASE(walk_in_root) { observe_walk_looking(open_in_root); }
CASE(as_nobody, "root") { observe_walk_as_nobody(open_plain); }
CASE(path_pointers) { observe_path_pointers(open_plain); }
CASE(dirfds) { observe_dirfds_looking(open_at); }
CASE(dirfds_beneath) { observe_dirfds_looking(open_at_beneath); }

static long flag_on_file(unsigned long f) { return f & O_DIRECT ? 0 : try_how("file", f, 0, 0); }
// What is cached is nobody's promise.
static long try_resolve(const char *path, uint64_t f) { return f == RESOLVE_CACHED ? 0 : try_how(path, 0, 0, f); }
static long resolve_on_file(unsigned long f) { return try_resolve("file", f); }
static long resolve_on_parent(unsigned long f) { return try_resolve("../tree/file", f); }
static long resolve_on_link(unsigned long f) { return try_resolve("to_dir/file", f); }
static long resolve_on_root(unsigned long f) { return try_resolve("/", f); }
CASE(each_flag) { observe_flag_bits(flag_on_file, 64); }
CASE(each_resolve_flag) { observe_flag_bits(resolve_on_file, 64); }
CASE(each_resolve_flag_on_a_parent) { observe_flag_bits(resolve_on_parent, 6); }
CASE(each_resolve_flag_on_a_link) { observe_flag_bits(resolve_on_link, 6); }
CASE(each_resolve_flag_on_the_root) { observe_flag_bits(resolve_on_root, 6); }

CASE(mode_needs_a_new_file) {
	put_file("f", "", 0644);
	CHECK_ERR(try_how("f", O_RDONLY, 0644, 0), EINVAL);
	CHECK_OK(try_how("f", O_RDONLY | O_CREAT, 0644, 0));
	CHECK_ERR(try_how("f", O_RDONLY | O_CREAT, 010000, 0), EINVAL);
	OBSERVE_RET("07777", try_how("new", O_RDONLY | O_CREAT, 07777, 0));
	OBSERVE_RET("bit 32", try_how("f", O_RDONLY | O_CREAT, 1ull << 32, 0));
	OBSERVE("new", "%s", entry_text("new"));
}

CASE(flag_combinations) {
	put_file("f", "", 0644);
	put_dir("d", 0755);
	OBSERVE_RET("O_PATH|O_RDWR", try_how("f", O_PATH | O_RDWR, 0, 0));
	OBSERVE_RET("O_PATH|O_APPEND", try_how("f", O_PATH | O_APPEND, 0, 0));
	OBSERVE_OK("O_PATH|O_CLOEXEC", try_how("f", O_PATH | O_CLOEXEC, 0, 0));
	OBSERVE_OK("O_PATH|O_NOFOLLOW", try_how("f", O_PATH | O_NOFOLLOW, 0, 0));
	OBSERVE_OK("O_PATH|O_DIRECTORY", try_how("d", O_PATH | O_DIRECTORY, 0, 0));
	OBSERVE_RET("O_PATH|O_CREAT", try_how("f", O_PATH | O_CREAT, 0, 0));
	OBSERVE_RET("O_CREAT|O_DIRECTORY", try_how("d", O_CREAT | O_DIRECTORY, 0600, 0));
	OBSERVE_RET("__O_TMPFILE", try_how("d", (O_TMPFILE & ~O_DIRECTORY) | O_RDWR, 0600, 0));
	OBSERVE_OK("O_LARGEFILE", try_how("f", 0100000, 0, 0));
	OBSERVE_OK("access 3", try_how("f", 3, 0, 0));
	OBSERVE_RET("beneath and in root", try_how("f", 0, 0, RESOLVE_BENEATH | RESOLVE_IN_ROOT));
	OBSERVE_RET("cached, creating", try_how("new", O_CREAT, 0600, RESOLVE_CACHED));
	OBSERVE_RET("cached, truncating", try_how("f", O_TRUNC, 0, RESOLVE_CACHED));
}

CASE(struct_size) {
	struct {
		struct open_how how;
		uint64_t more[4];
	} big = {{.flags = O_RDONLY}, {0}};
	put_file("f", "", 0644);
	for (size_t size = 0; size <= 40; size += 4)
		OBSERVE_OK(name("size %zu", size), syscall(SYS_openat2, AT_FDCWD, "f", &big, size));
	big.more[1] = 1;
	CHECK_OK(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof big.how + 8));
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", &big, sizeof big.how + 16), E2BIG);
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", &big, 23), EINVAL);
	OBSERVE_RET("4097 bytes", syscall(SYS_openat2, AT_FDCWD, "f", guard_end(8192), 4097));
	OBSERVE_OK("4096 bytes", syscall(SYS_openat2, AT_FDCWD, "f", guard_end(4096), 4096));
}

CASE(struct_pointers) {
	struct open_how how = {0};
	put_file("f", "", 0644);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_RET(b->name, syscall(SYS_openat2, AT_FDCWD, "f", b->p, sizeof how));
	CHECK_OK(syscall(SYS_openat2, AT_FDCWD, "f", guard_copy(&how, sizeof how), sizeof how));
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", (char *)guard_copy(&how, sizeof how) + 1, sizeof how), EFAULT);
	CHECK_ERR(syscall(SYS_openat2, AT_FDCWD, "f", guard_copy(&how, sizeof how), sizeof how + 8), EFAULT);
	OBSERVE_RET("bad struct and bad path", syscall(SYS_openat2, AT_FDCWD, bad_ptr(), bad_ptr(), sizeof how));
}

// A jail in which links lead out by every way.
static int put_jail(void) {
	put_file("secret", "outside", 0644);
	put_dir("jail", 0755);
	put_dir("jail/sub", 0755);
	put_file("jail/inside", "inside", 0644);
	put_file("jail/secret", "inner", 0644);
	put_link("../secret", "jail/up");
	put_link("/secret", "jail/abs");
	put_link("../inside", "jail/sub/in");
	put_link("/", "jail/root");
	put_link("/proc/self/cwd", "jail/magic");
	return REQUIRE_OK(open("jail", O_PATH));
}

CASE(jail) {
	static const char *const paths[] = {"inside", "up", "abs", "sub/in", "sub/../inside", "sub/../../secret", "..", ".", "/", "/inside", "../jail/inside",
					    "root", "root/inside", "magic", "sub/..", "../../../../secret", "../inside"};
	static const struct {
		const char *name;
		uint64_t flags;
	} how[] = {{"none", 0}, {"beneath", RESOLVE_BENEATH}, {"in root", RESOLVE_IN_ROOT}, {"no links", RESOLVE_NO_SYMLINKS},
		   {"no magic links", RESOLVE_NO_MAGICLINKS}, {"in root, no links", RESOLVE_IN_ROOT | RESOLVE_NO_SYMLINKS}};
	int jail = put_jail();
	for (size_t h = 0; h < ARRAY_SIZE(how); h++)
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			struct open_how a = {.flags = O_RDONLY, .resolve = how[h].flags};
			char text[16] = "";
			int fd = OBSERVE_OK(name("%s: %s", how[h].name, paths[i]), open_how_at(jail, paths[i], &a));
			if (fd >= 0 && read(fd, text, sizeof text - 1) > 0)
				OBSERVE(name("%s: %s: content", how[h].name, paths[i]), "%s", text);
			if (fd >= 0)
				close(fd);
		}
}

CASE(magic_links) {
	put_file("f", "x", 0644);
	int fd = REQUIRE_OK(open("f", O_RDONLY));
	const char *link = name("/proc/self/fd/%d", fd);
	OBSERVE_OK("none", try_how(link, 0, 0, 0));
	OBSERVE_RET("no magic links", try_how(link, 0, 0, RESOLVE_NO_MAGICLINKS));
	OBSERVE_RET("no symlinks", try_how(link, 0, 0, RESOLVE_NO_SYMLINKS));
	OBSERVE_RET("no mounts", try_how(link, 0, 0, RESOLVE_NO_XDEV));
	// With O_NOFOLLOW and O_PATH it is the link itself that is opened.
	OBSERVE_OK("the link itself", try_how("/proc/self/root", O_PATH | O_NOFOLLOW, 0, RESOLVE_NO_MAGICLINKS));
}

CASE(no_crossing_of_mounts) {
	OBSERVE_RET("/proc/version from /", try_how("/proc/version", 0, 0, RESOLVE_NO_XDEV));
	int proc = REQUIRE_OK(open("/proc", O_PATH));
	struct open_how how = {.resolve = RESOLVE_NO_XDEV};
	OBSERVE_OK("version from /proc", open_how_at(proc, "version", &how));
	OBSERVE_RET(".. from /proc", open_how_at(proc, "..", &how));
}

// What is wrong with the flags counts before what the cache can't do, the path behind it.
// An absolute link may be followed in the root's mount, but only once the walk has had to do with the root.
CASE(no_crossing_by_an_absolute_link, "root cap:18") {
	IN_CHILD(NULL) {
		put_dir("root", 0755);
		REQUIRE_OK(chdir("root"));
		REQUIRE_OK(chroot("."));
		put_dir("d", 0755);
		put_file("f", "x", 0644);
		put_link("/f", "l");
		put_link("/d", "ld");
		put_link("d/up", "both");
		put_link("/f", "d/up");
		static const char *const paths[] = {"l", "/l", "ld", "ld/up", "d/up", "both", "../l", "./l", "d/../l", "d/../../f", "ld/../l", "/ld/up"};
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++)
			for (int below = 0; below < 3; below++)
				OBSERVE_OK(name("%s, %d", paths[i], below), try_how(paths[i], 0, 0, RESOLVE_NO_XDEV | (below == 1 ? RESOLVE_IN_ROOT : below ? RESOLVE_BENEATH : 0)));
	}
}

CASE(cached_and_flags_that_do_not_go_together) {
	static const uint64_t flags[] = {O_CREAT, O_TRUNC, O_TMPFILE | O_RDWR, O_CREAT | O_DIRECTORY, O_TMPFILE | O_RDONLY, O_TMPFILE | O_RDWR | O_CREAT,
		(O_TMPFILE & ~O_DIRECTORY) | O_RDWR, O_PATH | O_CREAT, O_PATH | O_TRUNC, O_RDONLY};
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		uint64_t mode = flags[i] & (O_CREAT | (O_TMPFILE & ~O_DIRECTORY)) ? 0600 : 0;
		struct open_how how = {.flags = flags[i], .mode = mode, .resolve = RESOLVE_CACHED};
		OBSERVE_OK(name("%#lo", (long)flags[i]), try_how(".", flags[i], mode, RESOLVE_CACHED));
		OBSERVE_RET(name("%#lo, path that can't be read", (long)flags[i]), open_how_at(AT_FDCWD, (const char *)8, &how));
		OBSERVE_RET(name("%#lo, no descriptor", (long)flags[i]), open_how_at(99, "f", &how));
	}
}

// tmpfs does not remember what is not there.
CASE(cached_and_missing_in_memory, "root cap:21") {
	own_mounts();
	DIRS("d");
	put_file("d/f", "", 0600);
	OBSERVE_OK("a file", try_how("d/f", O_RDONLY, 0, RESOLVE_CACHED));
	for (int i = 0; i < 2; i++) {
		OBSERVE_RET(name("looked for %d times", i), try_how("d/missing", O_RDONLY, 0, RESOLVE_CACHED));
		OBSERVE_RET(name("below it, looked for %d times", i), try_how("d/missing/x", O_RDONLY, 0, RESOLVE_CACHED));
		CHECK_ERR(try_how("d/missing", O_RDONLY, 0, 0), ENOENT);
	}
	REQUIRE_OK(unlink("d/f"));
	OBSERVE_RET("removed", try_how("d/f", O_RDONLY, 0, RESOLVE_CACHED));
	OBSERVE_RET("below a file", try_how("d/g/x", O_RDONLY, 0, RESOLVE_CACHED));
}
