// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// reboot: each magic number and command, by one who may not, and what a pid namespace of one's own makes of them.
#include "../harness/harness.h"

#include <linux/reboot.h>
#include <sched.h>

static const unsigned magics[] = {LINUX_REBOOT_MAGIC2, LINUX_REBOOT_MAGIC2A, LINUX_REBOOT_MAGIC2B, LINUX_REBOOT_MAGIC2C, 0};
static const unsigned commands[] = {LINUX_REBOOT_CMD_RESTART, LINUX_REBOOT_CMD_HALT, LINUX_REBOOT_CMD_CAD_ON, LINUX_REBOOT_CMD_CAD_OFF,
	LINUX_REBOOT_CMD_POWER_OFF, LINUX_REBOOT_CMD_RESTART2, LINUX_REBOOT_CMD_SW_SUSPEND, LINUX_REBOOT_CMD_KEXEC, 12345};

CASE(each_command_by_nobody, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		for (int m = 0; m < 5; m++)
			for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
				OBSERVE_RET(name("magic %d, command %#x", m, commands[i]), syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, magics[m], commands[i], NULL));
	}
}

// The first process of a pid namespace ends by a signal that tells which command it was; the machine is never asked.
static void observe(const char *what, unsigned magic, unsigned command) {
	pid_t pid = syscall(SYS_clone, CLONE_NEWPID | SIGCHLD, 0, 0, 0, 0);
	REQUIRE(pid >= 0);
	if (pid == 0) {
		if (getpid() != 1)
			_exit(99); // it would be everyone's
		syscall(SYS_reboot, LINUX_REBOOT_MAGIC1, magic, command, "x");
		_exit(errno);
	}
	int st = wait_for(pid);
	OBSERVE(what, "%s", WIFEXITED(st) ? errno_name(WEXITSTATUS(st)) : status_text(st));
}

CASE(in_a_pid_namespace, "root cap:21 cap:22") {
	observe("a wrong magic number", 0, LINUX_REBOOT_CMD_RESTART);
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++)
		observe(name("command %#x", commands[i]), LINUX_REBOOT_MAGIC2B, commands[i]);
}
