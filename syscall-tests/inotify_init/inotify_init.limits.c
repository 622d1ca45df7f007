// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// inotify_init: what of the limit of descriptors, and what is left open when it is met?
#include "../harness/limits.h"

DESCRIPTOR_LIMIT(inotify_init, (void)0, syscall(SYS_inotify_init))
