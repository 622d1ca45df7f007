// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// set_thread_area: for programs of 32 bits alone. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(205); }
CASE(absent_for_nobody) { check_absent_for_nobody(205); }
