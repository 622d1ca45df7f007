// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What a program saw, as text: results, and what changed in the arena once that which may differ (times, inode
// numbers, pids) is put into a stable form.

#include "executor.h"

void say(const char *format, ...) {
	va_list ap;
	struct told *t = told;
	va_start(ap, format);
	if (t->length < sizeof t->text - 512)
		t->length += vsnprintf(t->text + t->length, 512, format, ap);
	va_end(ap);
}

// A pid becomes a name of its place in the program.
static int64_t pid_form(int64_t pid) {
	if (pid <= 1)
		return pid;
	if (pid == told->server || pid == told->session) // what stands above a program is as if it were process 1
		return 1;
	for (int i = 0; i < told->pids; i++)
		if (told->pid[i] == pid)
			return 1000000 + i;
	return 999999;
}

void say_result(const struct op *o, long ret) {
	if (ret < 0 && ret >= -4095)
		say("E%ld", -ret);
	else if (o->ret == RET_OK)
		say("ok");
	else if (o->ret == RET_PID)
		say("%ld", (long)pid_form(ret));
	else if (o->ret == RET_SILENT)
		say("-");
	else
		say("%ld", ret);
}

static void norm_time(int64_t *sec, int64_t *fraction) {
	if (*sec >= told->started - 2 && *sec < told->started + 7200) {
		*sec = 0x776f6e; // "now"
		*fraction = 0;
	}
}

static void norm_stat(struct stat *s) {
	s->st_dev = 0;
	s->st_ino = 0;
	if (!(s->st_mode & S_IFMT)) // the inode of eventfd and its kin is as old as the kernel
		memset(&s->st_atim, 0, 3 * sizeof s->st_atim);
	if (!(program.flags & PROG_SAME_FS)) {
		s->st_blksize = s->st_blocks = 0;
		s->st_nlink = 0; // of merged directories 1 in Linux's overlay, and what is opened for writing parts from its links
		if (S_ISDIR(s->st_mode))
			s->st_size = 0;
	}
	if (!(program.flags & PROG_SAME_FS)) // Linux's overlay reads from below until a file is opened for writing, ours till it is written
		s->st_atim = (struct timespec){0};
	if (program.flags & PROG_OWN_BLOCKS)
		s->st_blocks = 0;
	if (S_ISCHR(s->st_mode) || S_ISSOCK(s->st_mode)) // a device's is as old as the machine, a socket's has none or its own
		memset(&s->st_atim, 0, 3 * sizeof s->st_atim);
	norm_time(&s->st_atim.tv_sec, &s->st_atim.tv_nsec);
	norm_time(&s->st_mtim.tv_sec, &s->st_mtim.tv_nsec);
	norm_time(&s->st_ctim.tv_sec, &s->st_ctim.tv_nsec);
}

static void norm_statx_time(struct statx_timestamp *t) {
	int64_t sec = t->tv_sec, nsec = t->tv_nsec;
	norm_time(&sec, &nsec);
	t->tv_sec = sec;
	t->tv_nsec = nsec;
}

static void norm_statx(struct statx *s) {
	s->stx_ino = 0;
	if (!(s->stx_mode & S_IFMT) || S_ISCHR(s->stx_mode))
		memset(&s->stx_atime, 0, 4 * sizeof s->stx_atime);
	s->stx_dev_major = s->stx_dev_minor = 0;
	s->stx_attributes_mask = 0; // what the file system's inodes may have
	memset((char *)s + 0x90, 0, sizeof *s - 0x90); // the mount's id, direct I/O: of the file system and its device
	if (!(program.flags & PROG_SAME_FS)) {
		s->stx_blksize = s->stx_blocks = 0;
		s->stx_mask &= ~STATX_BTIME;
		memset(&s->stx_btime, 0, sizeof s->stx_btime);
		s->stx_attributes = 0;
		memset(&s->stx_atime, 0, sizeof s->stx_atime);
		s->stx_nlink = 0;
		if (S_ISDIR(s->stx_mode))
			s->stx_size = 0;
	}
	if (program.flags & PROG_OWN_BLOCKS)
		s->stx_blocks = 0;
	norm_statx_time(&s->stx_atime);
	norm_statx_time(&s->stx_mtime);
	norm_statx_time(&s->stx_ctime);
	norm_statx_time(&s->stx_btime);
}

static int by_name(const void *a, const void *b) { return strcmp(*(char *const *)a, *(char *const *)b); }

// The entries of a directory, whose order is the file system's, sorted.
static void norm_dirents(char *p, long length, bool is64) {
	static char text[64][288];
	char *names[64];
	int n = 0;
	for (long at = 0; at + 19 < length && n < 64;) {
		uint16_t reclen = *(uint16_t *)(p + at + 16);
		int type = is64 ? p[at + 18] : p[at + reclen - 1];
		snprintf(text[n], sizeof text[n], "%s/%d", p + at + (is64 ? 19 : 18), type);
		names[n] = text[n];
		n++;
		if (reclen == 0)
			break;
		at += reclen;
	}
	qsort(names, n, sizeof *names, by_name);
	say(" [");
	for (int i = 0; i < n; i++)
		say("%s%s", i ? " " : "", names[i]);
	say("]");
	memset(p, 0, length);
}

static void norm_statfs(struct statfs *s) {
	s->f_blocks = s->f_bfree = s->f_bavail = s->f_files = s->f_ffree = 0;
	memset(&s->f_fsid, 0, sizeof s->f_fsid);
	s->f_flags = 0;
	if (!(program.flags & PROG_SAME_FS))
		memset(s, 0, sizeof *s);
}

static void norm_one(const struct norm *n, long ret) {
	char *p = (char *)ARENA_AT + n->offset;
	switch (n->format) {
	case NORM_ZERO:
		memset(p, 0, n->length);
		break;
	case NORM_STAT:
		norm_stat((struct stat *)p);
		break;
	case NORM_STATX:
		norm_statx((struct statx *)p);
		break;
	case NORM_DIRENTS:
	case NORM_DIRENTS64:
		if (ret > 0)
			norm_dirents(p, ret, n->format == NORM_DIRENTS64);
		break;
	case NORM_TIMES:
	case NORM_TIMEVALS:
		for (uint32_t i = 0; i + 16 <= n->length; i += 16)
			norm_time((int64_t *)(p + i), (int64_t *)(p + i + 8));
		break;
	case NORM_PIDS:
		for (uint32_t i = 0; i + 4 <= n->length; i += 4)
			*(uint32_t *)(p + i) = pid_form(*(uint32_t *)(p + i));
		break;
	case NORM_IPC: // times, among counters of which none is as large
		for (uint32_t i = 0; i + 8 <= n->length; i += 8) {
			int64_t none;
			norm_time((int64_t *)(p + i), &none);
		}
		break;
	case NORM_STATFS:
		norm_statfs((struct statfs *)p);
		break;
	case NORM_SIGINFO: {
		siginfo_t *s = (siginfo_t *)p;
		if (s->si_code != SI_KERNEL)
			s->si_pid = pid_form(s->si_pid);
		if (s->si_signo == SIGCHLD)
			s->si_utime = s->si_stime = 0;
		break;
	}
	case NORM_PORT: { // a port that the kernel chose
		uint16_t port = ntohs(*(uint16_t *)(p + 2));
		if (*(uint16_t *)p == AF_INET && port >= 32768)
			*(uint16_t *)(p + 2) = 0xffff;
		break;
	}
	}
}

static char shadow[ARENA_MAX];

void shadow_all(void) { memcpy(shadow, (char *)ARENA_AT, program.arena); }

static void say_run(uint32_t from, uint32_t to) {
	const unsigned char *p = (unsigned char *)ARENA_AT;
	uint64_t hash = 14695981039346656037ul;
	say(" @%x:", from);
	for (uint32_t i = from; i < to && i < from + 48; i++)
		say("%02x", p[i]);
	if (to - from <= 48)
		return;
	for (uint32_t i = from; i < to; i++)
		hash = (hash ^ p[i]) * 1099511628211ul;
	say("+%x#%08x", to - from, (uint32_t)(hash ^ hash >> 32));
}

// Whatever a call wrote into the arena, whether it should have or not.
static void say_changes(void) {
	const char *p = (char *)ARENA_AT;
	for (uint32_t i = 0; i < program.arena; i++) {
		if (i % 256 == 0 && i + 256 <= program.arena && memcmp(p + i, shadow + i, 256) == 0) {
			i += 255;
			continue;
		}
		if (p[i] == shadow[i])
			continue;
		uint32_t end = i + 1;
		for (uint32_t j = end; j < program.arena && j < end + 8; j++)
			if (p[j] != shadow[j])
				end = j + 1;
		say_run(i, end);
		memcpy(shadow + i, p + i, end - i);
		i = end;
	}
}

void observe(const struct op *o, long ret) {
	if (pending) {
		say_result(o, ret);
		return;
	}
	for (int i = 0; i < o->norms; i++)
		norm_one(&o->norm[i], ret);
	say_result(o, ret);
	say_changes();
}
