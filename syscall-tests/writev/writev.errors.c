// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// writev: what is said of descriptors that can't be written to?
#include "../harness/rwerrors.h"

WRITE_ERRORS(rwe_vec(SYS_writev, fd, buf, n, 0, 0))
