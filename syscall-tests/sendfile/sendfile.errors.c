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

// What can't be spliced from shows once there is something to send; a directory has been accessed by then.
CASE(nothing_of_what_has_no_pages) {
	int e = REQUIRE_OK(eventfd(1, EFD_NONBLOCK)), ep = REQUIRE_OK(epoll_create1(0)), out = make_file("out", "");
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	for (long n = 0; n < 16; n += 8) {
		OBSERVE_RET(name("eventfd, %ld", n), syscall(SYS_sendfile, out, e, NULL, n));
		OBSERVE_RET(name("eventfd to itself, %ld", n), syscall(SYS_sendfile, e, e, NULL, n));
		OBSERVE_RET(name("epoll, %ld", n), syscall(SYS_sendfile, out, ep, NULL, n));
		OBSERVE_RET(name("socket, %ld", n), syscall(SYS_sendfile, out, s, NULL, n));
	}
}

CASE(of_a_directory, "file:/dev/shm") {
	struct timespec old[2] = {{1000, 0}, {2000, 0}};
	struct stat st;
	off_t at = 0;
	char dir[] = "/dev/shm/sendfile-XXXXXX";
	REQUIRE(mkdtemp(dir));
	int in = REQUIRE_OK(open(dir, O_RDONLY | O_DIRECTORY)), out = make_file("out", "");
	for (long n = 0; n < 16; n += 8) {
		REQUIRE_OK(futimens(in, old));
		OBSERVE_RET(name("sendfile, %ld", n), syscall(SYS_sendfile, out, in, n ? &at : NULL, n));
		REQUIRE_OK(fstat(in, &st));
		OBSERVE(name("accessed, %ld", n), "%s", st.st_atime == 1000 ? "no" : "yes");
	}
	rmdir(dir);
}

// Files of proc reach to 2 GiB at most, whatever is in them.
CASE(offsets_beyond_the_file_system) {
	static const off_t offsets[] = {0x7ffffffe, 0x7fffffff, 0x80000000, 1ll << 62};
	int in = REQUIRE_OK(open("/proc/sys/kernel/ostype", O_RDONLY)), out = make_file("out", "");
	for (size_t i = 0; i < ARRAY_SIZE(offsets); i++)
		for (long n = 0; n < 3; n++) {
			off_t o = offsets[i];
			OBSERVE_RET(name("%ld at %#llx", n, (long long)offsets[i]), syscall(SYS_sendfile, out, in, &o, n));
		}
}
