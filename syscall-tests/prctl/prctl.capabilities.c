// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// prctl: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(one_out_of_the_bounding_set, (void)0, syscall(SYS_prctl, PR_CAPBSET_DROP, CAP_CHOWN, 0, 0, 0))
CAPABILITY(securebits, (void)0, syscall(SYS_prctl, PR_SET_SECUREBITS, 1, 0, 0, 0))
CAPABILITY(an_ambient_one, (void)0, syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_KILL, 0, 0))
