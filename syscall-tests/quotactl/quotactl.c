// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// quotactl: what is asked of which device, where nothing has quotas?
#include "../harness/mounts.h"
#include "../harness/creds.h"

#define CMD(cmd, type) (int)((cmd) << 8 | (type))

static const unsigned commands[] = {0, 0x800001, 0x800002, 0x800003, 0x800004, 0x800005, 0x800006, 0x800007, 0x800008, 0x800009, 0x80000a,
	0x5801, 0x5802, 0x5803, 0x5804, 0x5805, 0x5806, 0x5807, 0x5808, 0x5809, 0x580a};

static long quota(int cmd, const void *special, int id, void *addr) { return syscall(SYS_quotactl, cmd, special, id, addr); }

CASE(commands_and_devices, "root") {
	char buf[512];
	close(make_file("f", ""));
	REQUIRE_OK(symlink("f", "link"));
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		for (int type = 0; type < 4; type++) {
			OBSERVE_RET(name("%#x.%d of nothing", commands[i], type), quota(CMD(commands[i], type), NULL, 0, buf));
			OBSERVE_RET(name("%#x.%d of a file", commands[i], type), quota(CMD(commands[i], type), "f", 0, buf));
		}
	OBSERVE_RET("of what is not there", quota(CMD(0x800007, 0), "none", 0, buf));
	OBSERVE_RET("of an empty path", quota(CMD(0x800007, 0), "", 0, buf));
	OBSERVE_RET("below a file", quota(CMD(0x800007, 0), "f/x", 0, buf));
	OBSERVE_RET("of a link", quota(CMD(0x800007, 0), "link", 0, buf));
	OBSERVE_RET("of a directory", quota(CMD(0x800007, 0), ".", 0, buf));
	OBSERVE_RET("of a character device", quota(CMD(0x800007, 0), "/dev/null", 0, buf));
	OBSERVE_RET("on, without a file", quota(CMD(0x800002, 0), "f", 0, "none"));
	for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
		OBSERVE_RET(name("device %s", p->name), quota(CMD(0x800007, 0), p->p, 0, buf));
		OBSERVE_RET(name("address %s", p->name), quota(CMD(0x800007, 0), "f", 0, p->p));
	}
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody syncs", quota(CMD(0x800001, 0), NULL, 0, NULL));
		OBSERVE_RET("nobody", quota(CMD(0x800007, 0), "f", 0, buf));
	}
}
