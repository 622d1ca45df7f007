// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mkdirat: which names may a control group not have?
#include "../harness/cgroups.h"

CASE(names_of_control_groups, "root cap:21") {
	IN_CHILD(NULL) {
		cg_make();
		int dir = REQUIRE_OK(open(cg, O_PATH | O_DIRECTORY));
		OBSERVE_RET("of two lines", syscall(SYS_mkdirat, dir, "a\nb", 0755));
		OBSERVE_RET("of an empty line", syscall(SYS_mkdirat, dir, "\n", 0755));
		OBSERVE_RET("of a file that is there", syscall(SYS_mkdirat, dir, "cgroup.procs", 0755));
		OBSERVE_RET("below a file", syscall(SYS_mkdirat, dir, "cgroup.procs/a", 0755));
		cg_end(NULL);
	}
}
