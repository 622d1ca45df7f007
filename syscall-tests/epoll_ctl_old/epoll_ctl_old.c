// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// epoll_ctl_old: of the time before epoll was merged. Is it ENOSYS for everyone, and is nothing touched?
#include "../harness/absent.h"

CASE(absent) { check_absent(214); }
CASE(absent_for_nobody) { check_absent_for_nobody(214); }
