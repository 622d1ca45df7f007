// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// bind: names in the file system, abstract and automatic ones, and errors.
#include "../harness/inets.h"
#include "../harness/unixes.h"
#include <sys/un.h>

static const char *own_name(int s) {
	struct sockaddr_un a;
	socklen_t len = sizeof a;
	memset(&a, 0, sizeof a);
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	return un_text(&a, len);
}

CASE(in_the_file_system) {
	struct stat st;
	umask(027);
	int s = un_socket(SOCK_STREAM), t = un_socket(SOCK_STREAM);
	OBSERVE_RET("bind", un_bind(s, "sock"));
	OBSERVE("name", "%s", own_name(s));
	REQUIRE_OK(stat("sock", &st));
	OBSERVE("stat", "mode %#o size %d links %d", st.st_mode, (int)st.st_size, (int)st.st_nlink);
	OBSERVE_RET("again", un_bind(s, "other"));
	OBSERVE_RET("nothing was made", access("other", F_OK));
	OBSERVE_RET("taken", un_bind(t, "sock"));
	close(s);
	OBSERVE_RET("taken, though closed", un_bind(t, "sock"));
	OBSERVE_RET("open", open("sock", O_RDWR));
	REQUIRE_OK(unlink("sock"));
	OBSERVE_RET("unlinked", un_bind(t, "sock"));
	int u = un_socket(SOCK_STREAM);
	REQUIRE_OK(fchmod(u, 0700));
	OBSERVE_RET("after fchmod 0700", un_bind(u, "private"));
	REQUIRE_OK(stat("private", &st));
	OBSERVE("its mode", "%#o", st.st_mode);
}

CASE(paths) {
	REQUIRE_OK(close(make_file("file", "x")));
	REQUIRE_OK(mkdir("dir", 0755));
	REQUIRE_OK(symlink("nowhere", "dangling"));
	REQUIRE_OK(symlink("loop", "loop"));
	static const char *const paths[] = {"file", "dir", "dir/", "dir/sock", "missing/sock", "file/sock", "dangling", "loop/x", "/proc/sock", "./dot", "new/"};
	for (size_t i = 0; i < COUNT(paths); i++)
		OBSERVE_RET(paths[i], un_bind(un_socket(SOCK_DGRAM), paths[i]));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", un_bind(un_socket(SOCK_DGRAM), "nobody"));
	}
}

CASE(abstract) {
	int s = un_socket(SOCK_STREAM), t = un_socket(SOCK_STREAM), d = un_socket(SOCK_DGRAM);
	OBSERVE_RET("bind", un_bind(s, "@name"));
	OBSERVE("name", "%s", own_name(s));
	OBSERVE_RET("taken", un_bind(t, "@name"));
	OBSERVE_RET("another type", un_bind(d, "@name"));
	OBSERVE_RET("again", un_bind(s, "@else"));
	OBSERVE_RET("longer", un_bind(t, "@name2"));
	close(s);
	int v = un_socket(SOCK_STREAM);
	OBSERVE_RET("free again", un_bind(v, "@name"));
	// NULs are part of the name.
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "\0x\0y"};
	int w = un_socket(SOCK_STREAM), x = un_socket(SOCK_STREAM);
	OBSERVE_RET("with a NUL", bind(w, (void *)&a, 6));
	OBSERVE_RET("one shorter", bind(x, (void *)&a, 5));
	OBSERVE_RET("as long as can be", bind(un_socket(SOCK_STREAM), (void *)&a, sizeof a));
}

CASE(automatic) {
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int s = un_socket(SOCK_STREAM), t = un_socket(SOCK_DGRAM);
	OBSERVE_RET("bind", bind(s, (void *)&a, 2));
	OBSERVE_RET("bind another", bind(t, (void *)&a, 2));
	socklen_t len = sizeof a;
	REQUIRE_OK(getsockname(s, (void *)&a, &len));
	OBSERVE("length", "%d", (int)len);
	CHECK_EQ(a.sun_path[0], 0);
	for (int i = 1; i < 6; i++)
		CHECK((a.sun_path[i] >= '0' && a.sun_path[i] <= '9') || (a.sun_path[i] >= 'a' && a.sun_path[i] <= 'f'));
	struct sockaddr_un b = {.sun_family = AF_UNIX};
	len = sizeof b;
	REQUIRE_OK(getsockname(t, (void *)&b, &len));
	CHECK(memcmp(a.sun_path, b.sun_path, 6) != 0);
	a.sun_family = AF_UNIX;
	OBSERVE_RET("again", bind(s, (void *)&a, 2));
}

CASE(errors) {
	struct sockaddr_un a = {.sun_family = AF_UNIX, .sun_path = "sock"};
	OBSERVE_NO_SOCKETS(fd, bind(fd, (void *)&a, sizeof a));
	static const int lens[] = {-1, 0, 1, 111, 128, 129, 4096};
	static char big[4096];
	memcpy(big, &a, sizeof a);
	for (size_t i = 0; i < COUNT(lens); i++)
		OBSERVE_RET(name("length %d", lens[i]), syscall(SYS_bind, un_socket(SOCK_STREAM), big, lens[i]));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), syscall(SYS_bind, un_socket(SOCK_STREAM), b->p, 10));
		OBSERVE_RET(name("%s, length 0", b->name), syscall(SYS_bind, un_socket(SOCK_STREAM), b->p, 0));
	}
	static const int families[] = {AF_UNSPEC, AF_INET, 99};
	for (size_t i = 0; i < COUNT(families); i++) {
		a.sun_family = families[i];
		OBSERVE_RET(name("family %d", families[i]), bind(un_socket(SOCK_STREAM), (void *)&a, sizeof a));
	}
	a.sun_family = AF_UNIX;
	memset(a.sun_path, 'x', sizeof a.sun_path);
	OBSERVE_RET("108 characters, no NUL", bind(un_socket(SOCK_STREAM), (void *)&a, sizeof a));
	OBSERVE_RET("empty path", un_bind(un_socket(SOCK_STREAM), ""));
}

CASE(inet_addresses) {
	for (int k = 0; k < 2; k++) {
		int family = in_families[k];
		for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++) {
			char what[32];
			snprintf(what, sizeof what, "%s %s", in_names[k], unix_names[type - 1]);
			int a = in_socket(family, type), b = in_socket(family, type);
			OBSERVE_RET(name("%s: any port", what), in_bind(a, family, 0));
			CHECK(in_port(a) > 0);
			OBSERVE_RET(name("%s: again", what), in_bind(a, family, 0));
			OBSERVE_RET(name("%s: a port in use", what), in_bind(b, family, in_port(a)));
			union in_addrs x = in_lo(family, 0);
			for (socklen_t len = 0; len < 30; len++)
				OBSERVE_RET(name("%s: length %d", what, (int)len), syscall(SYS_bind, in_socket(family, type), &x, len));
			x.sa.sa_family = family == AF_INET ? AF_INET6 : AF_INET;
			OBSERVE_RET(name("%s: the other family", what), bind(b, &x.sa, sizeof x));
			x.sa.sa_family = AF_UNIX;
			OBSERVE_RET(name("%s: AF_UNIX", what), bind(b, &x.sa, sizeof x));
			x = in_lo(family, 0);
			if (family == AF_INET)
				x.v4.sin_addr.s_addr = htonl(0xc0000201); // 192.0.2.1, of TEST-NET-1
			else
				inet_pton(AF_INET6, "2001:db8::1", &x.v6.sin6_addr);
			OBSERVE_RET(name("%s: not ours", what), bind(b, &x.sa, in_len(family)));
			OBSERVE_RET(name("%s: after all that", what), in_bind(b, family, 0));
		}
	}
}

CASE(inet_reuse) {
	static const int opts[] = {SO_REUSEADDR, SO_REUSEPORT};
	for (int type = SOCK_STREAM; type <= SOCK_DGRAM; type++)
		for (int o = 0; o < 2; o++) {
			int one = 1, a = in_socket(AF_INET, type), b = in_socket(AF_INET, type);
			REQUIRE_OK(setsockopt(a, SOL_SOCKET, opts[o], &one, sizeof one));
			REQUIRE_OK(in_bind(a, AF_INET, 0));
			OBSERVE_RET(name("type %d, option %d, one side", type, opts[o]), in_bind(b, AF_INET, in_port(a)));
			REQUIRE_OK(setsockopt(b, SOL_SOCKET, opts[o], &one, sizeof one));
			OBSERVE_RET(name("type %d, option %d, both", type, opts[o]), in_bind(b, AF_INET, in_port(a)));
		}
}

CASE(inet_low_ports, "root") {
	OBSERVE_RET("root", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 80));
	OBSERVE_RET("root, 6", in_bind(in_socket(AF_INET6, SOCK_DGRAM), AF_INET6, 53));
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody, 1", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 1));
		OBSERVE_RET("nobody, 1023", in_bind(in_socket(AF_INET6, SOCK_DGRAM), AF_INET6, 1023));
		OBSERVE_RET("nobody, 1024", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 1024));
	}
}

// Of one that is bound already: the file is made before that is found, and goes again.
CASE(bound_already, "root") {
	static const char *const paths[] = {"free", "there", "none/x", ".", "", "there/x"};
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	struct sockaddr_un a = {AF_UNIX, "first"};
	REQUIRE_OK(bind(s, (struct sockaddr *)&a, sizeof a));
	make_file("there", "");
	for (int i = 0; i < 6; i++) {
		strcpy(a.sun_path, paths[i]);
		OBSERVE_RET(name("\"%s\"", paths[i]), bind(s, (struct sockaddr *)&a, 2 + strlen(paths[i])));
		OBSERVE_RET(name("\"%s\", is there", paths[i]), access(paths[i], F_OK));
	}
	memcpy(a.sun_path, "\0abstract", 9);
	OBSERVE_RET("abstract", bind(s, (struct sockaddr *)&a, 11));
	OBSERVE_RET("too short", bind(s, (struct sockaddr *)&a, 1));
	strcpy(a.sun_path, "free");
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("as nobody", bind(s, (struct sockaddr *)&a, sizeof a));
	}
}
