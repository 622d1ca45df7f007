// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// listmount: which mounts does it list, in which order, from where on, and which requests are refused?
#include "../harness/statmount.h"
#include "../harness/creds.h"

static const char *listed(const uint64_t *ids, long n) {
	static char out[1024];
	out[0] = 0;
	for (long i = 0; i < n; i++) {
		struct mount_status s;
		REQUIRE_OK(stat_mount(ids[i], SM_SB_SOURCE, &s, sizeof s));
		snprintf(out + strlen(out), sizeof out - strlen(out), "%s%s", i ? " " : "", s.str + s.sb_source);
	}
	return out;
}

static void tree(void) {
	DIRS("a", "b");
	REQUIRE_OK(mount("of a", "a", "tmpfs", 0, NULL));
	DIRS("a/x", "a/y");
	REQUIRE_OK(mount("of b", "b", "tmpfs", 0, NULL));
	REQUIRE_OK(mount("of y", "a/y", "tmpfs", 0, NULL));
	REQUIRE_OK(mount("of x", "a/x", "tmpfs", 0, NULL));
	REQUIRE_OK(mount("over x", "a/x", "tmpfs", 0, NULL));
}

CASE(order_of_listmount, "root cap:21 kernel>=6.13") {
	IN_CHILD(NULL) {
		own_mounts();
		tree();
		uint64_t ids[16];
		long n;
		for (unsigned flags = 0; flags < 2; flags++) {
			OBSERVE_RET(name("all %u", flags), n = list_mount(unique_id("."), 0, ids, 16, flags));
			OBSERVE(name("names of all %u", flags), "%s", listed(ids, n));
			for (int most = 0; most < 7; most++) {
				OBSERVE_RET(name("%d of all %u", most, flags), n = list_mount(unique_id("."), 0, ids, most, flags));
				OBSERVE(name("names of %d of all %u", most, flags), "%s", listed(ids, n));
			}
			OBSERVE_RET(name("of a %u", flags), n = list_mount(unique_id("a"), 0, ids, 16, flags));
			OBSERVE(name("names of a %u", flags), "%s", listed(ids, n));
			OBSERVE_RET(name("of b %u", flags), list_mount(unique_id("b"), 0, ids, 16, flags));
			OBSERVE_RET(name("from y %u", flags), n = list_mount(unique_id("."), unique_id("a/y"), ids, 16, flags));
			OBSERVE(name("names from y %u", flags), "%s", listed(ids, n));
			OBSERVE_RET(name("from the last %u", flags), n = list_mount(unique_id("."), unique_id("a/x"), ids, 16, flags));
			OBSERVE(name("names from the last %u", flags), "%s", listed(ids, n));
		}
		uint64_t all[512];
		n = REQUIRE_OK(list_mount(ROOT_OF_ALL, 0, all, 512, 0));
		int found = 0, sorted = 1;
		for (long i = 0; i < n; i++) {
			found += all[i] == unique_id("/") || all[i] == unique_id("a/x");
			sorted &= i == 0 || all[i - 1] < all[i];
		}
		OBSERVE("the root and the last are among all", "%d, sorted %d", found, sorted);
	}
}

CASE(requests_of_listmount, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		tree();
		uint64_t ids[16], here = unique_id(".");
		for (int bit = 1; bit < 32; bit++)
			OBSERVE_RET(name("flag %d", bit), list_mount(here, 0, ids, 16, 1u << bit));
		OBSERVE_RET("too many", list_mount(here, 0, ids, 1000001, 0));
		OBSERVE_RET("just not too many", list_mount(here, 0, ids, 1000000, 0) == 5);
		static const uint64_t numbers[] = {0, 1, 1ull << 31, 1ull << 62};
		for (size_t i = 0; i < ARRAY_SIZE(numbers); i++) {
			OBSERVE_RET(name("id %#llx", (long long)numbers[i]), list_mount(numbers[i], 0, ids, 16, 0));
			OBSERVE_RET(name("last %#llx", (long long)numbers[i]), list_mount(here, numbers[i], ids, 16, 0));
			OBSERVE_RET(name("last backwards %#llx", (long long)numbers[i]), list_mount(here, numbers[i], ids, 16, 1));
		}
		struct mount_request r = request_of(here, 0);
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("request %s", p->name), syscall(SYS_listmount, p->p, ids, 16, 0));
			OBSERVE_RET(name("list %s", p->name), syscall(SYS_listmount, &r, p->p, 16, 0));
			OBSERVE_RET(name("empty list %s", p->name), syscall(SYS_listmount, &r, p->p, 0, 0));
		}
		for (uint32_t size = 16; size <= 40; size += 4) {
			struct {
				struct mount_request r;
				uint64_t tail[4];
			} big = {.r = r};
			big.r.size = size;
			OBSERVE_RET(name("size %u", size), syscall(SYS_listmount, &big, ids, 16, 0));
		}
		r.mnt_ns_id = 12345678901ull;
		OBSERVE_RET("no such namespace", syscall(SYS_listmount, &r, ids, 16, 0));
		r.mnt_ns_id = 0;
		r.spare = REQUIRE_OK(open("/proc/self/ns/mnt", O_RDONLY));
		OBSERVE_RET("descriptor of a namespace", syscall(SYS_listmount, &r, ids, 16, 0));
		r.spare = 555;
		OBSERVE_RET("bad descriptor of a namespace", syscall(SYS_listmount, &r, ids, 16, 0));
	}
}

CASE(below_another_root, "root cap:21 cap:18 kernel>=6.13") {
	IN_CHILD(NULL) {
		own_mounts();
		tree();
		uint64_t ids[512], base = unique_id("."), x = unique_id("a/x");
		REQUIRE_OK(chroot("a"));
		long n;
		OBSERVE_RET("all", n = list_mount(ROOT_OF_ALL, 0, ids, 512, 0));
		OBSERVE("names of all", "%s", listed(ids, n));
		OBSERVE_RET("of the base", n = list_mount(base, 0, ids, 512, 0));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody, all", n = list_mount(ROOT_OF_ALL, 0, ids, 512, 0));
			OBSERVE("nobody, names of all", "%s", listed(ids, n));
			OBSERVE_RET("nobody, of the base", list_mount(base, 0, ids, 512, 0));
			OBSERVE_RET("nobody, of x", list_mount(x, 0, ids, 512, 0));
		}
	}
}
