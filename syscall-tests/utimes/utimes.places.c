// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// utimes: what of a file system or a mount that is read-only?
#include "../harness/places.h"

READ_ONLY(utimes, syscall(SYS_utimes, path, NULL))
