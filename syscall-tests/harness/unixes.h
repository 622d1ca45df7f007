// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// For the tests of AF_UNIX sockets: names, pairs, messages with control data, and batteries that several calls share.
#ifndef DITTO_HARNESS_UNIXES_H
#define DITTO_HARNESS_UNIXES_H

#include "ready.h"

#include <stddef.h>
#include <sys/uio.h>

static const int unix_types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_SEQPACKET};
static const char *const unix_names[] = {"stream", "dgram", "seqpacket"};

struct un {
	struct sockaddr_un a;
	socklen_t len;
};

// The address of a path, or, for a text that begins with @, an abstract one.
static inline struct un un_of(const char *text) {
	struct un u = {.a.sun_family = AF_UNIX};
	size_t n = strlen(text);
	memcpy(u.a.sun_path, text, n);
	u.len = offsetof(struct sockaddr_un, sun_path) + n + 1;
	if (text[0] == '@') {
		u.a.sun_path[0] = 0;
		u.len--;
	}
	return u;
}

static inline long un_bind(int s, const char *text) {
	struct un u = un_of(text);
	return syscall(SYS_bind, s, &u.a, u.len);
}
static inline long un_connect(int s, const char *text) {
	struct un u = un_of(text);
	return syscall(SYS_connect, s, &u.a, u.len);
}
static inline int un_socket(int type) { return REQUIRE_OK(socket(AF_UNIX, type, 0)); }
static inline int un_listener(const char *text, int backlog) {
	int s = un_socket(SOCK_STREAM);
	REQUIRE_OK(un_bind(s, text));
	REQUIRE_OK(listen(s, backlog));
	return s;
}
static inline void un_pair(int type, int *s) { REQUIRE_OK(socketpair(AF_UNIX, type, 0, s)); }

// An address in words, with its length.
static inline const char *un_text(const void *addr, socklen_t len) {
	const struct sockaddr_un *a = addr;
	if (len == 0)
		return "none";
	if (len == 2)
		return name("family %d alone", a->sun_family);
	if (a->sun_path[0] == 0)
		return name("abstract '%.*s' (%d)", (int)len - 3, a->sun_path + 1, (int)len);
	return name("'%s' (%d)", a->sun_path, (int)len);
}

// Descriptors that are none, or no socket.
#define OBSERVE_NO_SOCKETS(fd, call)                                                                                  \
	do {                                                                                                          \
		int none_[] = {-1, 99, 0, eventfd(0, 0), open(".", O_RDONLY), open(".", O_PATH)};                     \
		static const char *const what_[] = {"-1", "99", "/dev/null", "eventfd", "directory", "O_PATH"};       \
		for (int i_ = 0; i_ < 6; i_++) {                                                                      \
			int fd = none_[i_];                                                                           \
			OBSERVE_RET(name("not a socket: %s", what_[i_]), call);                                       \
		}                                                                                                     \
	} while (0)

// Sends text with descriptors.
static inline long send_fds(int s, const char *text, const int *fds, int n) {
	struct iovec v = {(void *)text, strlen(text)};
	char c[CMSG_SPACE(sizeof(int) * 300)] = {0};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *h = CMSG_FIRSTHDR(&m);
	h->cmsg_level = SOL_SOCKET;
	h->cmsg_type = SCM_RIGHTS;
	h->cmsg_len = CMSG_LEN(n * sizeof(int));
	memcpy(CMSG_DATA(h), fds, n * sizeof(int));
	return syscall(SYS_sendmsg, s, &m, 0);
}

struct got {
	long n;
	int err, flags, fds[300], count, control;
	struct ucred cred;
	bool has_cred;
	char text[256];
};

// Receives up to size bytes with room for control data.
static inline struct got receive(int s, size_t size, size_t room, int flags) {
	struct got g = {0};
	static char c[4096];
	struct iovec v = {g.text, size};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = room, .msg_flags = -1};
	memset(c, 0, sizeof c);
	errno = 0;
	g.n = syscall(SYS_recvmsg, s, &m, flags);
	g.err = errno;
	g.flags = m.msg_flags;
	g.control = m.msg_controllen;
	if (g.n < 0)
		return g;
	for (struct cmsghdr *h = CMSG_FIRSTHDR(&m); h; h = CMSG_NXTHDR(&m, h)) {
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_RIGHTS) {
			int n = (h->cmsg_len - CMSG_LEN(0)) / sizeof(int);
			memcpy(g.fds + g.count, CMSG_DATA(h), n * sizeof(int));
			g.count += n;
		}
		if (h->cmsg_level == SOL_SOCKET && h->cmsg_type == SCM_CREDENTIALS) {
			memcpy(&g.cred, CMSG_DATA(h), sizeof g.cred);
			g.has_cred = true;
		}
	}
	return g;
}

static inline const char *got_text(struct got g) {
	return name("%ld %s '%.*s' flags %#x fds %d control %d%s", g.n, errno_name(g.err), (int)(g.n > 0 ? g.n : 0), g.text, g.flags,
		    g.count, g.control,
		    g.has_cred ? name(" cred %s %d %d", pid_name(g.cred.pid), (int)g.cred.uid, (int)g.cred.gid) : "");
}

#endif
