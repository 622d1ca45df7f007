// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// syslog: who may ask for what, where dmesg_restrict is on, and which arguments are refused?
#include "../harness/creds.h"
#include "../harness/files.h"

static long logcall(int action, void *buf, int len) { return syscall(SYS_syslog, action, buf, len); }

CASE(arguments_of_syslog, "root cap:34") {
	char buf[64];
	static const int plain[] = {-1, 0, 1, 3, 4, 11, 12, 1 << 30};
	for (size_t i = 0; i < ARRAY_SIZE(plain); i++)
		OBSERVE_RET(name("%d", plain[i]), logcall(plain[i], NULL, 0));
	static const int reads[] = {2, 3};
	for (size_t i = 0; i < ARRAY_SIZE(reads); i++) {
		OBSERVE_RET(name("%d without a buffer", reads[i]), logcall(reads[i], NULL, 10));
		OBSERVE_RET(name("%d, negative", reads[i]), logcall(reads[i], buf, -1));
		OBSERVE_RET(name("%d, nothing", reads[i]), logcall(reads[i], buf, 0));
		OBSERVE_RET(name("%d, beyond memory", reads[i]), logcall(reads[i], (void *)-4096L, 10));
	}
	OBSERVE_RET("a part of a message", logcall(3, buf, 5));
	OBSERVE_RET("level 0", logcall(8, NULL, 0));
	OBSERVE_RET("level 9", logcall(8, NULL, 9));
	CHECK(logcall(10, NULL, 0) >= 4096);
	CHECK(logcall(9, NULL, 0) >= 0);
	OBSERVE("restricted", "%s", read_file("/proc/sys/kernel/dmesg_restrict"));
}

CASE(who_may_syslog, "root") {
	IN_CHILD(NULL) {
		char buf[64];
		become_nobody();
		for (int action = -1; action < 13; action++)
			OBSERVE_RET(name("%d", action), logcall(action, buf, sizeof buf));
	}
}

CASE(messages_have_a_form, "root cap:34") {
	static char buf[1 << 18];
	long n = REQUIRE_OK(logcall(3, buf, sizeof buf - 1));
	REQUIRE(n >= 0);
	for (char *line = strtok(buf, "\n"); line; line = strtok(NULL, "\n")) {
		int level, at = 0;
		CHECK(sscanf(line, "<%d>%n", &level, &at) == 1 && level >= 0 && level < 256);
	}
}
