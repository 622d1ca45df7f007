// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// create_module: gone with Linux 2.6. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(174); }
CASE(absent_for_nobody) { check_absent_for_nobody(174); }
