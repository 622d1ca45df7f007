// SPDX-License-Identifier: Apache-2.0
// Cases of files: each works in a directory of its own below DIR and prints nanoseconds per operation.
// Run it as `files NAME DIR`; the same binary runs natively and in the sandbox.
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { PIECE = 1 << 20, PIECES = 1024 };

static double now(void)
{
	struct timespec ts;
	clock_gettime(CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1e9 + ts.tv_nsec;
}

static void need(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	exit(1);
}

static char buf[PIECE];
static int fd;

static void open_close(void)
{
	int f = open("f", O_RDWR);
	need(f >= 0, "open");
	close(f);
}

static void stat_(void)
{
	struct stat st;
	need(stat("f", &st) == 0, "stat");
}

static void read_(size_t n) { need(pread(fd, buf, n, 0) == (ssize_t)n, "pread"); }
static void write_(size_t n) { need(pwrite(fd, buf, n, 0) == (ssize_t)n, "pwrite"); }
static void read_1(void) { read_(1); }
static void read_4k(void) { read_(4096); }
static void write_1(void) { write_(1); }
static void write_4k(void) { write_(4096); }

static void create_unlink(void)
{
	int f = open("new", O_CREAT | O_EXCL | O_WRONLY, 0600);
	need(f >= 0, "creat");
	close(f);
	need(unlink("new") == 0, "unlink");
}

// A gigabyte, in the page cache.
static void write_all(void)
{
	int f = open("large", O_CREAT | O_TRUNC | O_WRONLY, 0600);
	for (int i = 0; i < PIECES; i++)
		need(write(f, buf, PIECE) == PIECE, "write");
	close(f);
}

static void read_all(void)
{
	int f = open("large", O_RDONLY);
	for (int i = 0; i < PIECES; i++)
		need(read(f, buf, PIECE) == PIECE, "read");
	close(f);
}

static const struct {
	const char *name;
	void (*setup)(void), (*op)(void);
	int rounds;
} cases[] = {
	{"open-close", 0, open_close, 20000},
	{"stat", 0, stat_, 50000},
	{"read-1", 0, read_1, 50000},
	{"read-4k", 0, read_4k, 50000},
	{"write-1", 0, write_1, 50000},
	{"write-4k", 0, write_4k, 50000},
	{"create-unlink", 0, create_unlink, 5000},
	{"write-1g", 0, write_all, 1},
	{"read-1g", write_all, read_all, 1},
};

int main(int argc, char **argv)
{
	if (argc == 1)
		for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++)
			puts(cases[i].name);
	if (argc != 3)
		return argc != 1;
	char dir[4096];
	snprintf(dir, sizeof dir, "%s/bench-XXXXXX", argv[2]);
	need(mkdtemp(dir) && chdir(dir) == 0, dir);
	fd = open("f", O_CREAT | O_RDWR, 0600);
	need(fd >= 0, "f");
	write_4k();
	double took = -1;
	for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
		if (strcmp(argv[1], cases[i].name))
			continue;
		if (cases[i].setup)
			cases[i].setup();
		for (int j = 0; j < (cases[i].rounds > 1 ? 50 : 1); j++)
			cases[i].op();
		double start = now();
		for (int j = 0; j < cases[i].rounds; j++)
			cases[i].op();
		took = (now() - start) / cases[i].rounds;
	}
	unlink("large");
	unlink("f");
	need(rmdir(dir) == 0, dir);
	if (took < 0)
		return 2;
	printf("%.1f\n", took);
	return 0;
}
