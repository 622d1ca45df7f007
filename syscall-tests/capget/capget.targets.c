// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// capget: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <linux/capability.h>

static struct __user_cap_data_struct data[2];

PIDS(target, syscall(SYS_capget, &(struct __user_cap_header_struct){_LINUX_CAPABILITY_VERSION_3, pid}, data))
