// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// execve: what is said of a program whose interpreter can't be one?
#include "../harness/harness.h"

#include <elf.h>

struct program {
	Elf64_Ehdr h;
	Elf64_Phdr p[3];
	char interpreter[64];
};

// A program with one page of itself, and one or two names of interpreters.
static void put_program(const char *path, const char *interpreter, int twice) {
	struct program g = {
		.h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = ET_DYN, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		      .e_phoff = sizeof(Elf64_Ehdr), .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 2 + twice},
		.p = {{.p_type = PT_LOAD, .p_flags = PF_R, .p_filesz = sizeof g, .p_memsz = sizeof g, .p_align = 4096},
		      {.p_type = PT_INTERP, .p_flags = PF_R, .p_offset = offsetof(struct program, interpreter), .p_filesz = strlen(interpreter) + 1, .p_align = 1}},
	};
	g.p[2] = g.p[1];
	strcpy(g.interpreter, interpreter);
	int fd = REQUIRE_OK(open(path, O_CREAT | O_WRONLY, 0755));
	REQUIRE(write(fd, &g, sizeof g) == sizeof g);
	REQUIRE_OK(fchmod(fd, 0755));
	close(fd);
}

static void observe(const char *what, const char *interpreter) {
	put_program(what, interpreter, 0);
	int st;
	IN_CHILD(&st) {
		syscall(SYS_execve, what, (char *[]){"x", NULL}, (char *[]){NULL});
		_exit(errno);
	}
	OBSERVE(what, "%s", WIFEXITED(st) ? errno_name(WEXITSTATUS(st)) : status_text(st));
}

CASE(interpreters_that_are_none) {
	char text[200];
	memset(text, 't', sizeof text);
	text[199] = 0;
	close(make_file("long", text));
	close(make_file("short", "t"));
	close(make_file("empty", ""));
	close(make_file("locked", text));
	REQUIRE_OK(chmod("long", 0755));
	REQUIRE_OK(chmod("short", 0755));
	REQUIRE_OK(chmod("empty", 0755));
	REQUIRE_OK(mkdir("dir", 0755));
	observe("a text", "long");
	observe("a short text", "short");
	observe("an empty file", "empty");
	observe("one that may not be run", "locked");
	observe("a directory", "dir");
	observe("nothing", "missing");
	observe("below a file", "long/x");
}
