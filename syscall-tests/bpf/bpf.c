// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// bpf: maps and programs by each command, sizes of the argument, and who may.
#include "../harness/harness.h"

#include <linux/bpf.h>

static long bpf(int cmd, void *attr, unsigned size) { return syscall(SYS_bpf, cmd, attr, size); }

static int map_new(unsigned type, unsigned key, unsigned value, unsigned entries, unsigned flags) {
	union bpf_attr a = {.map_type = type, .key_size = key, .value_size = value, .max_entries = entries, .map_flags = flags};
	return bpf(BPF_MAP_CREATE, &a, sizeof a);
}

static long map_do(int cmd, int map, const void *key, void *value, uint64_t flags) {
	union bpf_attr a = {.map_fd = map, .key = (uintptr_t)key, .value = (uintptr_t)value, .flags = flags};
	return bpf(cmd, &a, sizeof a);
}

// r0 = 0; exit
static const struct bpf_insn nothing[] = {{.code = 0xb7}, {.code = 0x95}};

static int prog_new(unsigned type, const struct bpf_insn *code, unsigned n) {
	union bpf_attr a = {.prog_type = type, .insns = (uintptr_t)code, .insn_cnt = n, .license = (uintptr_t)"GPL"};
	return bpf(BPF_PROG_LOAD, &a, sizeof a);
}

CASE(kinds_of_maps, "root cap:21") {
	for (int type = 0; type < 12; type++) {
		OBSERVE_OK(name("type %d", type), map_new(type, 4, 8, 4, 0));
		OBSERVE_OK(name("type %d, no entries", type), map_new(type, 4, 8, 0, 0));
		OBSERVE_OK(name("type %d, no key", type), map_new(type, 0, 8, 4, 0));
		OBSERVE_OK(name("type %d, no value", type), map_new(type, 4, 0, 4, 0));
	}
	OBSERVE_OK("no such type", map_new(200, 4, 8, 4, 0));
}

CASE(flags_of_maps, "root cap:21") {
	for (int bit = 0; bit < 32; bit++)
		OBSERVE_OK(name("hash, flag %d", bit), map_new(BPF_MAP_TYPE_HASH, 4, 8, 4, 1u << bit));
}

CASE(a_hash, "root cap:21") {
	int m = REQUIRE_OK(map_new(BPF_MAP_TYPE_HASH, 4, 8, 2, 0)), next;
	uint64_t v = 7, got = 0;
	OBSERVE_RET("look up what is not there", map_do(BPF_MAP_LOOKUP_ELEM, m, &(int){1}, &got, 0));
	OBSERVE_RET("put", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, &v, BPF_ANY));
	OBSERVE_RET("look up", map_do(BPF_MAP_LOOKUP_ELEM, m, &(int){1}, &got, 0));
	OBSERVE("value", "%lu", (unsigned long)got);
	OBSERVE_RET("put a new one that is there", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, &v, BPF_NOEXIST));
	OBSERVE_RET("put an old one that is not", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){2}, &v, BPF_EXIST));
	OBSERVE_RET("unknown flag", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){2}, &v, 64));
	OBSERVE_RET("put a second", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){2}, &v, 0));
	OBSERVE_RET("put one too many", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){3}, &v, 0));
	OBSERVE_RET("first key", map_do(BPF_MAP_GET_NEXT_KEY, m, NULL, &next, 0));
	OBSERVE_RET("next key", map_do(BPF_MAP_GET_NEXT_KEY, m, &next, &next, 0));
	OBSERVE_RET("last key", map_do(BPF_MAP_GET_NEXT_KEY, m, &next, &next, 0));
	OBSERVE_RET("look up and delete", map_do(BPF_MAP_LOOKUP_AND_DELETE_ELEM, m, &(int){2}, &got, 0));
	OBSERVE_RET("delete", map_do(BPF_MAP_DELETE_ELEM, m, &(int){1}, NULL, 0));
	OBSERVE_RET("delete again", map_do(BPF_MAP_DELETE_ELEM, m, &(int){1}, NULL, 0));
}

CASE(an_array, "root cap:21") {
	int m = REQUIRE_OK(map_new(BPF_MAP_TYPE_ARRAY, 4, 8, 2, 0));
	uint64_t v = 7, got = 1;
	OBSERVE_RET("look up", map_do(BPF_MAP_LOOKUP_ELEM, m, &(int){1}, &got, 0));
	OBSERVE("value", "%lu", (unsigned long)got);
	OBSERVE_RET("beyond", map_do(BPF_MAP_LOOKUP_ELEM, m, &(int){2}, &got, 0));
	OBSERVE_RET("put", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, &v, 0));
	OBSERVE_RET("put a new one", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, &v, BPF_NOEXIST));
	OBSERVE_RET("put beyond", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){2}, &v, 0));
	OBSERVE_RET("delete", map_do(BPF_MAP_DELETE_ELEM, m, &(int){1}, NULL, 0));
	OBSERVE_RET("freeze", map_do(BPF_MAP_FREEZE, m, NULL, NULL, 0));
	OBSERVE_RET("put into what is frozen", map_do(BPF_MAP_UPDATE_ELEM, m, &(int){0}, &v, 0));
}

CASE(pointers_of_maps, "root cap:21") {
	int m = REQUIRE_OK(map_new(BPF_MAP_TYPE_HASH, 4, 8, 2, 0));
	uint64_t v = 7;
	REQUIRE_OK(map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, &v, 0));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("key %s", p->name), map_do(BPF_MAP_LOOKUP_ELEM, m, p->p, &v, 0));
		OBSERVE_RET(name("value %s", p->name), map_do(BPF_MAP_LOOKUP_ELEM, m, &(int){1}, p->p, 0));
		OBSERVE_RET(name("value to put %s", p->name), map_do(BPF_MAP_UPDATE_ELEM, m, &(int){1}, p->p, 0));
		OBSERVE_RET(name("attributes %s", p->name), bpf(BPF_MAP_CREATE, p->p, sizeof(union bpf_attr)));
	}
}

CASE(programs, "root cap:21") {
	static const struct bpf_insn no_exit[] = {{.code = 0xb7}}, no_result[] = {{.code = 0x95}}, unknown[] = {{.code = 0xff}, {.code = 0x95}};
	for (int type = 0; type < 8; type++)
		OBSERVE_OK(name("type %d", type), prog_new(type, nothing, 2));
	OBSERVE_OK("no such type", prog_new(200, nothing, 2));
	OBSERVE_OK("no instructions", prog_new(BPF_PROG_TYPE_SOCKET_FILTER, nothing, 0));
	OBSERVE_OK("without an end", prog_new(BPF_PROG_TYPE_SOCKET_FILTER, no_exit, 1));
	OBSERVE_OK("without a result", prog_new(BPF_PROG_TYPE_SOCKET_FILTER, no_result, 1));
	OBSERVE_OK("an unknown instruction", prog_new(BPF_PROG_TYPE_SOCKET_FILTER, unknown, 2));
	OBSERVE_OK("at a bad pointer", prog_new(BPF_PROG_TYPE_SOCKET_FILTER, bad_ptr(), 2));
}

CASE(sizes_of_the_argument, "root cap:21") {
	char big[8192] = {0};
	union bpf_attr a = {.map_type = BPF_MAP_TYPE_ARRAY, .key_size = 4, .value_size = 8, .max_entries = 1};
	memcpy(big, &a, sizeof a);
	for (int size = 0; size < 40; size += 4)
		OBSERVE_OK(name("%d", size), bpf(BPF_MAP_CREATE, big, size));
	OBSERVE_OK("a page", bpf(BPF_MAP_CREATE, big, 4096));
	OBSERVE_OK("more than a page", bpf(BPF_MAP_CREATE, big, 4097));
	big[3000] = 1;
	OBSERVE_OK("a page with something at its end", bpf(BPF_MAP_CREATE, big, 4096));
}

// Each command, with an argument that is all zeros.
CASE(each_command_with_nothing, "root cap:21") {
	for (int cmd = 0; cmd < 37; cmd++) {
		union bpf_attr a = {0};
		if (cmd == BPF_ENABLE_STATS) // of the whole machine
			a.enable_stats.type = 77;
		OBSERVE_OK(name("command %d", cmd), bpf(cmd, &a, sizeof a));
	}
	OBSERVE_OK("command 1000", bpf(1000, &(union bpf_attr){0}, sizeof(union bpf_attr)));
	OBSERVE_OK("command -1", bpf(-1, &(union bpf_attr){0}, sizeof(union bpf_attr)));
}

CASE(each_command_by_nobody) {
	IN_CHILD(NULL) {
		become_nobody();
		for (int cmd = 0; cmd < 37; cmd++)
			OBSERVE_OK(name("command %d", cmd), bpf(cmd, &(union bpf_attr){0}, sizeof(union bpf_attr)));
	}
}
