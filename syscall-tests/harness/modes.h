// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls that change permissions and owners: which bits stay, for whom, and when set-id bits go.
#ifndef DITTO_HARNESS_MODES_H
#define DITTO_HARNESS_MODES_H

#include "files.h"

typedef long (*chmod_call)(const char *path, unsigned long mode);
typedef long (*chown_call)(const char *path, long uid, long gid);

static inline void observe_chmod_modes(chmod_call call) {
	static const unsigned long modes[] = {0, 0777, 07777, 04000, 02000, 01000, 0100644, 0170000, 0xffffffff, 0x1000001ff, 010000};
	for (int dir = 0; dir < 2; dir++)
		for (size_t i = 0; i < ARRAY_SIZE(modes); i++) {
			dir ? put_dir("x", 0755) : put_file("x", "", 0644);
			OBSERVE_RET(name("%s %#lo", dir ? "dir" : "file", modes[i]), call("x", modes[i]));
			OBSERVE(name("%s %#lo: mode", dir ? "dir" : "file", modes[i]), "%s", entry_text("x"));
			remove("x");
		}
}

static inline void observe_chmod_rights(chmod_call call) {
	put_file("roots", "", 0666);
	put_file("mine", "", 0600);
	put_file("foreign_group", "", 0600);
	put_dir("foreign_dir", 0700);
	REQUIRE_OK(chown("mine", 65534, 65534));
	REQUIRE_OK(chown("foreign_group", 65534, 1234));
	REQUIRE_OK(chown("foreign_dir", 65534, 1234));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("root's", call("roots", 0600));
		OBSERVE_RET("their own", call("mine", 06755));
		OBSERVE("their own: mode", "%s", entry_text("mine"));
		// The owner isn't in the group: set-group-id is dropped without a word.
		OBSERVE_RET("foreign group", call("foreign_group", 06755));
		OBSERVE("foreign group: mode", "%s", entry_text("foreign_group"));
		OBSERVE_RET("foreign group's directory", call("foreign_dir", 07755));
		OBSERVE("foreign group's directory: mode", "%s", entry_text("foreign_dir"));
		OBSERVE_RET("sticky file", call("mine", 01644));
		OBSERVE("sticky file: mode", "%s", entry_text("mine"));
	}
}

static inline void observe_chmod_times(chmod_call call) {
	put_file("f", "", 0644);
	struct stat f = stat_of("f");
	next_stamp();
	OBSERVE_RET("chmod", call("f", 0600));
	OBSERVE("times", "%s", times_moved(&f, "f"));
}

static inline const char *owner_text(const char *path) {
	struct stat st = stat_of(path);
	return name("%c%04o %u:%u", type_letter(st.st_mode), st.st_mode & 07777, st.st_uid, st.st_gid);
}

static inline void observe_chown_ids(chown_call call) {
	static const long ids[][2] = {{1, 2}, {-1, -1}, {3, -1}, {-1, 4}, {65534, 65534}, {0xfffffffe, 0xfffffffe}, {0x100000005, 0x100000006}, {65535, 65536}, {0, 0}};
	put_file("f", "", 0644);
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		OBSERVE_RET(name("%ld:%ld", ids[i][0], ids[i][1]), call("f", ids[i][0], ids[i][1]));
		OBSERVE(name("%ld:%ld: owner", ids[i][0], ids[i][1]), "%s", owner_text("f"));
	}
}

// Root's change of owner takes the set-id bits of programs away, and of nothing else.
static inline void observe_chown_setid(chown_call call) {
	static const int modes[] = {06755, 06644, 02755, 02745, 04644, 07777};
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		for (int kind = 0; kind < 3; kind++) {
			kind == 1 ? put_dir("x", 0755) : put_file("x", "", 0644);
			REQUIRE_OK(chmod("x", modes[i]));
			// The third: nothing asked for.
			OBSERVE_RET(name("%o, %d", modes[i], kind), kind == 2 ? call("x", -1, -1) : call("x", 1, 1));
			OBSERVE(name("%o, %d: owner", modes[i], kind), "%s", owner_text("x"));
			remove("x");
		}
}

static inline void observe_chown_rights(chown_call call) {
	static const long ids[][2] = {{65534, -1}, {-1, 65534}, {0, -1}, {-1, 0}, {-1, 1234}, {-1, -1}, {65534, 1234}, {65534, 65534}};
	static const char *const files[] = {"roots", "mine"};
	put_file("roots", "", 0666);
	put_file("mine", "", 0600);
	REQUIRE_OK(chown("mine", 65534, 65534));
	REQUIRE_OK(chmod("mine", 06755));
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setgroups, 1, &(unsigned){1234}));
		REQUIRE_OK(setresgid(65534, 65534, 65534));
		REQUIRE_OK(setresuid(65534, 65534, 65534));
		for (size_t f = 0; f < ARRAY_SIZE(files); f++)
			for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
				OBSERVE_RET(name("%s to %ld:%ld", files[f], ids[i][0], ids[i][1]), call(files[f], ids[i][0], ids[i][1]));
				OBSERVE(name("%s to %ld:%ld: owner", files[f], ids[i][0], ids[i][1]), "%s", owner_text(files[f]));
			}
	}
}

static inline void observe_chown_times(chown_call call) {
	put_file("f", "", 0644);
	struct stat f = stat_of("f");
	next_stamp();
	OBSERVE_RET("nothing", call("f", -1, -1));
	OBSERVE("nothing: times", "%s", times_moved(&f, "f"));
	OBSERVE_RET("same", call("f", geteuid(), -1));
	OBSERVE("same: times", "%s", times_moved(&f, "f"));
}

#endif
