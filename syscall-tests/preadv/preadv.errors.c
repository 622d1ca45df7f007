// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv: what is said of descriptors that can't be read from?
#include "../harness/rwerrors.h"

READ_ERRORS(rwe_vec(SYS_preadv, fd, buf, n, 0, 0))
