// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// socket: types, flags, protocols, and what a fresh AF_UNIX socket is.
#include "../harness/inets.h"
#include "../harness/unixes.h"

#include <sys/resource.h>

static long make(int family, int type, int proto) { return syscall(SYS_socket, family, type, proto); }

CASE(types_and_flags) {
	for (int type = -1; type < 14; type++)
		OBSERVE_OK(name("type %d", type), make(AF_UNIX, type, 0));
	for (int i = 0; i < 3; i++)
		for (int f = 0; f < 4; f++) {
			int flags = (f & 1 ? SOCK_CLOEXEC : 0) | (f & 2 ? SOCK_NONBLOCK : 0), s = REQUIRE_OK(make(AF_UNIX, unix_types[i] | flags, 0));
			OBSERVE(name("%s %#x", unix_names[i], flags), "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
			close(s);
		}
	for (int bit = 4; bit < 32; bit++)
		OBSERVE_OK(name("flag %#x", 1U << bit), make(AF_UNIX, SOCK_STREAM | 1U << bit, 0));
}

CASE(families_and_protocols) {
	static const int bad[] = {-1, 0, 46, 100, INT32_MAX};
	for (size_t i = 0; i < COUNT(bad); i++) {
		OBSERVE_OK(name("family %d", bad[i]), make(bad[i], SOCK_STREAM, 0));
		OBSERVE_OK(name("family %d, bad type", bad[i]), make(bad[i], 99, 0));
		OBSERVE_OK(name("protocol %d", bad[i]), make(AF_UNIX, SOCK_STREAM, bad[i]));
	}
	OBSERVE_OK("protocol 1", make(AF_UNIX, SOCK_STREAM, 1));
	OBSERVE_OK("protocol 2", make(AF_UNIX, SOCK_STREAM, 2));
	OBSERVE_OK("bad type and protocol", make(AF_UNIX, 9, 9));
}

CASE(fresh) {
	int s = REQUIRE_OK(make(AF_UNIX, SOCK_STREAM, 0));
	struct stat st;
	char b[64] = "", want[64];
	REQUIRE_OK(fstat(s, &st));
	OBSERVE("stat", "mode %#o links %d size %d", st.st_mode, (int)st.st_nlink, (int)st.st_size);
	REQUIRE_OK(readlink(name("/proc/self/fd/%d", s), b, 63));
	snprintf(want, sizeof want, "socket:[%lu]", (unsigned long)st.st_ino);
	CHECK_STR(b, want);
	OBSERVE_RET("read", read(s, b, 1));
	OBSERVE_RET("read nothing", read(s, b, 0));
	sig_catch(SIGPIPE, 0);
	OBSERVE_RET("write", write(s, b, 1));
	OBSERVE_RET("lseek", lseek(s, 0, SEEK_SET));
	OBSERVE_RET("pread", pread(s, b, 1, 0));
	OBSERVE_RET("ftruncate", ftruncate(s, 0));
	OBSERVE_RET("fsync", fsync(s));
	OBSERVE_RET("open of its link", open(name("/proc/self/fd/%d", s), O_RDWR));
	OBSERVE("SIGPIPE", "%d", (int)sig_count[SIGPIPE]);
	int d = REQUIRE_OK(make(AF_UNIX, SOCK_DGRAM, 0));
	OBSERVE_RET("dgram write", write(d, b, 1));
}

CASE(too_many) {
	struct rlimit lim = {3, 3};
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
	CHECK_ERR(make(AF_UNIX, SOCK_STREAM, 0), EMFILE);
	OBSERVE_RET("bad type", make(AF_UNIX, 9, 0));
}

CASE(inet_types_and_protocols) {
	static const int protocols[] = {-1, 0, 1, 6, 17, 255, 263};
	for (int k = 0; k < 2; k++)
		for (int type = 0; type < 10; type++)
			for (size_t i = 0; i < COUNT(protocols); i++)
				if (type != SOCK_RAW || protocols[i] <= 0)
					OBSERVE_OK(name("%s, type %d, protocol %d", in_names[k], type, protocols[i]),
						   make(in_families[k], type, protocols[i]));
}

CASE(inet_fresh) {
	for (int k = 0; k < 2; k++)
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
			int s = REQUIRE_OK(make(in_families[k], type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
			char what[32];
			snprintf(what, sizeof what, "%s %s", in_names[k], unix_names[type - 1]);
			char b[8] = "";
			struct stat st;
			REQUIRE_OK(fstat(s, &st));
			OBSERVE(name("%s: stat", what), "mode %#o size %d", st.st_mode, (int)st.st_size);
			OBSERVE(name("%s: flags", what), "%#x %d", fcntl(s, F_GETFL), fcntl(s, F_GETFD));
			OBSERVE(name("%s: poll", what), "%s", poll_text(s));
			OBSERVE_RET(name("%s: read", what), read(s, b, 8));
			OBSERVE_RET(name("%s: lseek", what), lseek(s, 0, SEEK_CUR));
			sig_catch(SIGPIPE, 0);
			int before = sig_count[SIGPIPE];
			OBSERVE_RET(name("%s: write", what), write(s, b, 1));
			OBSERVE(name("%s: SIGPIPE", what), "%d", (int)sig_count[SIGPIPE] - before);
			OBSERVE_OK(name("%s: mmap", what), (long)mmap(NULL, 4096, PROT_READ, MAP_SHARED, s, 0));
		}
}
