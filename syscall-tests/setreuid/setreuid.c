// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setreuid: real and effective ids, and when the saved one follows.
#include "../harness/creds.h"

CASE(transitions_without_capabilities, "root") { observe_transitions(USER, SYS_setreuid, 2, false); }

CASE(transitions_with_capabilities, "root") { observe_transitions(USER, SYS_setreuid, 2, true); }

// Ids are 32 bits wide: what is above is not looked at.
CASE(upper_half_is_ignored, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("call", syscall(SYS_setreuid, 0x500000006L, 0x500000006L));
		OBSERVE("ids", "%s", ids_text(USER));
	}
}

CASE(large_ids, "root") {
	static const long ids[] = {65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe};
	for (int i = 0; i < COUNT(ids); i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(name("%#lx", ids[i]), syscall(SYS_setreuid, ids[i], ids[i]));
			OBSERVE(name("ids after %#lx", ids[i]), "%s", ids_text(USER));
		}
}

CASE(file_system_id_follows, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setfsuid, 9));
		CHECK_EQ(get_ids(USER).f, 9);
		CHECK_OK(syscall(SYS_setreuid, 0L, 0L));
		OBSERVE("ids", "%s", ids_text(USER));
	}
}

static void *change(void *arg) {
	(void)arg;
	CHECK_OK(syscall(SYS_setreuid, 5L, 5L));
	return NULL;
}

CASE(changes_one_thread_only, "root") {
	thread_join(thread_start(change, NULL));
	OBSERVE("ids of the first thread", "%s", ids_text(USER));
}

CASE(child_keeps_its_own, "root") {
	struct gate go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		gate_wait(&go);
		OBSERVE("child", "%s", ids_text(USER));
		_exit(0);
	}
	IN_CHILD(NULL) CHECK_OK(syscall(SYS_setreuid, 5L, 5L));
	gate_signal(&go);
	OBSERVE_STATUS("child's end", wait_for(child));
}

// A process whose ids change is no longer dumpable: its /proc files go to root, and others may not look inside.
CASE(dumpable_is_lost, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("before", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setreuid, 0L, 0L));
		OBSERVE_RET("after no change", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setreuid, 5L, 5L));
		OBSERVE_RET("after a change", prctl(PR_GET_DUMPABLE));
	}
}

// The classic exchange: real and effective id swap places, and back.
CASE(swap, "root") {
	IN_CHILD(NULL) {
		static const int ids[3] = {1, 2, 2};
		become(USER, ids, false);
		CHECK_OK(syscall(SYS_setreuid, 2L, 1L));
		OBSERVE("swapped", "%s", ids_text(USER));
		OBSERVE_RET("back", syscall(SYS_setreuid, 1L, 2L));
		OBSERVE("after back", "%s", ids_text(USER));
	}
}
