// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// landlock_restrict_self: files that get other names and directories: what each right lets through, and which error the rest has.
#include "../harness/landlocks.h"

#include <fcntl.h>

enum { EXECUTE = 1, WRITE_FILE = 2, READ_FILE = 4, READ_DIR = 8, REMOVE_DIR = 16, REMOVE_FILE = 32, MAKE_DIR = 128, MAKE_REG = 256, MAKE_SYM = 4096, REFER = 8192 };

// from/file, from/dir/inner, to/file, to/dir/inner and to/sub.
static void put_two(void) {
	put_dir("from", 0755), put_dir("from/dir", 0755), put_file("from/file", "f", 0644), put_file("from/dir/inner", "i", 0644);
	put_dir("to", 0755), put_dir("to/dir", 0755), put_file("to/file", "t", 0644), put_dir("to/sub", 0755);
}

static const struct { const char *old, *new; int flags; } moves[] = {
	{"from/file", "from/new", 0}, {"from/file", "to/new", 0}, {"from/file", "to/file", 0}, {"from/dir", "to/new", 0}, {"from/dir", "to/sub", 0},
	{"from/dir", "from/new", 0}, {"from/file", "to/file", RENAME_EXCHANGE}, {"from/file", "to/dir", RENAME_EXCHANGE}, {"from/none", "to/new", 0},
	{"from/file", "to/file", RENAME_NOREPLACE}, {"from/file", "from/dir", RENAME_EXCHANGE}, {"from/file", "to/sub", 0},
	{"from/file", "from/linked", -1}, {"from/file", "to/linked", -1},
};

static const struct { const char *what; uint64_t handled, from, to, above; } policies[] = {
	{"refer is not spoken of", READ_FILE, 0, 0, 0},
	{"refer nowhere", REFER, 0, 0, 0},
	{"refer in from", REFER, REFER, 0, 0},
	{"refer in both", REFER, REFER, REFER, 0},
	{"refer above", REFER, 0, 0, REFER},
	{"no making", REFER | MAKE_REG | MAKE_DIR, REFER, REFER, 0},
	{"no removing", REFER | REMOVE_FILE | REMOVE_DIR, REFER, REFER, 0},
	{"making in to", REFER | MAKE_REG | MAKE_DIR, REFER, REFER | MAKE_REG | MAKE_DIR, 0},
	{"making in both", REFER | MAKE_REG | MAKE_DIR, REFER | MAKE_REG | MAKE_DIR, REFER | MAKE_REG | MAKE_DIR, 0},
	{"removing in from", REFER | REMOVE_FILE | REMOVE_DIR, REFER | REMOVE_FILE | REMOVE_DIR, REFER, 0},
	{"more rights in to", REFER | READ_FILE, REFER, REFER | READ_FILE, 0},
	{"more rights in from", REFER | READ_FILE, REFER | READ_FILE, REFER, 0},
	{"rights of directories in to", REFER | READ_DIR, REFER, REFER | READ_DIR, 0},
	{"the same above", REFER | READ_FILE | READ_DIR, 0, 0, REFER | READ_FILE | READ_DIR},
	{"no refer, no making", MAKE_REG | REFER, 0, 0, 0},
};

// In a tree of its own: a move that succeeds changes what others would see.
static void try_move(size_t policy, size_t move) {
	const char *old = moves[move].old, *new = moves[move].new, *dir = name("d-%zu-%zu", policy, move);
	put_dir(dir, 0755);
	REQUIRE_OK(chdir(dir));
	put_two();
	int rules = REQUIRE_OK(ruleset(policies[policy].handled, 0, 0));
	if (policies[policy].from)
		REQUIRE_OK(allow(rules, "from", policies[policy].from));
	if (policies[policy].to)
		REQUIRE_OK(allow(rules, "to", policies[policy].to));
	if (policies[policy].above)
		REQUIRE_OK(allow(rules, ".", policies[policy].above));
	REQUIRE_OK(restrict_self(rules));
	const char *what = name("%s: %s to %s, %d", policies[policy].what, old, new, moves[move].flags);
	if (moves[move].flags == -1)
		OBSERVE_RET(what, link(old, new));
	else
		OBSERVE_RET(what, syscall(SYS_renameat2, AT_FDCWD, old, AT_FDCWD, new, moves[move].flags));
}

static void try_policies(size_t first, size_t end) {
	for (size_t policy = first; policy < end && policy < ARRAY_SIZE(policies); policy++)
		for (size_t move = 0; move < ARRAY_SIZE(moves); move++)
			IN_CHILD(NULL) { try_move(policy, move); }
}

CASE(moves_of_who_may_refer_or_not, "kernel>=6.7") { try_policies(0, 5); }
CASE(moves_of_who_may_make_and_remove_or_not, "kernel>=6.7") { try_policies(5, 10); }
CASE(moves_to_where_more_is_allowed, "kernel>=6.7") { try_policies(10, ARRAY_SIZE(policies)); }

// A file that has a rule of its own keeps its rights wherever it goes, and may not bring them along.
CASE(rules_of_the_file_itself, "kernel>=6.7") {
	put_two();
	int rules = REQUIRE_OK(ruleset(REFER | READ_FILE | WRITE_FILE, 0, 0));
	REQUIRE_OK(allow(rules, ".", REFER));
	REQUIRE_OK(allow(rules, "from/file", READ_FILE));
	REQUIRE_OK(allow(rules, "to", READ_FILE));
	REQUIRE_OK(restrict_self(rules));
	OBSERVE_OK("read before", open("from/file", O_RDONLY));
	OBSERVE_OK("write before", open("from/file", O_WRONLY));
	OBSERVE_RET("to where more is allowed", rename("from/file", "to/new"));
	OBSERVE_RET("and back", rename("to/new", "from/back"));
	OBSERVE_OK("read behind", open("from/back", O_RDONLY));
	OBSERVE_RET("another, to where more is allowed", rename("from/dir", "to/another"));
	OBSERVE_RET("exchanged", syscall(SYS_renameat2, AT_FDCWD, "from/back", AT_FDCWD, "to/file", RENAME_EXCHANGE));
}

// Each layer is asked: what one forbids no other allows.
CASE(moves_in_layers, "kernel>=6.7") {
	put_two();
	int a = REQUIRE_OK(ruleset(REFER | READ_FILE, 0, 0)), b = REQUIRE_OK(ruleset(MAKE_REG, 0, 0)), c = REQUIRE_OK(ruleset(0, 1, 0));
	REQUIRE_OK(allow(a, ".", REFER | READ_FILE));
	REQUIRE_OK(allow(b, "to", MAKE_REG));
	REQUIRE_OK(restrict_self(c));
	OBSERVE_RET("a layer of networks", rename("from/file", "to/a"));
	REQUIRE_OK(restrict_self(a));
	OBSERVE_RET("one that allows", rename("to/a", "from/file"));
	REQUIRE_OK(restrict_self(b));
	OBSERVE_RET("one that has not heard of it", rename("from/file", "to/a"));
	OBSERVE_RET("within to", rename("to/file", "to/b"));
	OBSERVE_RET("within from", rename("from/file", "from/b"));
}
