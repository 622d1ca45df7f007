// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// What the cases about core files share: a child that dies with room for one, and what the file says.
#ifndef DITTO_CORES_H
#define DITTO_CORES_H

#include "harness.h"

#include <elf.h>
#include <sys/procfs.h>
#include <sys/resource.h>

// Core files must go to the working directory under their plain name; a host may send them elsewhere.
static inline void cores_here(void) {
	const char *pattern = read_file("/proc/sys/kernel/core_pattern");
	if (!pattern || strcmp(pattern, "core\n") != 0)
		SKIP("core_pattern is not core");
	const char *pid = read_file("/proc/sys/kernel/core_uses_pid");
	if (!pid || *pid != '0')
		SKIP("core_uses_pid is set");
}

static inline void core_limit(unsigned long bytes) {
	struct rlimit l;
	REQUIRE_OK(getrlimit(RLIMIT_CORE, &l));
	l.rlim_cur = bytes;
	REQUIRE_OK(setrlimit(RLIMIT_CORE, &l));
}

// "exit 3", "signal SIGSEGV", "signal SIGSEGV, core dumped"
static inline const char *core_status(int st) {
	return name("%s%s", status_text(st), WIFSIGNALED(st) && WCOREDUMP(st) ? ", core dumped" : "");
}

struct core {
	char *data;
	size_t size;
	Elf64_Ehdr *head;
	Elf64_Phdr *segments;
};

static inline struct core core_read(const char *path) {
	struct core c = {0};
	struct stat s;
	int fd = REQUIRE_OK(open(path, O_RDONLY));
	REQUIRE_OK(fstat(fd, &s));
	c.size = s.st_size;
	c.data = mmap(NULL, c.size, PROT_READ, MAP_PRIVATE, fd, 0);
	REQUIRE(c.data != MAP_FAILED && c.size >= sizeof *c.head);
	close(fd);
	c.head = (void *)c.data;
	REQUIRE(memcmp(c.head->e_ident, ELFMAG, SELFMAG) == 0 && c.head->e_type == ET_CORE);
	c.segments = (void *)(c.data + c.head->e_phoff);
	return c;
}

// The program header of the segment that has an address; NULL: none.
static inline Elf64_Phdr *core_segment(struct core *c, const void *addr) {
	for (int i = 0; i < c->head->e_phnum; i++) {
		Elf64_Phdr *p = &c->segments[i];
		if (p->p_type == PT_LOAD && (Elf64_Addr)addr - p->p_vaddr < p->p_memsz)
			return p;
	}
	return NULL;
}

// What the file has of the process's memory at an address; NULL: nothing.
static inline void *core_at(struct core *c, const void *addr) {
	Elf64_Phdr *p = core_segment(c, addr);
	if (!p || (Elf64_Addr)addr - p->p_vaddr >= p->p_filesz)
		return NULL;
	return c->data + p->p_offset + ((Elf64_Addr)addr - p->p_vaddr);
}

// The n-th note of a type, from 0; NULL: there is none.
static inline void *core_note(struct core *c, unsigned type, int n, size_t *size) {
	for (int i = 0; i < c->head->e_phnum; i++) {
		Elf64_Phdr *p = &c->segments[i];
		if (p->p_type != PT_NOTE)
			continue;
		for (size_t at = p->p_offset; at < p->p_offset + p->p_filesz;) {
			Elf64_Nhdr *h = (void *)(c->data + at);
			size_t desc = at + sizeof *h + ((h->n_namesz + 3) & ~3u);
			if (h->n_type == type && n-- == 0) {
				if (size)
					*size = h->n_descsz;
				return c->data + desc;
			}
			at = desc + ((h->n_descsz + 3) & ~3u);
		}
	}
	return NULL;
}

#endif
