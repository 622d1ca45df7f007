// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setfsgid: returns the old id whether it worked or not, so each change is read back.
#include "../harness/creds.h"

CASE(returns_the_old_id, "root") {
	IN_CHILD(NULL) {
		CHECK_EQ(syscall(SYS_setfsgid, 10), 0);
		CHECK_EQ(syscall(SYS_setfsgid, 20), 10);
		CHECK_EQ(syscall(SYS_setfsgid, -1), 20);
		CHECK_EQ(syscall(SYS_setfsgid, -1), 20);
		OBSERVE("ids", "%s", ids_text(GROUP));
	}
}

static void try_all(bool caps) {
	for (int s = 0; s < COUNT(start_states); s++)
		for (int i = 0; i < COUNT(id_arguments); i++)
			IN_CHILD(NULL) {
				become(GROUP, start_states[s], caps);
				const char *what = name("%d.%d.%d to %ld", start_states[s][0], start_states[s][1], start_states[s][2], id_arguments[i]);
				long old = syscall(SYS_setfsgid, id_arguments[i]);
				OBSERVE(what, "%ld then %s %s", old, ids_text(GROUP), caps_text());
			}
}

CASE(from_every_state_without_capabilities, "root") { try_all(false); }
CASE(from_every_state_with_capabilities, "root") { try_all(true); }

// With an effective id that differs, the file-system id may be set to each of the four that the thread has.
CASE(may_return_to_any_of_its_ids, "root") {
	IN_CHILD(NULL) {
		REQUIRE_OK(prctl(PR_SET_KEEPCAPS, 1));
		REQUIRE_OK(syscall(SYS_setresgid, 1, 2, 3));
		set_caps(true);
		syscall(SYS_setfsgid, 4);
		set_caps(false);
		for (int to = 5; to >= 0; to--) {
			long old = syscall(SYS_setfsgid, to);
			OBSERVE(name("to %d", to), "%ld then %u", old, get_ids(GROUP).f);
		}
	}
}

CASE(large_ids, "root") {
	static const long ids[] = {65534, 65535, 65536, 0x7fffffff, 0x80000000, 0xfffffffe, 0x100000007};
	for (int i = 0; i < COUNT(ids); i++)
		IN_CHILD(NULL) {
			syscall(SYS_setfsgid, ids[i]);
			OBSERVE(name("%#lx", ids[i]), "%u", get_ids(GROUP).f);
		}
}

CASE(new_files_belong_to_it, "root") {
	IN_CHILD(NULL) {
		struct stat st;
		REQUIRE_OK(chmod(".", 0777));
		syscall(SYS_setfsgid, 1234);
		int fd = (int)REQUIRE_OK(open("f", O_CREAT | O_RDWR, 0600));
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE("owner", "%u %u", st.st_uid, st.st_gid);
	}
}

CASE(does_not_change_the_others, "root") {
	IN_CHILD(NULL) {
		syscall(SYS_setfsgid, 1234);
		OBSERVE("ids", "%s", ids_text(GROUP));
		OBSERVE("caps", "%s", caps_text());
		OBSERVE_RET("dumpable", prctl(PR_GET_DUMPABLE));
	}
}

static void *change(void *arg) {
	(void)arg;
	syscall(SYS_setfsgid, 5);
	return NULL;
}

CASE(changes_one_thread_only, "root") {
	thread_join(thread_start(change, NULL));
	OBSERVE("first thread", "%s", ids_text(GROUP));
}

CASE(fork_inherits_exec_resets, "root") {
	IN_CHILD(NULL) {
		syscall(SYS_setfsgid, 77);
		IN_CHILD(NULL) OBSERVE("after fork", "%s", ids_text(GROUP));
		int fds[2], st;
		char buf[128] = "";
		REQUIRE_OK(pipe(fds));
		IN_CHILD(&st) {
			dup2(fds[1], 1);
			execl("/bin/sh", "sh", "-c", "while read -r k v; do case $k in [UG]id:) echo $k $v;; esac; done < /proc/self/status", NULL);
			_exit(127);
		}
		OBSERVE_STATUS("sh", st);
		REQUIRE(read(fds[0], buf, sizeof buf - 1) > 0);
		OBSERVE("after exec", "%s", buf);
	}
}
