// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// capset: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <linux/capability.h>

static struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
static struct __user_cap_data_struct want[2] = {{.inheritable = 1 << CAP_CHOWN}};

CAPABILITY(an_inheritable_one_that_is_not_permitted, (void)0, syscall(SYS_capset, &head, want))
