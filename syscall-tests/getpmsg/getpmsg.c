// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// getpmsg: of STREAMS, which Linux never had. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(181); }
CASE(absent_for_nobody) { check_absent_for_nobody(181); }
