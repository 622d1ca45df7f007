// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setdomainname: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY_OF(CAP_SYS_ADMIN, 21, any_name, (void)0, syscall(SYS_setdomainname, "name", 4))
