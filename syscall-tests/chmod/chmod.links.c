// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// chmod: what of a symbolic link that is held by a descriptor?
#include "../harness/files.h"

CASE(link_by_proc, "kernel>=6.6") {
	put_file("file", "", 0600);
	put_link("file", "link");
	int fd = REQUIRE_OK(open("link", O_PATH | O_NOFOLLOW));
	OBSERVE_RET("chmod", syscall(SYS_chmod, name("/proc/self/fd/%d", fd), 0644));
	OBSERVE("file", "%s", entry_text("file"));
}
