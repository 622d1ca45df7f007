// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// name_to_handle_at: which files have handles, of what form, and when two handles are the same?
#include "../harness/handles.h"

#include <sys/eventfd.h>
#include <sys/socket.h>

CASE(flags) {
	close(make_file("f", "x"));
	for (int bit = 0; bit < 32; bit++)
		OBSERVE(name("bit %d", bit), "%s", handle_text(AT_FDCWD, "f", 1U << bit));
	static const int both[] = {AT_HANDLE_FID | AT_HANDLE_CONNECTABLE, AT_EMPTY_PATH | AT_HANDLE_CONNECTABLE, AT_HANDLE_FID | AT_EMPTY_PATH,
				   AT_HANDLE_FID | AT_SYMLINK_FOLLOW, AT_HANDLE_CONNECTABLE | AT_SYMLINK_FOLLOW,
				   AT_HANDLE_MNT_ID_UNIQUE | AT_HANDLE_CONNECTABLE};
	for (size_t i = 0; i < ARRAY_SIZE(both); i++)
		OBSERVE(name("flags %#x", both[i]), "%s", handle_text(AT_FDCWD, "f", both[i]));
}

CASE(errors) {
	int file = make_file("f", "x");
	struct handle h;
	CHECK_ERR(to_handle(AT_FDCWD, "none", &h, 0), ENOENT);
	CHECK_ERR(to_handle(AT_FDCWD, "", &h, 0), ENOENT);
	CHECK_ERR(to_handle(AT_FDCWD, "f/g", &h, 0), ENOTDIR);
	CHECK_ERR(to_handle(AT_FDCWD, NULL, &h, 0), EFAULT);
	CHECK_ERR(to_handle(-1, "f", &h, 0), EBADF);
	CHECK_ERR(to_handle(-1, "", &h, AT_EMPTY_PATH), EBADF);
	CHECK_ERR(to_handle(file, "f", &h, 0), ENOTDIR);
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "none", NULL, NULL, 0x10000), EINVAL);
	OBSERVE_RET("no path, but AT_EMPTY_PATH", to_handle(file, NULL, &h, AT_EMPTY_PATH));
	OBSERVE_RET("a descriptor of none", to_handle(-1, "/", &h, 0));
	int mnt = 7;
	h.bytes = 129;
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mnt, 0), EINVAL);
	h.bytes = -1;
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, &mnt, 0), EINVAL);
	CHECK_EQ(mnt, 7);
	// Where the file system has no handles nobody looks at the pointer.
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "/proc/self", bad_ptr(), &mnt, 0), EOPNOTSUPP);
}

CASE(pointers) {
	close(make_file("f", "x"));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		struct handle h = {.bytes = 128};
		int mnt = 0;
		CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", b->p, &mnt, 0), EFAULT);
		CHECK_EQ(mnt, 0);
		CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &h, b->p, 0), EFAULT);
		OBSERVE(name("left of the handle (%s)", b->name), "%u %d", h.bytes, h.type);
	}
	int mnt = 0;
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", readonly_page(), &mnt, 0), EFAULT);
	CHECK(mnt != 0);
	uint32_t head[3] = {4};
	uint32_t *at = guard_copy(head, 8);
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", at, &mnt, 0), EOVERFLOW);
	at[0] = 128;
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", at, &mnt, 0), EFAULT);
	CHECK_OK(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &(struct handle){.bytes = 128}, guard_end(4), 0));
	CHECK_ERR(syscall(SYS_name_to_handle_at, AT_FDCWD, "f", &(struct handle){.bytes = 128}, guard_end(4), AT_HANDLE_MNT_ID_UNIQUE), EFAULT);
}

static void observe_sizes(const char *label, const char *path, int flags) {
	for (unsigned room = 0; room <= 20; room++) {
		struct handle h = {.bytes = room};
		memset(h.id, 0xee, sizeof h.id);
		int r = syscall(SYS_name_to_handle_at, AT_FDCWD, path, &h, &h.mnt, flags), err = errno;
		int used = 0;
		for (size_t i = 0; i < sizeof h.id; i++)
			if (h.id[i] != 0xee)
				used = i + 1;
		// A byte of the handle may be 0xee: only that nothing is written is sure.
		OBSERVE(name("%s in %u", label, room), "%s: %u %#x%s%s", r ? errno_name(err) : "ok", h.bytes, h.type, used ? ", written" : "",
			h.mnt ? "" : ", no mount");
	}
}

CASE(room) {
	close(make_file("f", "x"));
	observe_sizes("plain", "f", 0);
	observe_sizes("connectable", "f", AT_HANDLE_CONNECTABLE);
	observe_sizes("connectable directory", ".", AT_HANDLE_CONNECTABLE);
	observe_sizes("of proc", "/proc/self/status", AT_HANDLE_FID);
}

CASE(room_on_tmpfs, "root cap:21") {
	own_mounts();
	close(make_file("f", "x"));
	observe_sizes("plain", "f", 0);
	observe_sizes("an id", "f", AT_HANDLE_FID);
}

static void observe_kinds(const char *label, int dir, const char *path, int flags) {
	OBSERVE(name("%s", label), "%s", handle_text(dir, path, flags));
	OBSERVE(name("%s: id", label), "%s", handle_text(dir, path, flags | AT_HANDLE_FID));
	if (!(flags & AT_EMPTY_PATH))
		OBSERVE(name("%s: connectable", label), "%s", handle_text(dir, path, flags | AT_HANDLE_CONNECTABLE));
}

CASE(kinds_of_files) {
	close(make_file("f", "x"));
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(symlink("f", "l"));
	REQUIRE_OK(symlink("none", "dangling"));
	REQUIRE_OK(mkfifo("p", 0666));
	static const char *const names[] = {"f", "d", "l", "dangling", "p", ".", ".."};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		observe_kinds(names[i], AT_FDCWD, names[i], 0);
		observe_kinds(name("%s, followed", names[i]), AT_FDCWD, names[i], AT_SYMLINK_FOLLOW);
	}
}

CASE(kinds_of_file_systems) {
	static const char *const names[] = {"/proc", "/proc/self/status", "/proc/self/ns", "/sys", "/dev/null", "/dev/pts", "/dev/shm"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		observe_kinds(names[i], AT_FDCWD, names[i], 0);
	int p[2], s[2];
	REQUIRE_OK(pipe(p));
	REQUIRE_OK(socketpair(AF_UNIX, SOCK_STREAM, 0, s));
	observe_kinds("a pipe", p[0], "", AT_EMPTY_PATH);
	observe_kinds("a socket", s[0], "", AT_EMPTY_PATH);
	observe_kinds("an eventfd", REQUIRE_OK(eventfd(0, 0)), "", AT_EMPTY_PATH);
	observe_kinds("a memfd", REQUIRE_OK(memfd_create("m", 0)), "", AT_EMPTY_PATH);
}

CASE(the_same_file) {
	int fd = make_file("a", "x");
	struct handle h, o;
	REQUIRE_OK(to_handle(AT_FDCWD, "a", &h, 0));
	REQUIRE_OK(to_handle(fd, "", &o, AT_EMPTY_PATH));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(to_handle(REQUIRE_OK(open("a", O_PATH)), "", &o, AT_EMPTY_PATH));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(to_handle(AT_FDCWD, "a", &o, AT_HANDLE_FID));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(link("a", "b"));
	REQUIRE_OK(to_handle(AT_FDCWD, "b", &o, 0));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(rename("a", "c"));
	REQUIRE_OK(to_handle(AT_FDCWD, "c", &o, 0));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(symlink("c", "l"));
	REQUIRE_OK(to_handle(AT_FDCWD, "l", &o, AT_SYMLINK_FOLLOW));
	CHECK(same_handle(&h, &o));
	REQUIRE_OK(to_handle(AT_FDCWD, "l", &o, 0));
	CHECK(!same_handle(&h, &o));
	// Connectable ones tell of the directory too.
	struct handle first, second;
	REQUIRE_OK(mkdir("d", 0777));
	REQUIRE_OK(to_handle(AT_FDCWD, "c", &first, AT_HANDLE_CONNECTABLE));
	REQUIRE_OK(rename("c", "d/c"));
	REQUIRE_OK(to_handle(AT_FDCWD, "d/c", &second, AT_HANDLE_CONNECTABLE));
	CHECK(!same_handle(&first, &second));
	REQUIRE_OK(to_handle(AT_FDCWD, "d/c", &o, 0));
	CHECK(same_handle(&h, &o));
	// A file without a name has its handle still; a new one of that name gets another.
	REQUIRE_OK(unlink("d/c"));
	REQUIRE_OK(unlink("b"));
	OBSERVE_RET("unlinked", to_handle(fd, "", &o, AT_EMPTY_PATH));
	CHECK(same_handle(&h, &o));
	close(fd);
	close(make_file("a", "x"));
	REQUIRE_OK(to_handle(AT_FDCWD, "a", &o, 0));
	CHECK(!same_handle(&h, &o));
}

static uint64_t statx_mount(const struct statx *x) {
	uint64_t id;
	memcpy(&id, (const char *)x + 144, sizeof id); // stx_mnt_id, which older headers have no name for
	return id;
}

CASE(mount_ids) {
	struct handle h, u;
	REQUIRE_OK(to_handle(AT_FDCWD, ".", &h, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, ".", &u, AT_HANDLE_MNT_ID_UNIQUE));
	CHECK(same_handle(&h, &u));
	struct statx x;
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, ".", 0, STATX_BASIC_STATS | 0x1000, &x));
	CHECK_EQ(h.mnt, statx_mount(&x));
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, ".", 0, 0x4000, &x));
	CHECK_EQ(u.mnt, statx_mount(&x));
	struct handle proc;
	REQUIRE_OK(to_handle(AT_FDCWD, "/proc", &proc, AT_HANDLE_FID));
	CHECK(proc.mnt != h.mnt);
}

CASE(mounts, "root cap:21") {
	own_mounts();
	DIRS("a", "b");
	mount_tmpfs("a");
	close(make_file("a/f", "x"));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	struct handle one, two;
	REQUIRE_OK(to_handle(AT_FDCWD, "a/f", &one, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "b/f", &two, 0));
	CHECK(same_handle(&one, &two));
	CHECK(one.mnt != two.mnt);
	observe_kinds("tmpfs", AT_FDCWD, "a/f", 0);
	DIRS("r");
	REQUIRE_OK(mount("r", "r", "ramfs", 0, NULL));
	observe_kinds("ramfs", AT_FDCWD, "r", 0);
}

CASE(by_nobody, "root") {
	put_file("secret", "x", 0);
	put_dir("closed", 0);
	close(make_file("closed/f", "x"));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE("a file that can't be read", "%s", handle_text(AT_FDCWD, "secret", 0));
		OBSERVE("a directory that can't be searched", "%s", handle_text(AT_FDCWD, "closed/f", 0));
	}
}
