// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv2: what is said of descriptors that can't be read from, at their position?
#include "../harness/rwerrors.h"

READ_ERRORS(rwe_vec(SYS_preadv2, fd, buf, n, -1, 0))
