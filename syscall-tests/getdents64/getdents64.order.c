// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getdents64: in which order does tmpfs list its names, and where does a listing go on when they change?
#include "../harness/mounts.h"

static void list(const char *what, int fd, size_t room) {
	char buf[4096], text[1024] = "";
	long n = syscall(SYS_getdents64, fd, buf, room);
	for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16))
		snprintf(text + strlen(text), sizeof text - strlen(text), " %s>%ld", buf + at + 19, *(long *)(buf + at + 8));
	OBSERVE(what, "%ld%s, then at %ld", n < 0 ? -(long)errno : n, text, (long)lseek(fd, 0, SEEK_CUR));
}

static void list_from(const char *what, int fd, off_t at) {
	REQUIRE_OK(lseek(fd, at, SEEK_SET));
	list(what, fd, 4096);
}

static void make(const char *dir, const char *names) {
	for (; *names; names++)
		close(REQUIRE_OK(open(name("%s/%c", dir, *names), O_CREAT | O_RDWR, 0644)));
}

static int directory(const char *path) {
	REQUIRE_OK(mkdir(path, 0755));
	return REQUIRE_OK(open(path, O_RDONLY | O_DIRECTORY));
}

CASE(newest_first, "root cap:21") {
	own_mounts();
	int fd = directory("d");
	list("empty", fd, 4096);
	make("d", "abcde");
	list_from("five", fd, 0);
	list("at the end", fd, 4096);
	OBSERVE_RET("one beyond the end", lseek(fd, 1, SEEK_CUR));
	list("beyond", fd, 4096);
	for (int at = 1; at < 8; at++)
		list_from(name("from %d", at), fd, at);
	REQUIRE_OK(lseek(fd, 0, SEEK_SET));
	list("room for two", fd, 48);
	list("room for one", fd, 24);
	list("room for none", fd, 23);
}

CASE(positions_of_removed_names, "root cap:21") {
	own_mounts();
	int fd = directory("d");
	make("d", "abcde");
	REQUIRE_OK(unlink("d/c"));
	list_from("the middle", fd, 5);
	REQUIRE_OK(unlink("d/a"));
	list_from("the oldest", fd, 3);
	REQUIRE_OK(unlink("d/e"));
	list_from("the newest", fd, 7);
	make("d", "a");
	list_from("made again", fd, 0);
}

CASE(renamed_names, "root cap:21") {
	own_mounts();
	int d = directory("d"), e = directory("e");
	make("d", "abcde");
	make("e", "qz");
	REQUIRE_OK(rename("d/b", "d/x"));
	list_from("to a new name", d, 0);
	REQUIRE_OK(rename("d/x", "d/c"));
	list_from("over another", d, 0);
	list_from("over another, from its position", d, 5);
	REQUIRE_OK(renameat2(AT_FDCWD, "d/a", AT_FDCWD, "d/e", RENAME_EXCHANGE));
	list_from("exchanged", d, 0);
	REQUIRE_OK(rename("d/a", "e/a"));
	list_from("moved away", d, 0);
	list_from("moved here", e, 0);
	REQUIRE_OK(renameat2(AT_FDCWD, "d/e", AT_FDCWD, "e/q", RENAME_EXCHANGE));
	list_from("exchanged with the other directory", d, 0);
	list_from("exchanged with the other directory, there", e, 0);
	REQUIRE_OK(renameat2(AT_FDCWD, "e/z", AT_FDCWD, "e/w", RENAME_WHITEOUT));
	list_from("leaving a whiteout", e, 0);
	REQUIRE_OK(link("d/c", "d/g"));
	REQUIRE_OK(symlink("c", "d/h"));
	REQUIRE_OK(mkfifo("d/i", 0600));
	list_from("with a link, a symbolic link and a FIFO", d, 0);
}

// Many names, of which each is replaced once: all are listed, none twice.
CASE(all_names_of_many, "root cap:21") {
	enum { MANY = 700 };
	own_mounts();
	int fd = directory("d");
	for (int i = 0; i < MANY; i++)
		close(REQUIRE_OK(open(name("d/%d", i), O_CREAT | O_RDWR, 0644)));
	for (int i = 0; i < MANY; i += 3) {
		close(REQUIRE_OK(open("d/new", O_CREAT | O_RDWR, 0644)));
		REQUIRE_OK(rename("d/new", name("d/%d", i)));
	}
	static char seen[MANY], buf[1000];
	for (long n; (n = REQUIRE_OK(syscall(SYS_getdents64, fd, buf, sizeof buf))) > 0;)
		for (long at = 0; at < n; at += *(unsigned short *)(buf + at + 16))
			if (buf[at + 19] != '.')
				seen[atoi(buf + at + 19)]++;
	for (int i = 0; i < MANY; i++)
		CHECK_EQ(seen[i], 1);
}
