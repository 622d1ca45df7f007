// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unshare: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sched.h>

CAPABILITY_OF(CAP_SYS_ADMIN, 21, ns_namespace, (void)0, syscall(SYS_unshare, CLONE_NEWNS))
CAPABILITY_OF(CAP_SYS_ADMIN, 21, uts_namespace, (void)0, syscall(SYS_unshare, CLONE_NEWUTS))
CAPABILITY_OF(CAP_SYS_ADMIN, 21, ipc_namespace, (void)0, syscall(SYS_unshare, CLONE_NEWIPC))
CAPABILITY_OF(CAP_SYS_ADMIN, 21, pid_namespace, (void)0, syscall(SYS_unshare, CLONE_NEWPID))
