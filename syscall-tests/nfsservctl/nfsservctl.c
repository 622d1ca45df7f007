// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// nfsservctl: gone with Linux 3.1. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(180); }
CASE(absent_for_nobody) { check_absent_for_nobody(180); }
