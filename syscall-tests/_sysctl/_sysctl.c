// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// _sysctl: gone with Linux 5.5: /proc/sys is what is left. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(156); }
CASE(absent_for_nobody) { check_absent_for_nobody(156); }
