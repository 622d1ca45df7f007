// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open_by_handle_at: what does a handle lead to, who may open it, and when does it lead nowhere?
#include "../harness/handles.h"

CASE(errors, "cap:2") {
	int file = make_file("f", "x");
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "f", &h, 0));
	CHECK_ERR(open_handle(-1, &h, O_RDONLY), EBADF);
	CHECK_ERR(open_handle(-5, &h, O_RDONLY), EBADF);
	CHECK_ERR(open_handle(999, &h, O_RDONLY), EBADF);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(open_handle(AT_FDCWD, b->p, O_RDONLY), EFAULT);
	CHECK_ERR(open_handle(AT_FDCWD, guard_copy(&h, 8 + h.bytes - 1), O_RDONLY), EFAULT);
	CHECK_ERR(open_handle(AT_FDCWD, guard_copy(&h, 7), O_RDONLY), EFAULT);
	OBSERVE("no longer than it is", "%s", opened(AT_FDCWD, guard_copy(&h, 8 + h.bytes), O_RDONLY, "f"));
	OBSERVE("by the file itself", "%s", opened(file, &h, O_RDONLY, "f"));
	OBSERVE("by a path only", "%s", opened(REQUIRE_OK(open(".", O_PATH)), &h, O_RDONLY, "f"));
	OBSERVE("by the root", "%s", opened(REQUIRE_OK(open("/", O_RDONLY)), &h, O_RDONLY, "f"));
	OBSERVE("in another file system", "%s", opened(REQUIRE_OK(open("/proc", O_RDONLY)), &h, O_RDONLY, "f"));
	OBSERVE("in a tmpfs", "%s", opened(REQUIRE_OK(open("/dev/shm", O_RDONLY)), &h, O_RDONLY, "f"));
	int p[2];
	REQUIRE_OK(pipe(p));
	OBSERVE("by a pipe", "%s", opened(p[0], &h, O_RDONLY, "f"));
}

CASE(malformed, "cap:2") {
	close(make_file("f", "x"));
	struct handle h, o;
	REQUIRE_OK(to_handle(AT_FDCWD, "f", &h, 0));
	for (unsigned bytes = 0; bytes <= 20; bytes++) {
		o = h;
		o.bytes = bytes;
		OBSERVE(name("%u bytes", bytes), "%s", opened(AT_FDCWD, &o, O_RDONLY, "f"));
	}
	static const unsigned sizes[] = {127, 128, 129, -1};
	for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
		o = h;
		o.bytes = sizes[i];
		OBSERVE(name("%d bytes", (int)sizes[i]), "%s", opened(AT_FDCWD, &o, O_RDONLY, "f"));
	}
	static const int types[] = {0, 1, 2, 3, 5, 0x81, 0xfe, 0xff, 0x100, -1};
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		o = h;
		o.type = types[i];
		OBSERVE(name("type %#x", types[i]), "%s", opened(AT_FDCWD, &o, O_RDONLY, "f"));
	}
	for (int bit = 16; bit < 32; bit++) {
		o = h;
		o.type |= 1U << bit;
		OBSERVE(name("type with bit %d", bit), "%s", opened(AT_FDCWD, &o, O_RDONLY, "f"));
	}
	for (int i = 0; i < 8; i++) {
		o = h;
		o.id[i] ^= 0x55;
		OBSERVE(name("byte %d of it changed", i), "%s", opened(AT_FDCWD, &o, O_RDONLY, "f"));
	}
}

CASE(follows_the_file, "cap:2") {
	close(make_file("a", "text"));
	DIRS("d");
	struct handle h, d;
	REQUIRE_OK(to_handle(AT_FDCWD, "a", &h, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "d", &d, 0));
	OBSERVE("at first", "%s", opened(AT_FDCWD, &h, O_RDONLY, "a"));
	REQUIRE_OK(rename("a", "d/b"));
	OBSERVE("renamed", "%s", opened(AT_FDCWD, &h, O_RDONLY, "d/b"));
	REQUIRE_OK(link("d/b", "c"));
	REQUIRE_OK(unlink("d/b"));
	OBSERVE("by its other name", "%s", opened(AT_FDCWD, &h, O_RDWR, "c"));
	int fd = REQUIRE_OK(open_handle(AT_FDCWD, &h, O_RDWR | O_APPEND | O_CLOEXEC));
	OBSERVE("flags", "%#x %#x", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
	CHECK_EQ(write(fd, " more", 5), 5);
	CHECK_STR(read_file("c"), "text more");
	REQUIRE_OK(unlink("c"));
	long again = open_handle(AT_FDCWD, &h, O_RDONLY);
	OBSERVE("without a name, and open", "%s", again < 0 ? errno_name(errno) : "ok");
	if (again >= 0)
		close(again);
	close(fd);
	CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY), ESTALE);
	close(make_file("a", "another"));
	CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY), ESTALE);
	OBSERVE("a directory", "%s", opened(AT_FDCWD, &d, O_RDONLY, "d"));
	REQUIRE_OK(rename("d", "e"));
	OBSERVE("a directory renamed", "%s", opened(AT_FDCWD, &d, O_RDONLY | O_DIRECTORY, "e"));
	REQUIRE_OK(rmdir("e"));
	CHECK_ERR(open_handle(AT_FDCWD, &d, O_RDONLY), ESTALE);
}

CASE(replaced, "cap:2") {
	close(make_file("a", "1"));
	close(make_file("b", "2"));
	struct handle a, b;
	REQUIRE_OK(to_handle(AT_FDCWD, "a", &a, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "b", &b, 0));
	REQUIRE_OK(rename("a", "b"));
	OBSERVE("moved", "%s", opened(AT_FDCWD, &a, O_RDONLY, "b"));
	CHECK_ERR(open_handle(AT_FDCWD, &b, O_RDONLY), ESTALE);
}

CASE(open_flags, "cap:2") {
	close(make_file("f", "text"));
	DIRS("d");
	REQUIRE_OK(symlink("f", "l"));
	REQUIRE_OK(mkfifo("p", 0666));
	static const struct {
		const char *name;
		int flags;
	} how[] = {{"read", O_RDONLY},
		   {"write", O_WRONLY},
		   {"both", O_RDWR},
		   {"neither", O_ACCMODE},
		   {"path", O_PATH},
		   {"path nofollow", O_PATH | O_NOFOLLOW},
		   {"path directory", O_PATH | O_DIRECTORY},
		   {"directory", O_DIRECTORY},
		   {"nofollow", O_NOFOLLOW},
		   {"nonblock", O_NONBLOCK},
		   {"create", O_CREAT | O_RDWR},
		   {"create exclusively", O_CREAT | O_EXCL | O_RDWR},
		   {"create directory", O_CREAT | O_DIRECTORY},
		   {"noatime", O_NOATIME},
		   {"truncate for reading", O_TRUNC},
		   {"unknown", 1 << 29},
		   {"truncate", O_TRUNC | O_RDWR}};
	static const char *const names[] = {"f", "d", "l", "p"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct handle h;
		REQUIRE_OK(to_handle(AT_FDCWD, names[i], &h, 0));
		for (size_t j = 0; j < ARRAY_SIZE(how); j++) {
			int flags = how[j].flags;
			if (names[i][0] == 'p' && !(flags & O_PATH))
				flags |= O_NONBLOCK;
			OBSERVE(name("%s: %s", names[i], how[j].name), "%s", opened(AT_FDCWD, &h, flags, names[i]));
		}
	}
	struct stat st;
	REQUIRE_OK(stat("f", &st));
	CHECK_EQ(st.st_size, 0);
	struct handle d;
	REQUIRE_OK(to_handle(AT_FDCWD, "d", &d, 0));
	OBSERVE("d: a file without a name", "%s", opened(AT_FDCWD, &d, O_TMPFILE | O_RDWR, NULL));
}

CASE(no_descriptor_left, "cap:2") {
	close(make_file("f", "x"));
	struct handle h, gone;
	REQUIRE_OK(to_handle(AT_FDCWD, "f", &h, 0));
	gone = h;
	gone.id[4] ^= 1;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 3}));
	CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY), EMFILE);
	OBSERVE("one that leads nowhere", "%s", opened(AT_FDCWD, &gone, O_RDONLY, NULL));
}

CASE(connectable, "cap:2") {
	DIRS("d", "d/e", "o");
	close(make_file("d/e/f", "x"));
	struct handle f, e;
	REQUIRE_OK(to_handle(AT_FDCWD, "d/e/f", &f, AT_HANDLE_CONNECTABLE));
	REQUIRE_OK(to_handle(AT_FDCWD, "d/e", &e, AT_HANDLE_CONNECTABLE));
	static const char *const roots[] = {".", "d", "d/e", "o"};
	for (size_t i = 0; i < ARRAY_SIZE(roots); i++) {
		int root = REQUIRE_OK(open(roots[i], O_RDONLY));
		OBSERVE(name("file from %s", roots[i]), "%s", opened(root, &f, O_RDONLY, "d/e/f"));
		OBSERVE(name("directory from %s", roots[i]), "%s", opened(root, &e, O_RDONLY, "d/e"));
	}
	int fd = REQUIRE_OK(open_handle(REQUIRE_OK(open("d", O_RDONLY)), &f, O_PATH));
	OBSERVE("its name", "%s", strrchr(link_text(name("/proc/self/fd/%d", fd)), '/'));
	// The bits of the type are the caller's word, and looked at.
	e.type &= ~0x20000;
	OBSERVE("not called a directory", "%s", opened(AT_FDCWD, &e, O_RDONLY, "d/e"));
	f.type |= 0x20000;
	OBSERVE("called a directory", "%s", opened(AT_FDCWD, &f, O_RDONLY, "d/e/f"));
}

CASE(on_tmpfs, "root cap:21") {
	own_mounts();
	DIRS("a", "b", "d");
	mount_tmpfs("a");
	close(make_file("a/f", "x"));
	close(make_file("f", "x"));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	struct handle h, other;
	REQUIRE_OK(to_handle(AT_FDCWD, "a/f", &h, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "f", &other, 0));
	OBSERVE("by one mount", "%s", opened(REQUIRE_OK(open("a", O_RDONLY)), &h, O_RDONLY, "a/f"));
	int b = REQUIRE_OK(open("b", O_RDONLY));
	int fd = REQUIRE_OK(open_handle(b, &h, O_RDONLY));
	CHECK_STR(link_text(name("/proc/self/fd/%d", fd)) + strlen(mounts_base), "/b/f");
	OBSERVE("in the file system above", "%s", opened(AT_FDCWD, &h, O_RDONLY, "a/f"));
	OBSERVE("of the one above", "%s", opened(b, &other, O_RDONLY, "f"));
	REQUIRE_OK(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL));
	OBSERVE("to write by a read-only mount", "%s", opened(b, &h, O_RDWR, "a/f"));
	OBSERVE("to read by it", "%s", opened(b, &h, O_RDONLY, "a/f"));
	REQUIRE_OK(unlink("a/f"));
	OBSERVE("unlinked, and open", "%s", opened(b, &h, O_RDONLY, NULL));
	close(fd);
	CHECK_ERR(open_handle(b, &h, O_RDONLY), ESTALE);
}

CASE(outside_a_part_that_is_mounted, "root cap:21") {
	own_mounts();
	DIRS("a", "b", "c");
	close(make_file("a/f", "x"));
	close(make_file("c/f", "x"));
	REQUIRE_OK(mount("a", "b", NULL, MS_BIND, NULL));
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "c/f", &h, 0));
	int b = REQUIRE_OK(open("b", O_RDONLY));
	OBSERVE("a file that the mount doesn't show", "%s", opened(b, &h, O_RDONLY, "c/f"));
}

CASE(permission_of_the_file, "root cap:2") {
	put_file("secret", "x", 0);
	struct handle h;
	REQUIRE_OK(to_handle(AT_FDCWD, "secret", &h, 0));
	CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY | O_CREAT | O_EXCL), EEXIST);
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY), EPERM);
		CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY | O_DIRECTORY), EPERM);
		CHECK_ERR(open_handle(-1, &h, O_RDONLY), EBADF);
		h.type = -1;
		CHECK_ERR(open_handle(AT_FDCWD, &h, O_RDONLY), EINVAL);
	}
}

CASE(in_a_user_namespace, "root cap:21") {
	own_mounts();
	DIRS("d", "d/e", "s");
	close(make_file("d/f", "x"));
	struct handle d, e, f;
	REQUIRE_OK(to_handle(AT_FDCWD, "d", &d, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "d/e", &e, 0));
	REQUIRE_OK(to_handle(AT_FDCWD, "d/f", &f, 0));
	REQUIRE_OK(chown("s", 5, 5));
	struct handle s;
	REQUIRE_OK(to_handle(AT_FDCWD, "s", &s, 0));
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		OBSERVE("a directory of another's mounts", "%s", opened(AT_FDCWD, &e, O_DIRECTORY, "d/e"));
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE("a directory", "%s", opened(AT_FDCWD, &e, O_DIRECTORY, "d/e"));
		OBSERVE("a directory, not said to be one", "%s", opened(AT_FDCWD, &e, O_RDONLY, "d/e"));
		OBSERVE("a file", "%s", opened(AT_FDCWD, &f, O_RDONLY, "d/f"));
		OBSERVE("a file, said to be a directory", "%s", opened(AT_FDCWD, &f, O_DIRECTORY, "d/f"));
		OBSERVE("of a stranger", "%s", opened(AT_FDCWD, &s, O_DIRECTORY, "s"));
		int in = REQUIRE_OK(open("d", O_RDONLY));
		OBSERVE("below", "%s", opened(in, &e, O_DIRECTORY, "d/e"));
		OBSERVE("the place itself", "%s", opened(in, &d, O_DIRECTORY, "d"));
		OBSERVE("beside", "%s", opened(in, &s, O_DIRECTORY, "s"));
		int low = REQUIRE_OK(open("d/e", O_RDONLY));
		OBSERVE("above", "%s", opened(low, &d, O_DIRECTORY, "d"));
		REQUIRE_OK(mount("x", "s", "tmpfs", 0, NULL));
		DIRS("s/own");
		close(make_file("s/file", "x"));
		struct handle own, file;
		REQUIRE_OK(to_handle(AT_FDCWD, "s/own", &own, 0));
		REQUIRE_OK(to_handle(AT_FDCWD, "s/file", &file, 0));
		int at = REQUIRE_OK(open("s", O_RDONLY));
		OBSERVE("in its own file system", "%s", opened(at, &own, O_DIRECTORY, "s/own"));
		OBSERVE("a file in its own file system", "%s", opened(at, &file, O_RDONLY, "s/file"));
	}
}
