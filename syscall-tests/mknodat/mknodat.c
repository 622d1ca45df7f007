// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mknodat: which types of file can be made, by whom, with which bits
#include "../harness/files.h"

static long make(const char *path) { return syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | 0640, 0); }
static long make_type(int mode, long dev) { return syscall(SYS_mknodat, AT_FDCWD, "new", mode, dev); }

CASE(walk) { observe_walk(make); }
CASE(as_nobody, "root") { observe_walk_as_nobody(make); }
CASE(path_pointers) { observe_path_pointers(make); }

// All 16 types: five can be made, no type means a file, directories are mkdir's.
CASE(types, "cap:27") {
	for (int type = 0; type < 16; type++) {
		OBSERVE_RET(name("type %#o", type << 12), make_type(type << 12 | 0666, makedev(1, 3)));
		OBSERVE(name("type %#o: tree", type << 12), "%s", tree_text("."));
		unlink("new");
	}
}

CASE(types_as_nobody, "root") {
	put_dir("d", 0777);
	REQUIRE_OK(chdir("d"));
	IN_CHILD(NULL) {
		become_nobody();
		for (int type = 0; type < 16; type++) {
			OBSERVE_RET(name("type %#o", type << 12), make_type(type << 12 | 0666, makedev(1, 3)));
			unlink("new");
		}
		// A character device 0,0 is a whiteout, which needs no privilege.
		OBSERVE_RET("whiteout", make_type(S_IFCHR | 0666, 0));
		OBSERVE_RET("block 0,0", make_type(S_IFBLK | 0666, 0));
	}
}

CASE(mode_and_umask) {
	static const int modes[] = {0, 0777, 07777, 0200000, 0777777};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
		OBSERVE_RET(name("%#o", modes[i]), make_type(S_IFIFO | modes[i], 0));
		OBSERVE(name("%#o: mode", modes[i]), "%s", entry_text("new"));
		unlink("new");
	}
}

CASE(device_numbers, "cap:27") {
	static const unsigned long devs[] = {0, 0x103, 0x12345678, 0xffffffff, 0x100000103};
	for (size_t i = 0; i < ARRAY_SIZE(devs); i++) {
		OBSERVE_RET(name("%#lx", devs[i]), make_type(S_IFCHR | 0600, devs[i]));
		struct stat st = stat_of("new");
		OBSERVE(name("%#lx: numbers", devs[i]), "%u,%u", major(st.st_rdev), minor(st.st_rdev));
		unlink("new");
	}
}

static long at(int fd, const char *path) { return syscall(SYS_mknodat, fd, path, S_IFIFO | 0640, 0); }
CASE(dirfds) { observe_dirfds(at); }

CASE(fifo_works) {
	CHECK_OK(at(AT_FDCWD, "fifo"));
	int fd = CHECK_OK(open("fifo", O_RDWR));
	char c = 0;
	CHECK_EQ(write(fd, "x", 1), 1);
	CHECK_EQ(read(fd, &c, 1), 1);
	CHECK_EQ(c, 'x');
}

// The type is looked at before the path.
CASE(wrong_type_and_path) {
	static char path[5000];
	memset(path, 'a', sizeof path - 1);
	OBSERVE_RET("directory, too long", syscall(SYS_mknodat, AT_FDCWD, path, S_IFDIR | 0644, 0));
	OBSERVE_RET("link, no pointer", syscall(SYS_mknodat, AT_FDCWD, NULL, S_IFLNK | 0644, 0));
	OBSERVE_RET("directory, empty", syscall(SYS_mknodat, AT_FDCWD, "", S_IFDIR | 0644, 0));
	OBSERVE_RET("file, too long", syscall(SYS_mknodat, AT_FDCWD, path, S_IFREG | 0644, 0));
}
