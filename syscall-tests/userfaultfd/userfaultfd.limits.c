// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// userfaultfd: what is said when no descriptor is left?
#include "../harness/harness.h"

#include <sys/resource.h>

CASE(no_descriptor_left, "root cap:19") {
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){3, 2000}));
	OBSERVE_OK("then", syscall(SYS_userfaultfd, 1));
}
