// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of the calls on files: batteries of paths, directory descriptors and flag bits that every such call is
// tried with, a text of what a tree holds, and the comparison of times.
#ifndef DITTO_HARNESS_FILES_H
#define DITTO_HARNESS_FILES_H

#include "harness.h"

#include <dirent.h>
#include <limits.h>
#include <sys/ioctl.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/uio.h>

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

// A file with that content and mode, whatever the umask; no descriptor stays open.
static inline void put_file(const char *path, const char *content, mode_t mode) {
	int fd = make_file(path, content);
	REQUIRE_OK(fchmod(fd, mode));
	close(fd);
}

static inline void put_dir(const char *path, mode_t mode) {
	REQUIRE_OK(mkdir(path, 0777));
	REQUIRE_OK(chmod(path, mode));
}

static inline void put_link(const char *target, const char *path) { REQUIRE_OK(symlink(target, path)); }

// --- What a tree holds -------------------------------------------------------------------------------------------------

static inline char type_letter(mode_t mode) {
	switch (mode & S_IFMT) {
	case S_IFREG:
		return 'f';
	case S_IFDIR:
		return 'd';
	case S_IFLNK:
		return 'l';
	case S_IFIFO:
		return 'p';
	case S_IFSOCK:
		return 's';
	case S_IFCHR:
		return 'c';
	case S_IFBLK:
		return 'b';
	}
	return '?';
}

static inline int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// Long names would fill the text: 255 times "n" becomes "n*255".
static inline const char *short_name(const char *s) {
	size_t n = strlen(s);
	return n > 40 ? name("%.1s*%zu", s, n) : s;
}

static inline void tree_entry(int dir, const char *prefix, const char *entry, char *out, size_t size);

static inline void tree_dir(int dir, const char *prefix, char *out, size_t size) {
	char *names[300];
	size_t n = 0;
	DIR *d = fdopendir(dir);
	if (!d) {
		close(dir);
		return;
	}
	for (struct dirent *e; n < ARRAY_SIZE(names) && (e = readdir(d));)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			names[n++] = strdup(e->d_name);
	qsort(names, n, sizeof names[0], by_name);
	for (size_t i = 0; i < n; i++) {
		tree_entry(dirfd(d), prefix, names[i], out, size);
		free(names[i]);
	}
	closedir(d);
}

static inline void tree_entry(int dir, const char *prefix, const char *entry, char *out, size_t size) {
	struct stat st;
	char path[700], target[300] = "";
	size_t len = strlen(out);
	if (fstatat(dir, entry, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return;
	snprintf(path, sizeof path, "%s%s", prefix, short_name(entry));
	len += snprintf(out + len, size - len, "%s%s %c%03o", len ? "; " : "", path, type_letter(st.st_mode), st.st_mode & 07777);
	if (len < size && (st.st_uid != geteuid() || st.st_gid != getegid()))
		len += snprintf(out + len, size - len, " %d:%d", st.st_uid, st.st_gid);
	if (len < size && S_ISREG(st.st_mode))
		len += snprintf(out + len, size - len, " %lld%s", (long long)st.st_size, st.st_nlink > 1 ? name(" x%d", (int)st.st_nlink) : "");
	if (len < size && S_ISLNK(st.st_mode) && readlinkat(dir, entry, target, sizeof target - 1) > 0)
		len += snprintf(out + len, size - len, ">%s", short_name(target));
	if (len < size && (S_ISCHR(st.st_mode) || S_ISBLK(st.st_mode)))
		len += snprintf(out + len, size - len, " %d,%d", major(st.st_rdev), minor(st.st_rdev));
	int sub = S_ISDIR(st.st_mode) ? openat(dir, entry, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC) : -1;
	if (sub >= 0 && len < size) {
		strcat(path, "/");
		tree_dir(sub, path, out, size);
	}
}

// "a d755; a/b f644 5; c l777>a": everything below a directory, sorted. Owners show
// when they are not the caller, link counts of files when above 1.
static inline const char *tree_text(const char *path) {
	static char text[8192];
	text[0] = 0;
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return name("can't be listed: %s", errno_name(errno));
	tree_dir(fd, "", text, sizeof text);
	return text;
}

// "f644 5" of one path, itself and not what it points to; or the errno.
static inline const char *entry_text(const char *path) {
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno_name(errno);
	if (S_ISREG(st.st_mode))
		return name("f%03o %lld", st.st_mode & 07777, (long long)st.st_size);
	return name("%c%03o", type_letter(st.st_mode), st.st_mode & 07777);
}

// --- Paths ---------------------------------------------------------------------------------------------------------------

// A call with all but the path decided.
typedef long (*path_call)(const char *path);

// 41 links in a row, to tree/file and to tree/dir: f39 and d39 stand 40 links away, f40 and d40 are one too many.
static inline void put_chain(void) {
	REQUIRE_OK(mkdir("chain", 0755));
	put_link("../tree/file", "chain/f0");
	put_link("../tree/dir", "chain/d0");
	for (int i = 1; i <= 40; i++) {
		put_link(name("f%d", i - 1), name("chain/f%d", i));
		put_link(name("d%d", i - 1), name("chain/d%d", i));
	}
}

static inline void put_walk_tree(void) {
	put_file("file", "content", 0644);
	put_dir("dir", 0755);
	put_file("dir/file", "inside", 0644);
	put_dir("empty", 0755);
	put_dir("locked", 0700);
	put_file("locked/file", "secret", 0644);
	put_link("file", "to_file");
	put_link("dir", "to_dir");
	put_link("nowhere", "dangling");
	put_link("loop", "loop");
	put_link("pong", "ping");
	put_link("ping", "pong");
}

// The small tree, for probes that are not about the walk.
static inline void put_small_tree(void) {
	put_file("file", "content", 0644);
	put_dir("dir", 0755);
	put_file("dir/file", "inside", 0644);
	put_link("file", "to_file");
	put_link("dir", "to_dir");
}

struct walk_probe {
	const char *name, *path;
};

// A tree that probes are run in, one after the other. It is built anew whenever a probe changed it, so that no probe's
// effect is the next one's cause.
static bool only_looking; // the calls change nothing: the tree is compared once, at the end

struct bench {
	void (*build)(void);
	int home, top, root; // the case's directory, the tree, /
	int old;             // trees moved away so far
	char *before;
};

static inline void bench_build(struct bench *b) {
	REQUIRE_OK(mkdir("tree", 0755));
	REQUIRE_OK(chdir("tree"));
	b->top = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	b->build();
	b->before = strdup(tree_text("."));
}

static inline struct bench bench_open(void (*build)(void)) {
	struct bench b = {.build = build};
	b.home = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	b.root = REQUIRE_OK(open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	bench_build(&b);
	return b;
}

// After a probe: its result, the way back if it changed the working directory or the root, the tree if it changed that.
static inline void bench_probed(struct bench *b, const char *what, long r, int err) {
	if (fchdir(b->root) < 0 || (geteuid() == 0 && chroot(".") < 0) || fchdir(b->top) < 0)
		harness_fail(__FILE__, __LINE__, "no way back after %s: %s", what, errno_name(errno));
	harness_observe_ret(what, r, err, false);
	if (only_looking)
		return;
	const char *after = tree_text(".");
	if (strcmp(b->before, after) == 0)
		return;
	OBSERVE(name("%s: tree", what), "%s", after);
	REQUIRE_OK(fchdir(b->home));
	REQUIRE_OK(rename("tree", name("old%d", b->old++)));
	close(b->top);
	free(b->before);
	bench_build(b);
}

static inline void bench_close(struct bench *b) {
	CHECK_STR(tree_text("."), b->before);
	REQUIRE_OK(fchdir(b->home));
	REQUIRE_OK(rename("tree", name("old%d", b->old++)));
	close(b->home);
	close(b->root);
	close(b->top);
	free(b->before);
}

static inline char *repeat(const char *piece, size_t total, const char *end) {
	static char buf[8][2 * PATH_MAX + 16];
	static int next;
	char *s = buf[next++ % 8];
	size_t n = strlen(piece), room = total - strlen(end), len = 0;
	while (len + n <= room) {
		memcpy(s + len, piece, n);
		len += n;
	}
	while (len < room)
		s[len++] = '/';
	strcpy(s + len, end);
	return s;
}

// Every kind of path that a walk tells apart. The names of what the call may find: file, dir (with a file), empty, and
// links to them.
static inline void observe_walk(path_call call) {
	const struct walk_probe probes[] = {
		{"file", "file"}, {"dir", "dir"}, {"empty dir", "empty"}, {"missing", "missing"}, {"missing/below", "missing/below"},
		{"file/below", "file/below"}, {"file/", "file/"}, {"file/.", "file/."}, {"file/..", "file/.."}, {"dir/", "dir/"},
		{"empty/", "empty/"}, {"dir/.", "dir/."}, {"empty/.", "empty/."}, {"empty/..", "empty/.."}, {"missing/", "missing/"},
		{"missing/.", "missing/."}, {"dot", "."}, {"empty string", ""}, {"odd slashes", ".//dir///./file"},
		{"through dotdot", "empty/../dir/file"}, {"to_file", "to_file"}, {"to_file/", "to_file/"}, {"to_dir", "to_dir"},
		{"to_dir/", "to_dir/"}, {"to_dir/.", "to_dir/."}, {"to_dir/file", "to_dir/file"}, {"to_dir/missing", "to_dir/missing"},
		{"dangling", "dangling"}, {"dangling/", "dangling/"}, {"dangling/below", "dangling/below"}, {"loop", "loop"},
		{"loop/", "loop/"}, {"loop/below", "loop/below"}, {"ping", "ping"}, {"ping/below", "ping/below"},
		{"40 links", "../chain/f39"}, {"41 links", "../chain/f40"}, {"40 links, on the way", "../chain/d39/file"},
		{"41 links, on the way", "../chain/d40/file"}, {"name of 255", repeat("n", 255, "")}, {"name of 256", repeat("n", 256, "")},
		{"256 on the way", repeat("n", 261, "/file")}, {"path of 4095", repeat("./", 4095, "file")},
		{"path of 4096", repeat("./", 4096, "file")}, {"path of 5000", repeat("./", 5000, "file")},
	};
	put_chain();
	struct bench b = bench_open(put_walk_tree);
	for (size_t i = 0; i < ARRAY_SIZE(probes); i++) {
		errno = 0;
		long r = call(probes[i].path);
		// Linux starts a walk over when something on the way is changed meanwhile (LOOKUP_RCU), and counts the links from
		// before too: up to 40 may be too many then.
		for (int again = 0; again < 100 && r < 0 && errno == ELOOP && !strncmp(probes[i].name, "40 links", 8); again++)
			r = call(probes[i].path);
		bench_probed(&b, probes[i].name, r, errno);
	}
	bench_close(&b);
}

static inline void observe_walk_looking(path_call call) {
	only_looking = true;
	observe_walk(call);
}

// What an unprivileged caller may not: walk through a directory without x, or act in one that isn't its own. Needs root.
static inline void observe_walk_as_nobody(path_call call) {
	static const char *const paths[] = {"file", "dir", "empty", "missing", "locked", "locked/file", "locked/missing", "locked/.",
					    "to_file", "dangling", "to_locked", "own", "own/file", "own/missing", "shared/file", "shared/missing"};
	put_walk_tree();
	put_link("locked/file", "to_locked");
	put_dir("own", 0755);
	put_file("own/file", "mine", 0600);
	put_dir("shared", 01777);
	put_file("shared/file", "not mine", 0644);
	REQUIRE_OK(chown("own", 65534, 65534));
	REQUIRE_OK(chown("own/file", 65534, 65534));
	int home = REQUIRE_OK(open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	IN_CHILD(NULL) {
		become_nobody();
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			OBSERVE_OK(name("nobody: %s", paths[i]), call(paths[i]));
			REQUIRE_OK(fchdir(home));
		}
	}
	OBSERVE("tree", "%s", tree_text("."));
	close(home);
}

// Paths that can't be read: every bad pointer, NULL, and a path whose end lies beyond the end of memory; and one that
// ends exactly there.
static inline void observe_path_pointers(path_call call) {
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		OBSERVE_OK(b->name, call(b->p));
	OBSERVE_OK("NULL", call(NULL));
	OBSERVE_OK("no end", call(guard_copy("file", 4)));
	OBSERVE_OK("no end, 4096 bytes", call(guard_copy(repeat("n", 4096, ""), 4096)));
	put_file("file", "content", 0644);
	OBSERVE_OK("ends with memory", call(guard_copy("file", 5)));
}

// --- Directory descriptors -------------------------------------------------------------------------------------------------

typedef long (*at_call)(int dirfd, const char *path);

enum dirfd_kind { DIRFD_CWD, DIRFD_MINUS_ONE, DIRFD_CLOSED, DIRFD_HUGE, DIRFD_FILE, DIRFD_PIPE, DIRFD_DIR, DIRFD_PATH, DIRFD_PATH_FILE, DIRFD_REMOVED, DIRFD_KINDS };

static inline int open_dirfd(enum dirfd_kind kind, const char **word) {
	static const char *const words[] = {"AT_FDCWD", "-1", "closed", "INT_MAX", "file", "pipe", "dir", "O_PATH dir", "O_PATH file", "removed dir"};
	int fds[2];
	*word = words[kind];
	switch (kind) {
	case DIRFD_CWD:
		return AT_FDCWD;
	case DIRFD_MINUS_ONE:
		return -1;
	case DIRFD_CLOSED:
		return 777;
	case DIRFD_HUGE:
		return INT_MAX;
	case DIRFD_FILE:
		return REQUIRE_OK(open("file", O_RDONLY));
	case DIRFD_PIPE:
		REQUIRE_OK(pipe(fds));
		return fds[0];
	case DIRFD_DIR:
		return REQUIRE_OK(open("dir", O_RDONLY | O_DIRECTORY));
	case DIRFD_PATH:
		return REQUIRE_OK(open("dir", O_PATH | O_DIRECTORY));
	case DIRFD_PATH_FILE:
		return REQUIRE_OK(open("file", O_PATH));
	default:
		REQUIRE_OK(mkdir("gone", 0755));
		fds[0] = REQUIRE_OK(open("gone", O_RDONLY | O_DIRECTORY));
		REQUIRE_OK(rmdir("gone"));
		return fds[0];
	}
}

// Every kind of dirfd with a relative, an empty, an absolute and a missing path.
static inline void observe_dirfds(at_call call) {
	static const char *const paths[] = {"file", "new", "", ".", "absolute"};
	char cwd[PATH_MAX], absolute[PATH_MAX + 32];
	REQUIRE(getcwd(cwd, sizeof cwd));
	snprintf(absolute, sizeof absolute, "%s/tree/file", cwd);
	struct bench b = bench_open(put_small_tree);
	for (int kind = 0; kind < DIRFD_KINDS; kind++)
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			const char *word;
			int fd = open_dirfd(kind, &word);
			char *what = strdup(name("%s \"%s\"", word, paths[i]));
			errno = 0;
			long r = call(fd, i == 4 ? absolute : paths[i]);
			bench_probed(&b, what, r, errno);
			free(what);
			if (fd > 2 && fd < 777)
				close(fd);
		}
	bench_close(&b);
}

static inline void observe_dirfds_looking(at_call call) {
	only_looking = true;
	observe_dirfds(call);
}

// --- Flags ---------------------------------------------------------------------------------------------------------------------

typedef long (*flag_call)(unsigned long flags);

// Each bit alone, and none.
static inline void observe_flag_bits(flag_call call, int bits) {
	struct bench b = bench_open(put_small_tree);
	for (int bit = -1; bit < bits; bit++) {
		unsigned long f = bit < 0 ? 0 : 1ul << bit;
		errno = 0;
		long r = call(f);
		bench_probed(&b, name("flag %#lx", f), r, errno);
	}
	bench_close(&b);
}

static inline void observe_flag_bits_looking(flag_call call, int bits) {
	only_looking = true;
	observe_flag_bits(call, bits);
}

// --- Times ----------------------------------------------------------------------------------------------------------------------

// Waits until the file system's clock has moved on, seen by what a write to a scratch file is stamped with.
static inline struct timespec next_stamp(void) {
	struct stat first, now;
	int fd = REQUIRE_OK(open(".stamp", O_CREAT | O_RDWR | O_CLOEXEC, 0600));
	REQUIRE(write(fd, "x", 1) == 1);
	REQUIRE_OK(fstat(fd, &first));
	do {
		REQUIRE(pwrite(fd, "x", 1, 0) == 1);
		REQUIRE_OK(fstat(fd, &now));
	} while (now.st_mtim.tv_sec == first.st_mtim.tv_sec && now.st_mtim.tv_nsec == first.st_mtim.tv_nsec);
	close(fd);
	REQUIRE_OK(unlink(".stamp"));
	return now.st_mtim;
}

static inline int ts_cmp(struct timespec a, struct timespec b) {
	if (a.tv_sec != b.tv_sec)
		return a.tv_sec < b.tv_sec ? -1 : 1;
	return a.tv_nsec < b.tv_nsec ? -1 : a.tv_nsec > b.tv_nsec;
}

// Which of a path's times moved since before: "amc", "-mc", "---".
static inline const char *times_moved(const struct stat *before, const char *path) {
	struct stat st;
	if (lstat(path, &st) < 0)
		return errno_name(errno);
	return name("%c%c%c", ts_cmp(st.st_atim, before->st_atim) ? 'a' : '-', ts_cmp(st.st_mtim, before->st_mtim) ? 'm' : '-',
		    ts_cmp(st.st_ctim, before->st_ctim) ? 'c' : '-');
}

// A stat of a path that must exist.
static inline struct stat stat_of(const char *path) {
	struct stat st;
	REQUIRE_OK(lstat(path, &st));
	return st;
}

// Sets RLIMIT_FSIZE for this process.
static inline void limit_fsize(rlim_t n) { REQUIRE_OK(setrlimit(RLIMIT_FSIZE, &(struct rlimit){n, n})); }

#endif
