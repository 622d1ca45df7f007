// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// vserver: kept for Linux-VServer, never there. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(236); }
CASE(absent_for_nobody) { check_absent_for_nobody(236); }
