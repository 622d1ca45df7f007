// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// lookup_dcookie: of oprofile, gone with Linux 6.7. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(212); }
CASE(absent_for_nobody) { check_absent_for_nobody(212); }
