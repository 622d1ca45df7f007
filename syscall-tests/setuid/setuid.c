// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setuid: all ids for the privileged, the effective one (to the real or saved one) for others.
#include "../harness/creds.h"

CASE(transitions_without_capabilities, "root") { observe_transitions(USER, SYS_setuid, 1, false); }

CASE(transitions_with_capabilities, "root") { observe_transitions(USER, SYS_setuid, 1, true); }

// Ids are 32 bits wide: what is above is not looked at.
CASE(upper_half_is_ignored, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("call", syscall(SYS_setuid, 0x500000006L));
		OBSERVE("ids", "%s", ids_text(USER));
	}
}

CASE(large_ids, "root") {
	static const long ids[] = {65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe};
	for (int i = 0; i < COUNT(ids); i++)
		IN_CHILD(NULL) {
			OBSERVE_RET(name("%#lx", ids[i]), syscall(SYS_setuid, ids[i]));
			OBSERVE(name("ids after %#lx", ids[i]), "%s", ids_text(USER));
		}
}

CASE(file_system_id_follows, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setfsuid, 9));
		CHECK_EQ(get_ids(USER).f, 9);
		CHECK_OK(syscall(SYS_setuid, 0L));
		OBSERVE("ids", "%s", ids_text(USER));
	}
}

static void *change(void *arg) {
	(void)arg;
	CHECK_OK(syscall(SYS_setuid, 5L));
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
	IN_CHILD(NULL) CHECK_OK(syscall(SYS_setuid, 5L));
	gate_signal(&go);
	OBSERVE_STATUS("child's end", wait_for(child));
}

// A process whose ids change is no longer dumpable: its /proc files go to root, and others may not look inside.
CASE(dumpable_is_lost, "root") {
	IN_CHILD(NULL) {
		OBSERVE_RET("before", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setuid, 0L));
		OBSERVE_RET("after no change", prctl(PR_GET_DUMPABLE));
		CHECK_OK(syscall(SYS_setuid, 5L));
		OBSERVE_RET("after a change", prctl(PR_GET_DUMPABLE));
	}
}

static void signal_from(int sender, int target) {
	struct gate ready = gate_open(), go = gate_open();
	pid_t pid = harness_fork();
	if (pid == 0) {
		REQUIRE_OK(syscall(SYS_setresuid, target, target, target));
		gate_signal(&ready);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&ready);
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_setuid, sender));
		OBSERVE_RET(name("kill from %d to %d", sender, target), kill(pid, 0));
	}
	gate_signal(&go);
	CHECK_EQ(wait_for(pid), 0);
}

// Whom may I signal now?
CASE(decides_who_may_be_signalled, "root") {
	for (int sender = 0; sender < 3; sender++)
		for (int target = 0; target < 3; target++)
			signal_from(sender, target);
}

// Root that became somebody does not come back, unless the saved id says so.
CASE(no_way_back, "root") {
	IN_CHILD(NULL) {
		CHECK_OK(syscall(SYS_setuid, 1000));
		CHECK_ERR(syscall(SYS_setuid, 0), EPERM);
		CHECK_ERR(syscall(SYS_setresuid, -1, 0, -1), EPERM);
	}
}

// What a file's owner, and others, may do is decided by the ids as they are now.
CASE(decides_file_access, "root") {
	close(make_file("mine", "x"));
	REQUIRE_OK(chmod("mine", 0600));
	REQUIRE_OK(chown("mine", 1000, 1000));
	for (int uid = 999; uid < 1002; uid++)
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_setuid, uid));
			OBSERVE_OK(name("open by %d", uid), open("mine", O_RDWR));
			OBSERVE_RET(name("chmod by %d", uid), chmod("mine", 0600));
			OBSERVE_RET(name("chown by %d", uid), chown("mine", uid, 1000));
			OBSERVE_RET(name("mkdir by %d", uid), mkdir("d", 0700));
		}
}

CASE(keepcaps, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
		CHECK_OK(syscall(SYS_setuid, 1000));
		OBSERVE("caps", "%s", caps_text());
		OBSERVE_RET("keepcaps after", prctl(PR_GET_KEEPCAPS));
	}
	IN_CHILD(NULL) {
		CHECK_OK(syscall(SYS_setuid, 1000));
		OBSERVE("caps without", "%s", caps_text());
	}
}
