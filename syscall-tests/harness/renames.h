// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the rename calls: every pair of types, links of one file, directories into themselves, owners.
#ifndef DITTO_HARNESS_RENAMES_H
#define DITTO_HARNESS_RENAMES_H

#include "files.h"

typedef long (*rename_call)(const char *from, const char *to);

// One of each type that renaming tells apart.
static inline void put_rename_tree(void) {
	put_file("file", "file", 0644);
	put_file("other", "others", 0644);
	put_dir("empty", 0755);
	put_dir("full", 0755);
	put_file("full/inside", "inside", 0644);
	put_dir("full/sub", 0755);
	put_link("file", "link");
	put_link("full", "to_full");
	put_link("nowhere", "dangling");
}

static inline void rename_pair(struct bench *b, rename_call call, const char *from, const char *to) {
	errno = 0;
	long r = call(from, to);
	bench_probed(b, name("%s to %s", short_name(from), short_name(to)), r, errno);
}

static inline void observe_rename_pairs(rename_call call) {
	static const char *const from[] = {"file", "empty", "full", "link", "to_full", "dangling", "missing"};
	static const char *const to[] = {"file", "other", "empty", "full", "link", "to_full", "dangling", "new", "full/sub", "full/new", "full/inside", "missing/new", "other/new"};
	struct bench b = bench_open(put_rename_tree);
	for (size_t i = 0; i < ARRAY_SIZE(from); i++)
		for (size_t j = 0; j < ARRAY_SIZE(to); j++)
			rename_pair(&b, call, from[i], to[j]);
	bench_close(&b);
}

// Last components that are no names, trailing slashes, and the lengths.
static inline void observe_rename_odd_names(rename_call call) {
	static const char *const odd[] = {".", "..", "full/.", "full/..", "full/sub/..", "", "full/", "full//", "new/", "file/", "link/", "to_full/", "dangling/"};
	struct bench b = bench_open(put_rename_tree);
	for (size_t i = 0; i < ARRAY_SIZE(odd); i++) {
		rename_pair(&b, call, odd[i], "fresh");
		rename_pair(&b, call, "file", odd[i]);
		rename_pair(&b, call, "empty", odd[i]);
		rename_pair(&b, call, odd[i], odd[i]);
	}
	// Of / only this much: whether it is another mount than the case's directory differs between machines.
	rename_pair(&b, call, "/", "/");
	rename_pair(&b, call, "file", repeat("n", 255, ""));
	rename_pair(&b, call, "file", repeat("n", 256, ""));
	rename_pair(&b, call, repeat("n", 256, ""), "fresh");
	rename_pair(&b, call, "file", repeat("./", 4096, "x"));
	rename_pair(&b, call, "file", repeat("./", 4095, "x"));
	bench_close(&b);
}

static inline void observe_rename_pointers(rename_call call) {
	put_file("file", "", 0644);
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("from %s", b->name), call(b->p, "new"));
		OBSERVE_RET(name("to %s", b->name), call("file", b->p));
	}
	OBSERVE_RET("from NULL", call(NULL, "new"));
	OBSERVE_RET("to NULL", call("file", NULL));
	OBSERVE_RET("ending with memory", call(guard_copy("file", 5), guard_copy("new", 4)));
	OBSERVE_RET("no end", call("new", guard_copy("n", 1)));
	OBSERVE("tree", "%s", tree_text("."));
}

// Two names of one file: nothing happens, both stay. rename(2).
static inline void observe_rename_hard_links(rename_call call) {
	put_file("a", "x", 0644);
	REQUIRE_OK(link("a", "b"));
	OBSERVE_RET("over a link of its own", call("a", "b"));
	OBSERVE("tree", "%s", tree_text("."));
}

static inline void observe_rename_times(rename_call call) {
	put_dir("from", 0755);
	put_dir("to", 0755);
	put_file("from/f", "x", 0644);
	put_dir("from/d", 0755);
	put_file("to/victim", "y", 0644);
	REQUIRE_OK(link("to/victim", "victim"));
	struct stat from = stat_of("from"), to = stat_of("to"), f = stat_of("from/f"), d = stat_of("from/d"), victim = stat_of("victim");
	next_stamp();
	OBSERVE_RET("over another", call("from/f", "to/victim"));
	OBSERVE_RET("directory", call("from/d", "to/d"));
	OBSERVE("from", "%s", times_moved(&from, "from"));
	OBSERVE("to", "%s", times_moved(&to, "to"));
	OBSERVE("file's data", "%c", times_moved(&f, "to/victim")[1]);
	OBSERVE("directory's data", "%c", times_moved(&d, "to/d")[1]);
	OBSERVE("the replaced", "%s", times_moved(&victim, "victim"));
	CHECK_EQ(f.st_ino, stat_of("to/victim").st_ino);
	OBSERVE("tree", "%s", tree_text("."));
}

// An open descriptor goes with the file; ".." of a moved directory is where it is now.
static inline void observe_rename_open(rename_call call) {
	put_dir("a", 0755);
	put_dir("b", 0755);
	put_dir("a/d", 0755);
	int fd = make_file("f", "content"), dir = REQUIRE_OK(open("a/d", O_RDONLY)), old = make_file("victim", "victim");
	char buf[16] = "";
	OBSERVE_RET("file over an open one", call("f", "victim"));
	CHECK_EQ(pread(fd, buf, 7, 0), 7);
	CHECK_EQ(pread(old, buf, 6, 0), 6);
	OBSERVE("the replaced one's content", "%.6s", buf);
	OBSERVE_RET("open directory", call("a/d", "b/d"));
	struct stat up, b = stat_of("b");
	REQUIRE_OK(fstatat(dir, "..", &up, 0));
	CHECK_EQ(up.st_ino, b.st_ino);
}

// As nobody, in directories of root's and of nobody's, with and without the sticky bit.
static inline void observe_rename_as_nobody(rename_call call) {
	static const int modes[] = {0755, 0777, 01777};
	for (size_t m = 0; m < ARRAY_SIZE(modes); m++)
		for (int owner = 0; owner < 2; owner++) {
			char dir[16];
			snprintf(dir, sizeof dir, "d%o%s", modes[m], owner ? "n" : "r");
			put_dir(dir, 0777);
			put_file(name("%s/roots", dir), "", 0644);
			put_file(name("%s/mine", dir), "", 0644);
			put_dir(name("%s/rootdir", dir), 0755);
			put_dir(name("%s/mydir", dir), 0555);
			REQUIRE_OK(chown(name("%s/mine", dir), 65534, 65534));
			REQUIRE_OK(chown(name("%s/mydir", dir), 65534, 65534));
			REQUIRE_OK(chown(dir, owner ? 65534 : 0, 0));
			REQUIRE_OK(chmod(dir, modes[m]));
			put_dir(name("%s-target", dir), 0777);
			IN_CHILD(NULL) {
				static const char *const entries[] = {"roots", "mine", "rootdir", "mydir"};
				become_nobody();
				for (size_t i = 0; i < ARRAY_SIZE(entries); i++) {
					OBSERVE_RET(name("%s: %s elsewhere", dir, entries[i]), call(name("%s/%s", dir, entries[i]), name("%s-target/%zu", dir, i)));
					OBSERVE_RET(name("%s: %s within", dir, entries[i]), call(name("%s/%s", dir, entries[i]), name("%s/new%zu", dir, i)));
				}
				OBSERVE_RET(name("%s: over root's", dir), call(name("%s/new1", dir), name("%s/roots", dir)));
			}
		}
}

#endif
