// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_vm_readv: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

#include <sys/uio.h>

static char bytes[8];
static struct iovec part = {bytes, 8};

CAPABILITY_OF(CAP_SYS_PTRACE, 19, roots_process, roots_process(), syscall(SYS_process_vm_readv, roots_pid, &part, 1, &part, 1, 0))
