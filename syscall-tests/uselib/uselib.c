// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// uselib: shared libraries of a.out, which x86_64 is built without. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(134); }
CASE(absent_for_nobody) { check_absent_for_nobody(134); }
