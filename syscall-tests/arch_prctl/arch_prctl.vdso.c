// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// arch_prctl: the vDSO, mapped once more by who has dropped it. The C library keeps pointers into the first one, so that all
// happens in children, which ask for no time.
#include "../harness/harness.h"
#include <elf.h>
#include <time.h>

#define MAP_VDSO_X32 0x2001
#define MAP_VDSO_64 0x2003

// mapping finds the first mapping whose name begins like that.
static bool mapping(const char *what, unsigned long *start, unsigned long *end) {
	FILE *f = fopen("/proc/self/maps", "r");
	char line[256];
	bool found = false;
	while (f && !found && fgets(line, sizeof line, f))
		found = strstr(line, what) && sscanf(line, "%lx-%lx", start, end) == 2;
	if (f)
		fclose(f);
	return found;
}

// drop unmaps all of them.
static void drop(const char *what) {
	unsigned long start, end;
	while (mapping(what, &start, &end))
		CHECK_OK(munmap((void *)start, end - start));
}

static void *symbol(unsigned long image, const char *name) {
	Elf64_Ehdr *head = (void *)image;
	Elf64_Phdr *part = (void *)(image + head->e_phoff);
	Elf64_Sym *symbols = NULL;
	char *names = NULL;
	unsigned n = 0;
	for (int i = 0; i < head->e_phnum; i++) {
		if (part[i].p_type != PT_DYNAMIC)
			continue;
		for (Elf64_Dyn *d = (void *)(image + part[i].p_offset); d->d_tag != DT_NULL; d++) {
			if (d->d_tag == DT_SYMTAB)
				symbols = (void *)(image + d->d_un.d_ptr);
			if (d->d_tag == DT_STRTAB)
				names = (void *)(image + d->d_un.d_ptr);
		}
	}
	n = ((char *)names - (char *)symbols) / sizeof *symbols; // the names follow
	for (unsigned i = 0; i < n; i++)
		if (!strcmp(names + symbols[i].st_name, name))
			return (void *)(image + symbols[i].st_value);
	return NULL;
}

CASE(vdso_is_there_once, "kernel>=4.9") {
	IN_CHILD(NULL) {
		OBSERVE_RET("both are there", syscall(SYS_arch_prctl, MAP_VDSO_64, 0x10000000));
		drop("[vdso]");
		OBSERVE_RET("its data are there", syscall(SYS_arch_prctl, MAP_VDSO_64, 0x10000000));
		drop("[vvar");
		CHECK_OK(syscall(SYS_arch_prctl, MAP_VDSO_64, 0x10000000));
		OBSERVE_RET("there again", syscall(SYS_arch_prctl, MAP_VDSO_64, 0x20000000));
		OBSERVE_RET("of x32", syscall(SYS_arch_prctl, MAP_VDSO_X32, 0x20000000));
	}
}

CASE(vdso_comes_back_and_works, "kernel>=4.9") {
	unsigned long hints[] = {0x10000000, 0x10000123, 0, 0x800000000000};
	for (unsigned i = 0; i < sizeof hints / sizeof *hints; i++) {
		IN_CHILD(NULL) {
			unsigned long start, end, data, data_end;
			drop("[vdso]");
			drop("[vvar");
			long size = CHECK_OK(syscall(SYS_arch_prctl, MAP_VDSO_64, hints[i]));
			CHECK_EQ(mapping("[vdso]", &start, &end), true);
			CHECK_EQ(mapping("[vvar", &data, &data_end), true);
			CHECK_EQ(end - start, (unsigned long)size);
			if (hints[i] && hints[i] < 0x800000000000)
				CHECK_EQ(data, 0x10000000ul);
			OBSERVE(name("magic, hint %u", i), "%.3s", (char *)start + 1);
			int (*gettime)(clockid_t, struct timespec *) = symbol(start, "__vdso_clock_gettime");
			CHECK_EQ(gettime != NULL, true);
			struct timespec before, now, after;
			CHECK_OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &before));
			CHECK_EQ(gettime(CLOCK_MONOTONIC, &now), 0);
			CHECK_OK(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &after));
			OBSERVE(name("in order, hint %u", i), "%d", (before.tv_sec < now.tv_sec || (before.tv_sec == now.tv_sec && before.tv_nsec <= now.tv_nsec)) &&
				(now.tv_sec < after.tv_sec || (now.tv_sec == after.tv_sec && now.tv_nsec <= after.tv_nsec)));
		}
	}
}

// What is taken is left alone.
CASE(vdso_goes_elsewhere, "kernel>=4.9") {
	char *there = mmap((void *)0x10000000, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
	CHECK_EQ(there == (char *)0x10000000, true);
	*there = 'x';
	IN_CHILD(NULL) {
		unsigned long start, end;
		drop("[vdso]");
		drop("[vvar");
		CHECK_OK(syscall(SYS_arch_prctl, MAP_VDSO_64, there));
		CHECK_EQ(mapping("[vdso]", &start, &end), true);
		OBSERVE("elsewhere", "%d", start > 0x10001000);
		OBSERVE("kept", "%c", *there);
	}
}
