// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tuxcall: kept for the TUX web server, never there. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(184); }
CASE(absent_for_nobody) { check_absent_for_nobody(184); }
