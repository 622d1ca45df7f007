// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// umount2: which paths are refused for themselves?
#include "../harness/mounts.h"

CASE(long_paths, "root cap:21") {
	OBSERVE_RET("name of 256", syscall(SYS_umount2, repeat("n", 256, ""), 0));
	OBSERVE_RET("path of 4096", syscall(SYS_umount2, repeat("./", 4096, "x"), 0));
	OBSERVE_RET("path of 4095", syscall(SYS_umount2, repeat("./", 4095, "x"), 0));
	put_link("loop", "loop");
	OBSERVE_RET("loop", syscall(SYS_umount2, "loop", 0));
	OBSERVE_RET("loop itself", syscall(SYS_umount2, "loop", 8));
}
