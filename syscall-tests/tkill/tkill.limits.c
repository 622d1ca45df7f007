// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// tkill: what is said when no more signals may wait?
#include "../harness/sigpending.h"

static long send_it(int sig) { return syscall(SYS_tkill, tid_self(), sig); }

CASE(a_full_queue) { observe_full_queue(send_it); }
