// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// pwritev2: what is said of descriptors that can't be written to, at their position?
#include "../harness/rwerrors.h"

WRITE_ERRORS(rwe_vec(SYS_pwritev2, fd, buf, n, -1, 0))
