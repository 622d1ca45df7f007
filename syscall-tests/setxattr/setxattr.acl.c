// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setxattr of access control lists: which values are lists, what becomes of the mode, and who may?
#include "../harness/acls.h"

#include <sched.h>
#include <sys/inotify.h>

static const char *const acl_texts[] = {
		"u:rw g:r o:", "u:rwx g:rwx o:rwx", "u: g: o:", "u:rw u1000:r g:r m:r o:", "u:rw g:r g1000:rwx m:r o:r", "u:rw g:rw m: o:r",
		"u:rw g:rw m:rwx o:r", "u:rw u1000:rw u1001: g:rw g0:x g1000:r m:rwx o:r", "u:rw u1000:rw u1000:r g:r m:rwx o:r", "u:rw u5:r u4:r g:r m:rwx o:r",
		// not sound
		"u:rw", "u:rw g:r", "g:r o:r", "u:rw o:r", "o:r g:r u:rw", "u:rw g:r o:r m:r", "u:rw u1000:r g:r o:r", "u:rw g:r g1000:r o:r", "u:rw u:rw g:r o:r",
		"u:rw g:r g:r o:r", "u:rw g:r m:r m:r o:r", "u:rw g:r o:r o:r", "u:rw m:r o:r", "u:rw g:r u1000:r m:r o:r", "u:rw g:r m:r g1000:r o:r", "u:rw g:r m:r",
		"u1000:r u:rw g:r m:r o:r", "u:rw u4294967295:r g:r m:r o:r", "u:rw g:r g4294967295:r m:r o:r", "u:rw u4294967294:r g:r m:r o:r"};

static void observe_lists(void) {
	for (size_t i = 0; i < ARRAY_SIZE(acl_texts); i++) {
		const char *f = name("f%zu", i), *d = name("d%zu", i);
		put_file(f, "", 04640);
		put_dir(d, 01751);
		OBSERVE_RET(name("file: %s", acl_texts[i]), acl_set(f, ACCESS_ACL, acl_texts[i]));
		OBSERVE(name("file then: %s", acl_texts[i]), "%s", acl_state(f));
		OBSERVE_RET(name("directory: %s", acl_texts[i]), acl_set(d, ACCESS_ACL, acl_texts[i]));
		OBSERVE_RET(name("default: %s", acl_texts[i]), acl_set(d, DEFAULT_ACL, acl_texts[i]));
		OBSERVE(name("directory then: %s", acl_texts[i]), "%s", acl_state(d));
		OBSERVE(name("names: %s", acl_texts[i]), "%s %s", acl_names(f), acl_names(d));
		OBSERVE_RET(name("default of a file: %s", acl_texts[i]), acl_set(f, DEFAULT_ACL, acl_texts[i]));
	}
}
ACL_CASE(lists_that_are_sound_and_others, observe_lists)

static void observe_values(void) {
	put_file("f", "", 0640);
	put_dir("d", 0755);
	struct acl_value v = acl_of("u:rw u1000:r g:r m:r o:r");
	for (size_t size = 0; size <= acl_size(&v) + 8; size++)
		OBSERVE_RET(name("%zu bytes", size), setxattr("f", ACCESS_ACL, &v, size, 0));
	OBSERVE("then", "%s", acl_state("f"));
	static const uint32_t versions[] = {0, 1, 3, 0x02000000, -1};
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		v.version = versions[i];
		OBSERVE_RET(name("version %#x", versions[i]), setxattr("f", ACCESS_ACL, &v, acl_size(&v), 0));
		OBSERVE_RET(name("version %#x alone", versions[i]), setxattr("f", ACCESS_ACL, &v, 4, 0));
		OBSERVE_RET(name("version %#x and a part", versions[i]), setxattr("f", ACCESS_ACL, &v, 6, 0));
	}
	static const uint16_t tags[] = {0, 3, 0x40, 0x8000, 0xffff}, perms[] = {8, 0xf, 0x80, 0xffff};
	for (size_t i = 0; i < ARRAY_SIZE(tags); i++) {
		v = acl_of("u:rw g:r o:r");
		v.entries[1].tag = tags[i];
		OBSERVE_RET(name("tag %#x", tags[i]), setxattr("f", ACCESS_ACL, &v, acl_size(&v), 0));
	}
	for (size_t i = 0; i < ARRAY_SIZE(perms); i++) {
		v = acl_of("u:rw g:r o:r");
		v.entries[1].perm = perms[i];
		OBSERVE_RET(name("permissions %#x", perms[i]), setxattr("f", ACCESS_ACL, &v, acl_size(&v), 0));
	}
	v = acl_of("u:rw g:r o:r");
	for (int i = 0; i < v.n; i++)
		v.entries[i].id = 7;
	OBSERVE_RET("ids that mean nothing", setxattr("d", DEFAULT_ACL, &v, acl_size(&v), 0));
	OBSERVE("ids then", "%s", acl_state("d"));
}
ACL_CASE(values_that_are_no_lists, observe_values)

static void observe_flags(void) {
	static const int flags[] = {XATTR_CREATE, XATTR_REPLACE, XATTR_CREATE | XATTR_REPLACE, 4};
	struct acl_value v = acl_of("u:rw u1000:r g:r m:r o:r");
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++) {
		const char *f = name("f%zu", i);
		put_file(f, "", 0640);
		OBSERVE_RET(name("flags %d", flags[i]), setxattr(f, ACCESS_ACL, &v, acl_size(&v), flags[i]));
		OBSERVE_RET(name("flags %d again", flags[i]), setxattr(f, ACCESS_ACL, &v, acl_size(&v), flags[i]));
		OBSERVE_RET(name("flags %d, nothing", flags[i]), setxattr(f, ACCESS_ACL, NULL, 0, flags[i]));
		OBSERVE(name("flags %d then", flags[i]), "%s", acl_state(f));
	}
}
ACL_CASE(flags_mean_nothing_to_a_list, observe_flags)

static void observe_kinds(void) {
	put_dir("dir", 0755);
	put_link("dir", "link");
	REQUIRE_OK(mkfifo("fifo", 0640));
	REQUIRE_OK(mknod("socket", S_IFSOCK | 0640, 0));
	static const char *const paths[] = {"dir", "link", "fifo", "socket"};
	struct acl_value v = acl_of("u:rw u1000:r g:r m:rx o:r");
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		OBSERVE_RET(paths[i], lsetxattr(paths[i], ACCESS_ACL, &v, acl_size(&v), 0));
		OBSERVE_RET(name("%s, default", paths[i]), lsetxattr(paths[i], DEFAULT_ACL, &v, acl_size(&v), 0));
		char got[100];
		OBSERVE_RET(name("%s, get", paths[i]), lgetxattr(paths[i], ACCESS_ACL, got, sizeof got));
		OBSERVE_RET(name("%s, get default", paths[i]), lgetxattr(paths[i], DEFAULT_ACL, got, sizeof got));
		OBSERVE(name("%s, names", paths[i]), "%s", acl_names(paths[i]));
		OBSERVE_RET(name("%s, remove default", paths[i]), lremovexattr(paths[i], DEFAULT_ACL));
		OBSERVE_RET(name("%s, remove", paths[i]), lremovexattr(paths[i], ACCESS_ACL));
		struct stat st;
		REQUIRE_OK(lstat(paths[i], &st));
		OBSERVE(name("%s, mode", paths[i]), "%o", st.st_mode);
	}
}
ACL_CASE(files_of_every_kind, observe_kinds)

static void observe_rights(void) {
	put_file("mine", "", 0600);
	put_file("theirs", "", 0666);
	put_dir("my_dir", 0700);
	put_dir("their_dir", 0777);
	REQUIRE_OK(chown("mine", 1000, 1));
	REQUIRE_OK(chown("my_dir", 1000, 1));
	static const char *const paths[] = {"mine", "theirs", "my_dir", "their_dir"};
	IN_CHILD(NULL) {
		become_user(1000, 1, 0);
		for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
			OBSERVE_RET(name("%s: access", paths[i]), acl_set(paths[i], ACCESS_ACL, "u:rwx u1:r g:rwx m:rwx o:rx"));
			OBSERVE_RET(name("%s: default", paths[i]), acl_set(paths[i], DEFAULT_ACL, "u:rwx u1:r g:rwx m:rwx o:rx"));
			OBSERVE_RET(name("%s: what is no list", paths[i]), acl_set(paths[i], ACCESS_ACL, "u:rwx"));
			OBSERVE_RET(name("%s: what is no value", paths[i]), setxattr(paths[i], ACCESS_ACL, "x", 1, 0));
			OBSERVE_RET(name("%s: remove", paths[i]), removexattr(paths[i], ACCESS_ACL));
			OBSERVE_RET(name("%s: remove default", paths[i]), removexattr(paths[i], DEFAULT_ACL));
			OBSERVE(name("%s: then", paths[i]), "%s", acl_state(paths[i]));
		}
	}
}
ACL_CASE(the_owner_may, observe_rights)

// The set-group-ID bit goes if the owner is not of the group.
static void observe_setgid(void) {
	static const char *const lists[] = {"u:rwx g:rx o:rx", "u:rwx u1:rx g:rx m:rx o:rx", ""};
	for (int in_group = 0; in_group < 2; in_group++)
		for (size_t i = 0; i < ARRAY_SIZE(lists); i++) {
			const char *f = name("%s, %s", in_group ? "of the group" : "not of the group", lists[i]);
			put_file(f, "", 0755);
			REQUIRE_OK(chown(f, 1000, 2000));
			REQUIRE_OK(chmod(f, 06755));
			IN_CHILD(NULL) {
				become_user(1000, 1, in_group ? 2000 : 0);
				if (lists[i][0])
					CHECK_OK(acl_set(f, ACCESS_ACL, lists[i]));
				else
					CHECK_OK(removexattr(f, ACCESS_ACL));
				OBSERVE(f, "%s", acl_state(f));
			}
		}
}
ACL_CASE(set_group_id_and_who_is_not_of_the_group, observe_setgid)

static void observe_acl_times(void) {
	put_dir("d", 0755);
	static const struct {
		const char *what, *attr, *list;
	} steps[] = {{"access", ACCESS_ACL, "u:rwx u1:r g:rx m:rwx o:rx"}, {"access again", ACCESS_ACL, "u:rwx u1:r g:rx m:rwx o:rx"}, {"a mode", ACCESS_ACL, "u:rwx g:rx o:rx"},
		     {"default", DEFAULT_ACL, "u:rwx g:rx o:rx"}, {"get", NULL, NULL}};
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		struct stat st = stat_of("d");
		next_stamp();
		if (steps[i].attr)
			CHECK_OK(acl_set("d", steps[i].attr, steps[i].list));
		else
			acl_text("d", DEFAULT_ACL);
		OBSERVE(steps[i].what, "%s", times_moved(&st, "d"));
	}
}
ACL_CASE(times_of_a_list, observe_acl_times)

static void observe_acl_events(void) {
	put_dir("d", 0755);
	put_file("f", "", 0644);
	int in = REQUIRE_OK(inotify_init1(IN_NONBLOCK));
	REQUIRE_OK(inotify_add_watch(in, "d", IN_ALL_EVENTS));
	REQUIRE_OK(inotify_add_watch(in, "f", IN_ALL_EVENTS));
	static const char *const what[] = {"access", "a mode", "default", "remove", "remove default", "remove again", "default of a file", "remove default of a file", "chmod with a list"};
	for (size_t i = 0; i < ARRAY_SIZE(what); i++) {
		switch (i) {
		case 0: acl_set("d", ACCESS_ACL, "u:rwx u1:r g:rx m:rwx o:rx"); break;
		case 1: acl_set("d", ACCESS_ACL, "u:rwx g:rx o:rx"); break;
		case 2: acl_set("d", DEFAULT_ACL, "u:rwx g:rx o:rx"); break;
		case 3: removexattr("d", ACCESS_ACL); break;
		case 4: removexattr("d", DEFAULT_ACL); break;
		case 5: removexattr("d", DEFAULT_ACL); break;
		case 6: acl_set("f", DEFAULT_ACL, "u:rwx g:rx o:rx"); break;
		case 7: removexattr("f", DEFAULT_ACL); break;
		case 8:
			acl_set("f", ACCESS_ACL, "u:rwx u1:r g:rx m:rwx o:rx");
			chmod("f", 0600);
			break;
		}
		char buf[1000], text[100] = "";
		long n = read(in, buf, sizeof buf);
		for (char *p = buf; n > 0 && p < buf + n; p += sizeof(struct inotify_event) + ((struct inotify_event *)p)->len)
			snprintf(text + strlen(text), sizeof text - strlen(text), " %d:%#x", ((struct inotify_event *)p)->wd, ((struct inotify_event *)p)->mask);
		OBSERVE(what[i], "%s", text);
	}
}
ACL_CASE(a_watch_hears_of_it, observe_acl_events)

static void write_map(const char *file, const char *map) {
	int fd = REQUIRE_OK(open(file, O_WRONLY));
	CHECK_EQ(write(fd, map, strlen(map)), (long)strlen(map));
	close(fd);
}

// A namespace that calls 1000 to 1009 0 to 9.
static void observe_namespace(void) {
	put_file("f", "", 0640);
	put_file("outside", "", 0640);
	REQUIRE_OK(chown("f", 1000, 1000));
	REQUIRE_OK(acl_set("f", ACCESS_ACL, "u:rw u0:r u1001:rw g:r g1002:r g7:r m:r o:r"));
	struct gate ready = gate_open(), go = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE_OK(unshare(CLONE_NEWUSER));
		gate_signal(&ready);
		gate_wait(&go);
		REQUIRE_OK(setresgid(0, 0, 0));
		REQUIRE_OK(setresuid(0, 0, 0));
		OBSERVE("seen inside", "%s", acl_text("f", ACCESS_ACL));
		OBSERVE_RET("ids with names", acl_set("f", ACCESS_ACL, "u:rw u3:r g:r g4:rw m:rw o:r"));
		OBSERVE("set inside", "%s", acl_state("f"));
		OBSERVE_RET("a user without a name", acl_set("f", ACCESS_ACL, "u:rw u1000:r g:r m:rw o:r"));
		OBSERVE_RET("a group without a name", acl_set("f", ACCESS_ACL, "u:rw g:r g1000:r m:rw o:r"));
		OBSERVE_RET("a file of outside", acl_set("outside", ACCESS_ACL, "u:rw u3:r g:r m:rw o:r"));
		OBSERVE_RET("a file of outside, remove", removexattr("outside", ACCESS_ACL));
		exit(0);
	}
	gate_wait(&ready);
	write_map(name("/proc/%d/uid_map", pid), "0 1000 10");
	write_map(name("/proc/%d/gid_map", pid), "0 1000 10");
	gate_signal(&go);
	OBSERVE_STATUS("end", wait_for(pid));
	OBSERVE("seen outside", "%s", acl_text("f", ACCESS_ACL));
}
ACL_CASE(ids_of_a_user_namespace, observe_namespace)

static void observe_no_lists(void) {
	put_file("f", "", 0640);
	put_dir("d", 0755);
	static const char *const paths[] = {"f", "d", "/proc/self/status"};
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		OBSERVE_RET(name("%s: set", paths[i]), acl_set(paths[i], ACCESS_ACL, "u:rw u1:r g:r m:r o:r"));
		OBSERVE_RET(name("%s: default", paths[i]), acl_set(paths[i], DEFAULT_ACL, "u:rw u1:r g:r m:r o:r"));
		OBSERVE_RET(name("%s: what is no list", paths[i]), acl_set(paths[i], ACCESS_ACL, "u:rw"));
		OBSERVE_RET(name("%s: what is no value", paths[i]), setxattr(paths[i], ACCESS_ACL, "x", 1, 0));
		OBSERVE(name("%s: get", paths[i]), "%s", acl_text(paths[i], ACCESS_ACL));
		OBSERVE_RET(name("%s: remove", paths[i]), removexattr(paths[i], ACCESS_ACL));
		OBSERVE(name("%s: names", paths[i]), "%s", acl_names(paths[i]));
	}
}
CASE(file_systems_without_lists, "root cap:21 kernel>=6.6") {
	acl_place(ACL_ON_RAMFS);
	observe_no_lists();
}

CASE(lists_of_a_memfd, "root kernel>=6.6") {
	int fd = REQUIRE_OK(syscall(SYS_memfd_create, "m", 0));
	struct acl_value v = acl_of("u:rw u1000:r g:r m:rw o:r");
	char got[100], names[100];
	OBSERVE_RET("set", fsetxattr(fd, ACCESS_ACL, &v, acl_size(&v), 0));
	OBSERVE_RET("default", fsetxattr(fd, DEFAULT_ACL, &v, acl_size(&v), 0));
	OBSERVE_RET("get", fgetxattr(fd, ACCESS_ACL, got, sizeof got));
	OBSERVE_BYTES("value", got, acl_size(&v));
	struct stat st;
	fstat(fd, &st);
	OBSERVE("mode", "%o", st.st_mode);
	OBSERVE_OK("chmod", fchmod(fd, 0640));
	OBSERVE_RET("get again", fgetxattr(fd, ACCESS_ACL, got, sizeof got));
	OBSERVE_BYTES("value again", got, acl_size(&v));
	long n = flistxattr(fd, names, sizeof names);
	OBSERVE_RET("list", n);
	OBSERVE("names", "%s", n > 0 ? names : "");
	OBSERVE_RET("remove", fremovexattr(fd, ACCESS_ACL));
	OBSERVE_RET("get removed", fgetxattr(fd, ACCESS_ACL, got, sizeof got));
}
