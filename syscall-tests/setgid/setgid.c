// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setgid: all ids for the privileged, the effective one (to the real or saved one) for others.
#include "../harness/creds.h"

CASE(transitions_without_capabilities, "root") { observe_transitions(GROUP, SYS_setgid, 1, false); }

CASE(transitions_with_capabilities, "root") { observe_transitions(GROUP, SYS_setgid, 1, true); }

// Ids are 32 bits wide: what is above is not looked at.
CASE(upper_half_is_ignored, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("call", syscall(SYS_setgid, 0x500000006L));
		OBSERVE("ids", "%s", ids_text(GROUP));
	}
}

CASE(large_ids, "root") {
	static const long ids[] = {65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe};
	for (int i = 0; i < COUNT(ids); i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(name("%#lx", ids[i]), syscall(SYS_setgid, ids[i]));
			OBSERVE(name("ids after %#lx", ids[i]), "%s", ids_text(GROUP));
		}
}

CASE(file_system_id_follows, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setfsgid, 9));
		CHECK_EQ(get_ids(GROUP).f, 9);
		CHECK_OK(syscall(SYS_setgid, 0L));
		OBSERVE("ids", "%s", ids_text(GROUP));
	}
}

static void *change(void *arg) {
	(void)arg;
	CHECK_OK(syscall(SYS_setgid, 5L));
	return NULL;
}

CASE(changes_one_thread_only, "root") {
	thread_join(thread_start(change, NULL));
	OBSERVE("ids of the first thread", "%s", ids_text(GROUP));
}

CASE(child_keeps_its_own, "root") {
	struct gate go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		gate_wait(&go);
		OBSERVE("child", "%s", ids_text(GROUP));
		_exit(0);
	}
	IN_CHILD(NULL) CHECK_OK(syscall(SYS_setgid, 5L));
	gate_signal(&go);
	OBSERVE_STATUS("child's end", wait_for(child));
}

// A process whose ids change is no longer dumpable: its /proc files go to root, and others may not look inside.
CASE(dumpable_is_lost, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("before", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setgid, 0L));
		OBSERVE_RET("after no change", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setgid, 5L));
		OBSERVE_RET("after a change", prctl(PR_GET_DUMPABLE));
	}
}

CASE(decides_file_access, "root") {
	close(make_file("group", "x"));
	REQUIRE_OK(chown("group", 0, 1000));
	REQUIRE_OK(chmod("group", 0060));
	for (int gid = 999; gid < 1002; gid++)
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_setgroups, 0, NULL));
			REQUIRE_OK(syscall(SYS_setgid, gid));
			REQUIRE_OK(syscall(SYS_setuid, 5));
			OBSERVE_OK(name("open by group %d", gid), open("group", O_RDWR));
		}
}

CASE(new_files_belong_to_it, "root") {
	IN_CHILD(NULL) {
		struct stat st;
		REQUIRE_OK(syscall(SYS_setgid, 1234));
		close(make_file("f", ""));
		REQUIRE_OK(stat("f", &st));
		OBSERVE("owner", "%u %u", st.st_uid, st.st_gid);
	}
}
