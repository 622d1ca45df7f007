// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pkey_mprotect: which protections are taken with no key of one's own, and what of what may not be written?
#include "../harness/memory.h"

CASE(each_protection) {
	char *p = lettered(anon(4), 4);
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_RET(name("%#x", 1u << bit), syscall(SYS_pkey_mprotect, p, PG, 1u << bit, -1));
	OBSERVE_RET("none", syscall(SYS_pkey_mprotect, p, PG, PROT_NONE, -1));
	OBSERVE_RET("both ways of growing", syscall(SYS_pkey_mprotect, p, PG, PROT_READ | PROT_GROWSDOWN | PROT_GROWSUP, -1));
}

CASE(a_file_open_to_read) {
	close(letter_file("f", 2, 0));
	int fd = REQUIRE_OK(open("f", O_RDONLY));
	char *p = pages(2, PROT_READ, MAP_SHARED, fd);
	CHECK_ERR(syscall(SYS_pkey_mprotect, p, PG, RW, -1), EACCES);
	OBSERVE_RET("key 0", syscall(SYS_pkey_mprotect, p, PG, RW, 0));
	OBSERVE_RET("to read", syscall(SYS_pkey_mprotect, p, PG, PROT_READ, -1));
}
