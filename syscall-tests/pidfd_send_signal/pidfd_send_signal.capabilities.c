// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pidfd_send_signal: which capability lets a user who may not, and which does not?
#include "../harness/capabilities.h"

CAPABILITY(roots_process, roots_process(), syscall(SYS_pidfd_send_signal, syscall(SYS_pidfd_open, roots_pid, 0), SIGTERM, NULL, 0))
