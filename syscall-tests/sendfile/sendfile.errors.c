// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendfile: what of offsets that no file has, and of pipes and sockets whose other end is gone?
#include "../harness/rwerrors.h"

CASE(offsets_beyond_all_files) {
	static const off_t offsets[] = {-1, LLONG_MIN, LLONG_MAX};
	int in = make_file("in", "content"), out = make_file("out", ""), p[2];
	REQUIRE_OK(pipe(p));
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++) {
		off_t o = offsets[i], q = o;
		OBSERVE_RET(name("%lld to a file", (long long)o), syscall(SYS_sendfile, out, in, &o, 1L));
		OBSERVE(name("%lld: offset", (long long)q), "%s", o == q ? "as it was" : "moved");
		OBSERVE_RET(name("%lld to a pipe", (long long)q), syscall(SYS_sendfile, p[1], in, &o, 1L));
	}
}

CASE(nobody_at_the_other_end) {
	signal(SIGPIPE, SIG_IGN);
	int in = make_file("in", "content");
	OBSERVE_RET("pipe", syscall(SYS_sendfile, rwe_closed_pipe(), in, NULL, 3L));
	OBSERVE_RET("socket", syscall(SYS_sendfile, rwe_closed_socket(), in, NULL, 3L));
}
