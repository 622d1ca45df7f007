// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// open: what O_CREAT does not open in a sticky directory that anyone can write, whatever fs.protected_* say.
#include "../harness/files.h"

#include <sys/socket.h>
#include <sys/un.h>

CASE(what_is_no_file_of_others, "root") {
	put_dir("d", 0755);
	put_dir("other", 0755);
	struct sockaddr_un a = {AF_UNIX, "d/socket"};
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof a));
	put_link("nowhere", "d/link");
	REQUIRE_OK(mkdir("d/dir", 0777));
	static const char *const names[] = {"d/socket", "d/link", "d/dir"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		REQUIRE_OK(lchown(names[i], 1000, 1000));
	static const mode_t modes[] = {01777, 01775, 01755, 0777};
	for (size_t m = 0; m < ARRAY_SIZE(modes); m++) {
		REQUIRE_OK(chmod("d", modes[m]));
		for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
			OBSERVE_OK(name("%o, %s, created", modes[m], names[i]), open(names[i], O_CREAT | O_WRONLY | O_NOFOLLOW, 0600));
			OBSERVE_OK(name("%o, %s, opened", modes[m], names[i]), open(names[i], O_WRONLY | O_NOFOLLOW));
			OBSERVE_OK(name("%o, %s, created anew", modes[m], names[i]), open(names[i], O_CREAT | O_EXCL | O_WRONLY, 0600));
		}
	}
}
