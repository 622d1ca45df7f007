// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of statmount and listmount, which the system's headers may not know yet.
#ifndef DITTO_HARNESS_STATMOUNT_H
#define DITTO_HARNESS_STATMOUNT_H

#include "fscontext.h"

#ifndef SYS_statmount
#define SYS_statmount 457
#define SYS_listmount 458
#endif

struct mount_request {
	uint32_t size, spare;
	uint64_t mnt_id, param, mnt_ns_id;
};

#define SM_SB_BASIC 1
#define SM_MNT_BASIC 2
#define SM_PROPAGATE_FROM 4
#define SM_MNT_ROOT 8
#define SM_MNT_POINT 0x10
#define SM_FS_TYPE 0x20
#define SM_MNT_NS_ID 0x40
#define SM_MNT_OPTS 0x80
#define SM_FS_SUBTYPE 0x100
#define SM_SB_SOURCE 0x200
#define SM_OPT_ARRAY 0x400
#define ROOT_OF_ALL 0xffffffffffffffffull

struct mount_status {
	uint32_t size, mnt_opts;
	uint64_t mask;
	uint32_t sb_dev_major, sb_dev_minor;
	uint64_t sb_magic;
	uint32_t sb_flags, fs_type;
	uint64_t mnt_id, mnt_parent_id;
	uint32_t mnt_id_old, mnt_parent_id_old;
	uint64_t mnt_attr, mnt_propagation, mnt_peer_group, mnt_master, propagate_from;
	uint32_t mnt_root, mnt_point;
	uint64_t mnt_ns_id;
	uint32_t fs_subtype, sb_source, opt_num, opt_array, opt_sec_num, opt_sec_array;
	uint64_t supported_mask, spare[45];
	char str[3584];
};

static inline struct mount_request request_of(uint64_t id, uint64_t param) {
	struct mount_request r = {.size = sizeof r, .mnt_id = id, .param = param};
	return r;
}

static inline uint64_t unique_id(const char *path) {
	struct {
		uint32_t mask, pad[35];
		uint64_t mnt_id, rest[32];
	} st;
	REQUIRE_OK(syscall(SYS_statx, AT_FDCWD, path, AT_SYMLINK_NOFOLLOW, 0x4000, &st));
	REQUIRE(st.mask & 0x4000);
	return st.mnt_id;
}

static inline long stat_mount(uint64_t id, uint64_t mask, struct mount_status *s, size_t size) {
	struct mount_request r = request_of(id, mask);
	memset(s, 0xee, sizeof *s);
	return syscall(SYS_statmount, &r, s, size, 0);
}

static inline long list_mount(uint64_t id, uint64_t last, uint64_t *ids, size_t n, unsigned flags) {
	struct mount_request r = request_of(id, last);
	return syscall(SYS_listmount, &r, ids, n, flags);
}

#endif
