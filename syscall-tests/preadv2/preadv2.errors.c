// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// preadv2: what is said of descriptors that can't be read from, at their position?
#include "../harness/rwerrors.h"

READ_ERRORS(rwe_vec(SYS_preadv2, fd, buf, n, -1, 0))

// Which files can say at once that they would have to wait.
CASE(nowait_of_devices) {
	static const char *const files[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "."};
	char b[4];
	struct iovec v = {b, sizeof b};
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		int fd = REQUIRE_OK(open(files[i], O_RDONLY));
		for (int flags = 0; flags < 64; flags = flags ? flags * 2 : 1)
			OBSERVE_RET(name("%s, %d", files[i], flags), syscall(SYS_preadv2, fd, &v, 1L, -1L, -1L, flags));
		OBSERVE_RET(name("%s, appending and not", files[i]), syscall(SYS_preadv2, fd, &v, 1L, -1L, -1L, 16 | 32 | 8));
	}
}
