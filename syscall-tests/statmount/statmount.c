// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// statmount: what does it tell of each kind of mount, what of what was asked for fits, and which requests are refused?
#include "../harness/statmount.h"
#include "../harness/creds.h"

#define EVERYTHING (SM_SB_BASIC | SM_MNT_BASIC | SM_PROPAGATE_FROM | SM_MNT_ROOT | SM_MNT_POINT | SM_FS_TYPE | SM_MNT_OPTS | SM_FS_SUBTYPE | SM_SB_SOURCE)

static const char *where(const char *path) { return strncmp(path, mounts_base, strlen(mounts_base)) ? "elsewhere" : path + strlen(mounts_base); }

static void observe_mount(const char *what, const char *path) {
	struct mount_status s;
	OBSERVE_RET(what, stat_mount(unique_id(path), EVERYTHING, &s, sizeof s));
	OBSERVE(name("mask of %s", what), "%#llx", (long long)s.mask);
	OBSERVE(name("super of %s", what), "%llx %#x", (long long)s.sb_magic, s.sb_flags);
	OBSERVE(name("attr of %s", what), "%#llx, propagation %#llx, peers %d, master %d, from %d", (long long)s.mnt_attr, (long long)s.mnt_propagation,
		s.mnt_peer_group != 0, s.mnt_master != 0, s.propagate_from != 0);
	OBSERVE(name("strings of %s", what), "%s %s %s", s.str + s.mnt_root, where(s.str + s.mnt_point), s.str + s.fs_type);
	if (s.mask & SM_SB_SOURCE)
		OBSERVE(name("source of %s", what), "%s", s.str + s.sb_source);
	if (s.mask & SM_MNT_OPTS)
		OBSERVE(name("options of %s", what), "%s", s.str + s.mnt_opts);
	CHECK_EQ(s.mnt_id, unique_id(path));
	struct stat st = stat_of(path);
	CHECK_EQ(s.sb_dev_major, major(st.st_dev));
	CHECK_EQ(s.sb_dev_minor, minor(st.st_dev));
}

CASE(kinds_of_mounts, "root cap:21 kernel>=6.11") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b", "c", "a b", "p");
		REQUIRE_OK(mount("from", "a", "tmpfs", MS_NOSUID | MS_NOATIME, "size=64k,mode=700"));
		DIRS("a/in");
		observe_mount("tmpfs", "a");
		REQUIRE_OK(mount("a/in", "b", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount(NULL, "b", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY | MS_NOEXEC | MS_NODEV | MS_NODIRATIME | 256, NULL));
		observe_mount("bind", "b");
		REQUIRE_OK(mount("x y", "a b", "tmpfs", MS_RDONLY | MS_SYNCHRONOUS | MS_STRICTATIME, NULL));
		observe_mount("blanks", "a b");
		REQUIRE_OK(mount(NULL, "a", NULL, MS_SHARED, NULL));
		observe_mount("shared", "a");
		REQUIRE_OK(mount("a", "c", NULL, MS_BIND, NULL));
		REQUIRE_OK(mount(NULL, "c", NULL, MS_SLAVE, NULL));
		observe_mount("slave", "c");
		REQUIRE_OK(mount(NULL, "c", NULL, MS_SHARED, NULL));
		observe_mount("both", "c");
		REQUIRE_OK(mount(NULL, "a", NULL, MS_UNBINDABLE, NULL));
		observe_mount("unbindable", "a");
		REQUIRE_OK(mount("none", "p", "proc", 0, NULL));
		observe_mount("proc", "p");
	}
}

CASE(ids_of_mounts, "root cap:21 kernel>=6.11") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a");
		mount_tmpfs("a");
		DIRS("a/in");
		mount_tmpfs("a/in");
		struct mount_status in, a;
		REQUIRE_OK(stat_mount(unique_id("a"), SM_MNT_BASIC, &a, sizeof a));
		REQUIRE_OK(stat_mount(unique_id("a/in"), SM_MNT_BASIC, &in, sizeof in));
		CHECK_EQ(in.mnt_parent_id, a.mnt_id);
		CHECK_EQ(in.mnt_parent_id_old, a.mnt_id_old);
		CHECK_EQ(a.mnt_parent_id, unique_id("."));
		CHECK(a.mnt_id < in.mnt_id);
		CHECK(a.mnt_id > 1ull << 31);
		OBSERVE("only what was asked for", "%#llx %u", (long long)a.mask, a.size);
		uint64_t id = unique_id("a/in");
		REQUIRE_OK(umount("a/in"));
		OBSERVE_RET("gone", stat_mount(id, SM_MNT_BASIC, &in, sizeof in));
		mount_tmpfs("a/in");
		CHECK(unique_id("a/in") > id);
		int fd = REQUIRE_OK(syscall(SYS_open_tree, AT_FDCWD, "a", OPEN_TREE_CLONE));
		OBSERVE_RET("detached", stat_mount(unique_id(name("/proc/self/fd/%d/.", fd)), SM_MNT_BASIC, &in, sizeof in));
	}
}

CASE(sizes_of_statmount, "root cap:21 kernel>=6.11") {
	static const size_t sizes[] = {0, 1, 4, 8, 16, 100, 511, 512, 513, 514, 515, 516, 517, 518, 519, 520, 521, 530, 600, 4096};
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a");
		mount_tmpfs("a");
		uint64_t id = unique_id("a");
		struct mount_status s;
		for (size_t i = 0; i < ARRAY_SIZE(sizes); i++) {
			OBSERVE_RET(name("fixed, %zu", sizes[i]), stat_mount(id, SM_MNT_BASIC, &s, sizes[i]));
			OBSERVE(name("size of fixed, %zu", sizes[i]), "%u", sizes[i] < 4 ? 0 : s.size);
			OBSERVE_RET(name("type, %zu", sizes[i]), stat_mount(id, SM_FS_TYPE, &s, sizes[i]));
			OBSERVE_RET(name("nothing, %zu", sizes[i]), stat_mount(id, 0, &s, sizes[i]));
		}
		REQUIRE_OK(stat_mount(id, SM_FS_TYPE, &s, sizeof s));
		OBSERVE("type", "%u %u %s %d", s.size, s.fs_type, s.str + s.fs_type, s.str[0]);
		REQUIRE_OK(stat_mount(id, SM_FS_SUBTYPE | SM_MNT_OPTS, &s, sizeof s));
		OBSERVE("empty strings", "%#llx %u %u %u", (long long)s.mask, s.size, s.fs_subtype, s.mnt_opts);
		char *end = guard_end(520);
		struct mount_request r = request_of(id, SM_FS_TYPE);
		OBSERVE_RET("at the end of memory", syscall(SYS_statmount, &r, end, 520, 0));
		OBSERVE_RET("beyond it", syscall(SYS_statmount, &r, end + 1, 520, 0));
	}
}

CASE(each_bit_of_the_mask, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a");
		REQUIRE_OK(mount("from", "a", "tmpfs", 0, "size=64k,mode=700,uid=3"));
		for (int bit = 0; bit < 64; bit++) {
			struct mount_status s;
			OBSERVE_RET(name("bit %d", bit), stat_mount(unique_id("a"), 1ull << bit, &s, sizeof s));
			OBSERVE(name("mask %d", bit), "%#llx", (long long)s.mask);
			if (bit == 12)
				OBSERVE("supported", "%#llx", (long long)s.supported_mask);
			if (bit == 10)
				OBSERVE("options", "%u: %s %s %s", s.opt_num, s.str + s.opt_array, strchr(s.str + s.opt_array, 0) + 1, strchr(strchr(s.str + s.opt_array, 0) + 1, 0) + 1);
		}
	}
}

CASE(requests, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		struct mount_status s;
		struct {
			struct mount_request r;
			char tail[8192];
		} big = {.r = request_of(unique_id("."), SM_MNT_BASIC)};
		for (uint32_t size = 0; size <= 48; size += 4) {
			big.r.size = size;
			OBSERVE_RET(name("size %u", size), syscall(SYS_statmount, &big, &s, sizeof s, 0));
		}
		big.r.size = 4096;
		OBSERVE_RET("a page", syscall(SYS_statmount, &big, &s, sizeof s, 0));
		big.r.size = 4097;
		OBSERVE_RET("more than a page", syscall(SYS_statmount, &big, &s, sizeof s, 0));
		big.r.size = 40;
		big.tail[0] = 1;
		OBSERVE_RET("dirty tail", syscall(SYS_statmount, &big, &s, sizeof s, 0));
		struct mount_request r = request_of(0, SM_MNT_BASIC);
		static const uint64_t ids[] = {0, 1, 1ull << 31, ROOT_OF_ALL, 1ull << 62};
		for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
			r.mnt_id = ids[i];
			OBSERVE_RET(name("id %#llx", (long long)ids[i]), syscall(SYS_statmount, &r, &s, sizeof s, 0));
		}
		r = request_of(unique_id("."), SM_MNT_BASIC);
		for (int bit = 0; bit < 32; bit++)
			OBSERVE_RET(name("flag %d", bit), syscall(SYS_statmount, &r, &s, sizeof s, 1u << bit));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			OBSERVE_RET(name("request %s", p->name), syscall(SYS_statmount, p->p, &s, sizeof s, 0));
			OBSERVE_RET(name("buffer %s", p->name), syscall(SYS_statmount, &r, p->p, sizeof s, 0));
		}
		r.mnt_ns_id = 12345678901ull;
		OBSERVE_RET("no such namespace", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		r.spare = 1;
		OBSERVE_RET("namespace and descriptor", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		r.mnt_ns_id = 0;
		r.spare = 555;
		OBSERVE_RET("bad descriptor of a namespace", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		r.spare = REQUIRE_OK(open("/proc/self/ns/mnt", O_RDONLY));
		OBSERVE_RET("descriptor of a namespace", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		r.spare = REQUIRE_OK(open("/proc/self/ns/uts", O_RDONLY));
		OBSERVE_RET("of another kind", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		r.spare = REQUIRE_OK(open(".", O_RDONLY));
		OBSERVE_RET("of a directory", syscall(SYS_statmount, &r, &s, sizeof s, 0));
	}
}

CASE(other_namespaces, "root cap:21 kernel>=6.18") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a");
		mount_tmpfs("a");
		struct mount_status s;
		uint64_t id = unique_id("a"), ns = 0;
		int fd = REQUIRE_OK(open("/proc/self/ns/mnt", O_RDONLY));
		REQUIRE_OK(ioctl(fd, 0x8008b705 /* NS_GET_MNTNS_ID */, &ns));
		REQUIRE_OK(stat_mount(id, SM_MNT_NS_ID, &s, sizeof s));
		CHECK_EQ(s.mnt_ns_id, ns);
		struct mount_request r = request_of(id, SM_MNT_BASIC | SM_MNT_POINT);
		r.mnt_ns_id = ns;
		OBSERVE_RET("by its number", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		REQUIRE_OK(unshare(CLONE_NEWNS));
		OBSERVE_RET("from another", stat_mount(id, SM_MNT_BASIC, &s, sizeof s));
		OBSERVE_RET("from another, by its number", syscall(SYS_statmount, &r, &s, sizeof s, 0));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody", stat_mount(unique_id("a"), SM_MNT_BASIC, &s, sizeof s));
			OBSERVE_RET("nobody, of another", syscall(SYS_statmount, &r, &s, sizeof s, 0));
			struct mount_request by_fd = request_of(id, SM_MNT_BASIC);
			by_fd.spare = fd;
			OBSERVE_RET("nobody, of another, by descriptor", syscall(SYS_statmount, &by_fd, &s, sizeof s, 0));
			uint64_t ids[4];
			by_fd.param = 0;
			OBSERVE_RET("nobody, list of another, by descriptor", syscall(SYS_listmount, &by_fd, ids, 4, 0));
			r.param = 0;
			OBSERVE_RET("nobody, list of another", syscall(SYS_listmount, &r, ids, 4, 0));
		}
		close(fd);
	}
}

CASE(below_another_root, "root cap:21 cap:18 kernel>=6.11") {
	IN_CHILD(NULL) {
		own_mounts();
		DIRS("a", "b");
		mount_tmpfs("a");
		mount_tmpfs("b");
		DIRS("b/in");
		mount_tmpfs("b/in");
		uint64_t a = unique_id("a"), b = unique_id("b"), in = unique_id("b/in"), base = unique_id(".");
		REQUIRE_OK(chroot("b"));
		struct mount_status s;
		OBSERVE_RET("beside", stat_mount(a, SM_MNT_POINT | SM_MNT_BASIC, &s, sizeof s));
		OBSERVE("point beside", "%#llx", (long long)s.mask);
		OBSERVE_RET("the root", stat_mount(b, SM_MNT_POINT, &s, sizeof s));
		OBSERVE("point of the root", "%s", s.str + s.mnt_point);
		OBSERVE_RET("below", stat_mount(in, SM_MNT_POINT, &s, sizeof s));
		OBSERVE("point below", "%s", s.str + s.mnt_point);
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody beside", stat_mount(a, SM_MNT_POINT, &s, sizeof s));
			OBSERVE_RET("nobody above", stat_mount(base, SM_MNT_POINT, &s, sizeof s));
			OBSERVE_RET("nobody below", stat_mount(in, SM_MNT_POINT, &s, sizeof s));
		}
	}
}
