// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// process_vm_readv: does it tell apart the states of a process, threads and processes, odd numbers, and whose it is?
#include "../harness/pids.h"

#include <sys/uio.h>

static char there[8] = "there", here[8];
static struct iovec remote = {there, 8}, local = {here, 8};

PIDS(target, syscall(SYS_process_vm_readv, pid, &local, 1, &remote, 1, 0))
