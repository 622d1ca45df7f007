// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of unlink and unlinkat: what goes with a name, and who may take it away.
#ifndef DITTO_HARNESS_UNLINKS_H
#define DITTO_HARNESS_UNLINKS_H

#include "files.h"

static inline void check_unlink_open_file(path_call del) {
	int fd = make_file("f", "content");
	char buf[8] = "";
	struct stat st;
	CHECK_OK(del("f"));
	CHECK_ERR(del("f"), ENOENT);
	CHECK_EQ(read(fd, buf, 7), 7);
	REQUIRE_OK(fstat(fd, &st));
	CHECK_EQ(st.st_nlink, 0);
	put_file("f", "another", 0644);
	CHECK_EQ(pread(fd, buf, 7, 0), 7);
	CHECK_STR(buf, "content");
}

static inline void observe_unlink_links(path_call del) {
	put_file("f", "content", 0644);
	REQUIRE_OK(link("f", "g"));
	put_link("f", "l");
	struct stat f = stat_of("f"), dir;
	next_stamp();
	dir = stat_of(".");
	next_stamp();
	CHECK_OK(del("g"));
	OBSERVE("file", "%s", times_moved(&f, "f"));
	OBSERVE("directory", "%s", times_moved(&dir, "."));
	CHECK_EQ(stat_of("f").st_nlink, 1);
	CHECK_OK(del("l"));
	OBSERVE("tree", "%s", tree_text("."));
}

// In a directory that all may write to, all may unlink; unless it is sticky: then the owners of file and directory.
static inline void observe_unlink_sticky(path_call del) {
	static const struct {
		const char *dir;
		int mode, uid;
	} dirs[] = {{"open", 0777, 0}, {"sticky", 01777, 0}, {"theirs", 01777, 65534}, {"closed", 0755, 0}, {"no_x", 0666, 0}};
	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
		put_dir(dirs[i].dir, 0777);
		put_file(name("%s/roots", dirs[i].dir), "", 0666);
		put_file(name("%s/theirs", dirs[i].dir), "", 0);
		REQUIRE_OK(chown(name("%s/theirs", dirs[i].dir), 65534, 65534));
		REQUIRE_OK(chown(dirs[i].dir, dirs[i].uid, 0));
		REQUIRE_OK(chmod(dirs[i].dir, dirs[i].mode));
	}
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(dirs); i++) {
			OBSERVE_RET(name("%s: root's", dirs[i].dir), del(name("%s/roots", dirs[i].dir)));
			OBSERVE_RET(name("%s: theirs", dirs[i].dir), del(name("%s/theirs", dirs[i].dir)));
		}
	}
}

#endif
