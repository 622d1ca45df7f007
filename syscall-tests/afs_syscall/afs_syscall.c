// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// afs_syscall: kept for AFS, never there. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(183); }
CASE(absent_for_nobody) { check_absent_for_nobody(183); }
