// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// The directory that a program works in: how it is filled, told in full, and removed.

#include "executor.h"

struct names {
	char name[256][256];
	bool directory[256]; // unless they were sorted
	int n;
};

// A list for each depth, of memory that stays.
static struct names lists[64];
static int taken;

static struct names *take(void) {
	if (taken == sizeof lists / sizeof *lists) {
		say("directories too deep\n");
		_exit(96);
	}
	lists[taken].n = 0;
	return &lists[taken++];
}

static int compare(const void *a, const void *b) { return strcmp(a, b); }

static bool list(int fd, struct names *l) {
	char buf[16384];
	if (l->n) // not the first time
		lseek(fd, 0, SEEK_SET);
	l->n = 0;
	for (long n; (n = syscall(SYS_getdents64, fd, buf, sizeof buf)) > 0;) {
		for (long at = 0; at < n; at += *(uint16_t *)(buf + at + 16)) {
			const char *name = buf + at + 19;
			if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0 || l->n == 256)
				continue;
			l->directory[l->n] = buf[at + 18] == DT_DIR;
			strcpy(l->name[l->n++], name);
		}
		if (n < (long)sizeof buf - 300) // there was room for more
			break;
	}
	return l->n > 0;
}

static void say_time(const char *name, struct timespec t) {
	if (t.tv_sec >= told->started - 2 && t.tv_sec < told->started + 7200)
		say(" %s now", name);
	else
		say(" %s %ld.%09ld", name, t.tv_sec, t.tv_nsec);
}

// Contents: a hash of the first 128 KiB and of the last page.
static void say_contents(int dir, const char *name, off_t size) {
	static unsigned char buf[131072];
	int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
	uint32_t hash = 2166136261u;
	if (fd < 0) {
		say(" unreadable %d", errno);
		return;
	}
	ssize_t n = pread(fd, buf, sizeof buf, 0);
	for (ssize_t i = 0; i < n; i++)
		hash = (hash ^ buf[i]) * 16777619u;
	say(" first %zd#%08x", n, hash);
	if (size > (off_t)sizeof buf) {
		n = pread(fd, buf, 4096, size - 4096);
		for (ssize_t i = 0; i < n; i++)
			hash = (hash ^ buf[i]) * 16777619u;
		say(" last %zd#%08x", n, hash);
	}
	close(fd);
}

static void say_xattrs(int dir, const char *name) {
	char path[64], names[4096], value[4096];
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return;
	// By the *at calls nothing but a path would do; of a symbolic link's own, which only root has, nothing is told.
	int rfd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOATIME | O_CLOEXEC);
	close(fd);
	snprintf(path, sizeof path, "%d", rfd);
	ssize_t n = rfd < 0 ? -1 : flistxattr(rfd, names, sizeof names);
	struct names *l = take();
	l->n = 0;
	for (ssize_t at = 0; at < n; at += strlen(names + at) + 1)
		if (l->n < 256 && strlen(names + at) < 256)
			strcpy(l->name[l->n++], names + at);
	qsort(l->name, l->n, sizeof l->name[0], compare);
	for (int i = 0; i < l->n; i++) {
		ssize_t v = fgetxattr(rfd, l->name[i], value, sizeof value);
		say(" %s=%zd", l->name[i], v);
		for (ssize_t k = 0; k < v && k < 16; k++)
			say("%s%02x", k ? "" : ":", (unsigned char)value[k]);
	}
	taken--;
	if (rfd >= 0)
		close(rfd);
}

static void dump(int dir, const char *name, const char *path, int depth) {
	struct stat s;
	char target[512], below[1024];
	if (fstatat(dir, name, &s, AT_SYMLINK_NOFOLLOW) < 0) {
		say("    %s: %d\n", path, errno);
		return;
	}
	say("    %s mode %o uid %d gid %d", path, s.st_mode, s.st_uid, s.st_gid);
	if (program.flags & PROG_SAME_FS)
		say(" links %d", (int)s.st_nlink);
	if (!S_ISDIR(s.st_mode) || program.flags & PROG_SAME_FS)
		say(" size %ld", (long)s.st_size);
	if (program.flags & PROG_SAME_FS && !(program.flags & PROG_OWN_BLOCKS))
		say(" blocks %ld", (long)s.st_blocks);
	if (program.flags & PROG_SAME_FS)
		say_time("a", s.st_atim);
	say_time("m", s.st_mtim);
	say_time("c", s.st_ctim);
	if (S_ISREG(s.st_mode))
		say_contents(dir, name, s.st_size);
	if (S_ISREG(s.st_mode) || S_ISDIR(s.st_mode))
		say_xattrs(dir, name);
	if (S_ISLNK(s.st_mode)) {
		ssize_t n = readlinkat(dir, name, target, sizeof target - 1);
		target[n < 0 ? 0 : n] = 0;
		say(" -> %.200s", target);
	}
	say("\n");
	if (!S_ISDIR(s.st_mode) || depth > 12)
		return;
	int fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_NOATIME | O_CLOEXEC);
	struct names *l = take();
	if (fd >= 0 && list(fd, l)) {
		qsort(l->name, l->n, sizeof l->name[0], compare);
		for (int i = 0; i < l->n; i++) {
			snprintf(below, sizeof below, "%s/%.60s", path, l->name[i]);
			dump(fd, l->name[i], below, depth + 1);
		}
	}
	taken--;
	if (fd >= 0)
		close(fd);
}

// dump_tree tells all that can be seen of the directory.
void dump_tree(void) {
	say("\n");
	dump(AT_FDCWD, "/", ".", 0);
}

static void fill(const char *name, char letter, int mode, int uid, size_t size) {
	int fd = open(name, O_CREAT | O_WRONLY, mode);
	static char block[70000];
	memset(block, letter, size);
	for (size_t done = 0; done < size;) {
		ssize_t n = write(fd, block, size - done < sizeof block ? size - done : sizeof block);
		if (n <= 0)
			break;
		done += n;
	}
	if (uid)
		fchown(fd, uid, uid);
	close(fd);
}

// make_template fills the working directory with what programs find there. The umask is 0.
void make_template(void) {
	struct timespec old[2] = {{1000000000, 111}, {1000000001, 222}};
	const char *all[] = {"a", "b", "e", "d", "d/a", "d/s", "p", "h"};
	fill("a", 'a', 0644, 0, 100);
	fill("b", 'b', 0640, 1000, 5000);
	fill("e", 'e', 0755, 0, 0);
	mkdir("d", 0755);
	mkdir("d/s", 0777);
	mkdir("p", 0700);
	fill("d/a", 'd', 0666, 0, 70000);
	fill("p/a", 'p', 0644, 0, 10);
	symlink("a", "l");
	symlink("nowhere", "n");
	symlink("d", "d/s/d");
	mkfifo("f", 0644);
	if (program.flags & PROG_NO_LINKS)
		fill("h", 'a', 0644, 0, 100);
	else
		link("a", "h");
	setxattr("b", "user.x", "value", 5, 0);
	size_t files = sizeof all / sizeof *all - !(program.flags & PROG_NO_LINKS); // h may be a
	for (size_t i = 0; i < files; i++)
		utimensat(AT_FDCWD, all[i], old, AT_SYMLINK_NOFOLLOW);
}

static void empty(int fd);

static bool remove_entry(int fd, const char *name, bool directory) {
	if (!directory)
		return unlinkat(fd, name, 0) == 0;
	if (unlinkat(fd, name, AT_REMOVEDIR) == 0)
		return true;
	int sub = openat(fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (sub >= 0) {
		empty(sub);
		close(sub);
	}
	return unlinkat(fd, name, AT_REMOVEDIR) == 0;
}

static void empty(int fd) {
	struct names *l = take();
	while (list(fd, l)) {
		int gone = 0;
		for (int i = 0; i < l->n; i++)
			gone += remove_entry(fd, l->name[i], l->directory[i]);
		if (gone == 0 || (gone == l->n && gone < 256))
			break;
	}
	taken--;
}

void remove_tree(const char *name) {
	taken = 0; // a program may have been ended in the middle
	int fd = open(name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0) {
		empty(fd);
		close(fd);
	}
	rmdir(name);
}
