// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setgroups: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

static gid_t groups[2] = {1, 2};

CAPABILITY(to_others, (void)0, syscall(SYS_setgroups, 2, groups))
CAPABILITY(to_none, (void)0, syscall(SYS_setgroups, 0, NULL))
