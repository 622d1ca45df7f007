// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// brk: where does the heap of a program begin that has no interpreter?
#include "../harness/memory.h"

#include <elf.h>
#include <sys/personality.h>

// brk(0), of which the result goes to descriptor 1.
static const unsigned char code[] = {0xb8, 12, 0, 0, 0, 0x31, 0xff, 0x0f, 5, 0x50, 0xb8, 1, 0, 0, 0, 0xbf, 1, 0, 0, 0, 0x48, 0x89, 0xe6,
				     0xba, 8, 0, 0, 0, 0x0f, 5, 0xb8, 60, 0, 0, 0, 0x31, 0xff, 0x0f, 5};

struct program {
	Elf64_Ehdr h;
	Elf64_Phdr p;
	unsigned char code[sizeof code];
};

// put_program makes one whose memory ends bss bytes behind it.
static void put_program(const char *path, int type, uint64_t at, uint64_t bss) {
	struct program g = {
		.h = {.e_ident = {0x7f, 'E', 'L', 'F', ELFCLASS64, ELFDATA2LSB, EV_CURRENT}, .e_type = type, .e_machine = EM_X86_64, .e_version = EV_CURRENT,
		      .e_phoff = offsetof(struct program, p), .e_ehsize = sizeof(Elf64_Ehdr), .e_phentsize = sizeof(Elf64_Phdr), .e_phnum = 1,
		      .e_entry = at + offsetof(struct program, code)},
		.p = {.p_type = PT_LOAD, .p_flags = PF_R | PF_W | PF_X, .p_vaddr = at, .p_paddr = at, .p_filesz = sizeof g, .p_memsz = sizeof g + bss, .p_align = PG},
	};
	memcpy(g.code, code, sizeof code);
	int fd = REQUIRE_OK(open(path, O_CREAT | O_WRONLY | O_TRUNC, 0755));
	REQUIRE(write(fd, &g, sizeof g) == sizeof g);
	close(fd);
}

// first_break is what the program finds.
static uint64_t first_break(const char *path, unsigned long persona) {
	uint64_t at = 0;
	int p[2];
	REQUIRE_OK(pipe(p));
	IN_CHILD(NULL) {
		REQUIRE_OK(personality(persona));
		REQUIRE_OK(dup2(p[1], 1));
		execv(path, (char *[]){"x", NULL});
		_exit(1);
	}
	CHECK(read(p[0], &at, sizeof at) == sizeof at);
	close(p[0]);
	close(p[1]);
	return at;
}

CASE(of_programs_without_interpreter) {
	static const struct {
		const char *name;
		int type;
		uint64_t at;
	} kinds[] = {{"fixed", ET_EXEC, 0x400000}, {"anywhere", ET_DYN, 0}};
	for (int i = 0; i < 2; i++)
		for (int bss = 0; bss <= 0x1234; bss += 0x1234) {
			char name[60];
			put_program("program", kinds[i].type, kinds[i].at, bss);
			snprintf(name, sizeof name, "%s, %#x bytes", kinds[i].name, bss);
			for (int n = 0; n < 8; n++)
				CHECK((first_break("program", 0) & (PG - 1)) == 0); // glibc's thread-local data come first there
			OBSERVE(name, "%#llx", (unsigned long long)first_break("program", ADDR_NO_RANDOMIZE));
		}
}
