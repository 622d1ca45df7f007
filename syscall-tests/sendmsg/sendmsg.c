// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// sendmsg: vectors, names, descriptors and credentials as control data, and errors.
#include "../harness/msgflags.h"
#include "../harness/inets.h"
#include "../harness/unixes.h"

static long send_(int s, void *m, int flags) { return syscall(SYS_sendmsg, s, m, flags); }

// Sends one byte with a control message as it is given.
static long control(int s, int level, int type, size_t len, const void *data, size_t n) {
	static char c[8192];
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = c, .msg_controllen = CMSG_SPACE(n)};
	struct cmsghdr *h = (void *)c;
	memset(c, 0, sizeof c);
	h->cmsg_level = level;
	h->cmsg_type = type;
	h->cmsg_len = len;
	if (n)
		memcpy(CMSG_DATA(h), data, n);
	return send_(s, &m, MSG_DONTWAIT);
}

CASE(vectors) {
	for (int i = 0; i < 3; i++) {
		int p[2];
		char b[16] = "";
		struct iovec v[4] = {{"ab", 2}, {NULL, 0}, {"cde", 3}, {"f", 1}};
		struct msghdr m = {.msg_iov = v, .msg_iovlen = 4};
		un_pair(unix_types[i], p);
		OBSERVE_RET(unix_names[i], send_(p[0], &m, 0));
		OBSERVE_RET(name("%s, received", unix_names[i]), read(p[1], b, 16));
		OBSERVE(name("%s, bytes", unix_names[i]), "%s", b);
		m.msg_iovlen = 0;
		OBSERVE_RET(name("%s, no vectors", unix_names[i]), send_(p[0], &m, 0));
		m.msg_iovlen = 1025;
		OBSERVE_RET(name("%s, 1025 vectors", unix_names[i]), send_(p[0], &m, 0));
		m.msg_iovlen = -1;
		OBSERVE_RET(name("%s, -1 vectors", unix_names[i]), send_(p[0], &m, 0));
		struct iovec bad[2] = {{"ab", 2}, {bad_ptr(), 2}};
		m.msg_iov = bad;
		m.msg_iovlen = 2;
		OBSERVE_RET(name("%s, the second is bad", unix_names[i]), send_(p[0], &m, 0));
		bad[1].iov_len = -1;
		OBSERVE_RET(name("%s, negative length", unix_names[i]), send_(p[0], &m, 0));
		m.msg_iov = bad_ptr();
		OBSERVE_RET(name("%s, bad vectors", unix_names[i]), send_(p[0], &m, 0));
	}
}

CASE(control_errors) {
	int p[2], fd = 0, bad = 99;
	struct ucred me = {getpid(), getuid(), getgid()};
	un_pair(SOCK_STREAM, p);
	OBSERVE_RET("a descriptor", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &fd, 4));
	OBSERVE_RET("a bad one", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &bad, 4));
	OBSERVE_RET("none", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(0), NULL, 0));
	OBSERVE_RET("half of one", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(2), &fd, 4));
	OBSERVE_RET("header cut", control(p[0], SOL_SOCKET, SCM_RIGHTS, 15, &fd, 4));
	OBSERVE_RET("length 0", control(p[0], SOL_SOCKET, SCM_RIGHTS, 0, &fd, 4));
	OBSERVE_RET("longer than there is", control(p[0], SOL_SOCKET, SCM_RIGHTS, 4000, &fd, 4));
	OBSERVE_RET("another level", control(p[0], 1234, SCM_RIGHTS, CMSG_LEN(4), &bad, 4));
	OBSERVE_RET("another type", control(p[0], SOL_SOCKET, 77, CMSG_LEN(4), &fd, 4));
	OBSERVE_RET("credentials", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &me, 12));
	OBSERVE_RET("short credentials", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(8), &me, 8));
	OBSERVE_RET("long credentials", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(16), &me, 12));
	static int many[300];
	OBSERVE_RET("253 descriptors", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(253 * 4), many, 253 * 4));
	OBSERVE_RET("254 descriptors", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(254 * 4), many, 254 * 4));
	int path = REQUIRE_OK(open(".", O_PATH));
	OBSERVE_RET("O_PATH", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &path, 4));
	int self = p[0];
	OBSERVE_RET("itself", control(p[0], SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &self, 4));
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1, .msg_control = bad_ptr(), .msg_controllen = 20};
	OBSERVE_RET("bad control", send_(p[0], &m, 0));
	m.msg_controllen = 8;
	OBSERVE_RET("bad control, 8 bytes", send_(p[0], &m, 0));
	m.msg_controllen = -1;
	OBSERVE_RET("control of -1", send_(p[0], &m, 0));
	m.msg_control = NULL;
	m.msg_controllen = 20;
	OBSERVE_RET("no control, but a length", send_(p[0], &m, 0));
}

CASE(false_credentials) {
	int p[2];
	un_pair(SOCK_STREAM, p);
	IN_CHILD(NULL) {
		become_nobody();
		struct ucred c = {getpid(), getuid(), getgid()};
		OBSERVE_RET("true", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &c, 12));
		c.pid = 1;
		OBSERVE_RET("pid", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &c, 12));
		c = (struct ucred){getpid(), getuid() + 1, getgid()};
		OBSERVE_RET("uid", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &c, 12));
		c = (struct ucred){getpid(), getuid(), getgid() + 1};
		OBSERVE_RET("gid", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &c, 12));
		c = (struct ucred){getpid(), -1, getgid()};
		OBSERVE_RET("uid -1", control(p[0], SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(12), &c, 12));
	}
}

CASE(errors) {
	int p[2];
	struct iovec v = {"x", 1};
	struct msghdr m = {.msg_iov = &v, .msg_iovlen = 1};
	un_pair(SOCK_DGRAM, p);
	OBSERVE_NO_SOCKETS(fd, send_(fd, &m, 0));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++) {
		OBSERVE_RET(name("%s", b->name), send_(p[0], b->p, 0));
		m.msg_name = b->p;
		m.msg_namelen = 10;
		OBSERVE_RET(name("name %s", b->name), send_(p[0], &m, 0));
		m.msg_namelen = 0;
		OBSERVE_RET(name("name %s of 0", b->name), send_(p[0], &m, 0));
	}
	m.msg_name = &v;
	m.msg_namelen = -1;
	OBSERVE_RET("name of -1", send_(p[0], &m, 0));
	struct un to = un_of("@nobody");
	m.msg_name = &to.a;
	m.msg_namelen = to.len;
	OBSERVE_RET("nobody there", send_(p[0], &m, 0));
	m.msg_name = NULL;
	OBSERVE_RET("no name, but a length", send_(p[0], &m, 0));
}

// Which control messages a datagram, and a stream, may carry.
CASE(inet_control) {
	int zero = 0, ttl = 7, big = 300;
	struct in_pktinfo info = {.ipi_spec_dst.s_addr = htonl(INADDR_LOOPBACK)}, other = {.ipi_spec_dst.s_addr = htonl(0xc0000201)};
	struct ucred cred = {getpid(), getuid(), getgid()};
	int p[2], u = in_socket(AF_INET, SOCK_DGRAM);
	REQUIRE_OK(in_bind(u, AF_INET, 0));
	REQUIRE_OK(in_connect(u, AF_INET, in_port(u)));
	in_pair(AF_INET, p);
	for (int k = 0; k < 2; k++) {
		int s = k ? p[0] : u;
		const char *w = k ? "tcp" : "udp";
		OBSERVE_RET(name("%s: IP_TTL", w), control(s, IPPROTO_IP, IP_TTL, CMSG_LEN(4), &ttl, 4));
		OBSERVE_RET(name("%s: IP_TTL 0", w), control(s, IPPROTO_IP, IP_TTL, CMSG_LEN(4), &zero, 4));
		OBSERVE_RET(name("%s: IP_TTL 300", w), control(s, IPPROTO_IP, IP_TTL, CMSG_LEN(4), &big, 4));
		OBSERVE_RET(name("%s: IP_TOS", w), control(s, IPPROTO_IP, IP_TOS, CMSG_LEN(4), &ttl, 4));
		OBSERVE_RET(name("%s: IP_PKTINFO", w), control(s, IPPROTO_IP, IP_PKTINFO, CMSG_LEN(sizeof info), &info, sizeof info));
		OBSERVE_RET(name("%s: IP_PKTINFO not ours", w), control(s, IPPROTO_IP, IP_PKTINFO, CMSG_LEN(sizeof other), &other, sizeof other));
		OBSERVE_RET(name("%s: SCM_RIGHTS", w), control(s, SOL_SOCKET, SCM_RIGHTS, CMSG_LEN(4), &zero, 4));
		OBSERVE_RET(name("%s: SCM_CREDENTIALS", w), control(s, SOL_SOCKET, SCM_CREDENTIALS, CMSG_LEN(sizeof cred), &cred, sizeof cred));
		OBSERVE_RET(name("%s: unknown of SOL_SOCKET", w), control(s, SOL_SOCKET, 99, CMSG_LEN(4), &zero, 4));
		OBSERVE_RET(name("%s: unknown of IPPROTO_IP", w), control(s, IPPROTO_IP, 99, CMSG_LEN(4), &zero, 4));
		OBSERVE_RET(name("%s: unknown level", w), control(s, 99, 1, CMSG_LEN(4), &zero, 4));
		OBSERVE_RET(name("%s: too long", w), control(s, IPPROTO_IP, IP_TTL, 400, &ttl, 4));
		OBSERVE_RET(name("%s: too short", w), control(s, IPPROTO_IP, IP_TTL, 3, &ttl, 4));
	}
}

// Sockets that only wait in each other are closed when another socket is: their messages and what those carry go too.
CASE(cycles_of_descriptors) {
	for (int i = 0; i < 3; i++) {
		int a[2], b[2], w[2];
		un_pair(unix_types[i], a);
		un_pair(unix_types[i], b);
		REQUIRE_OK(pipe(w));
		send_fds(a[0], "1", (int[]){b[1], w[1]}, 2); // waits in a[1]
		send_fds(b[0], "2", (int[]){a[1]}, 1);	     // waits in b[1]
		send_fds(b[0], "3", (int[]){b[1]}, 1);
		close(a[1]);
		close(b[1]);
		close(w[1]);
		close(un_socket(SOCK_STREAM));
		char c;
		await(w[0], POLLHUP);
		OBSERVE_RET(name("%s: the pipe", unix_names[i]), read(w[0], &c, 1));
		await(a[0], POLLOUT);
		OBSERVE_RET(name("%s: the other end", unix_names[i]), send(a[0], "x", 1, MSG_NOSIGNAL));
	}
}

// One that can still be received keeps all that it leads to.
CASE(descriptors_within_reach) {
	int a[2], b[2], w[2];
	un_pair(SOCK_STREAM, a);
	un_pair(SOCK_STREAM, b);
	REQUIRE_OK(pipe(w));
	send_fds(a[0], "1", (int[]){b[1], w[1]}, 2);
	send_fds(b[0], "2", (int[]){b[1], w[1]}, 2);
	close(b[1]);
	close(w[1]);
	close(un_socket(SOCK_STREAM));
	fcntl(w[0], F_SETFL, O_NONBLOCK);
	char c;
	OBSERVE_RET("the pipe", read(w[0], &c, 1));
	OBSERVE("received", "%s", got_text(receive(a[1], 8, 128, 0)));
	close(un_socket(SOCK_STREAM));
	OBSERVE_RET("the pipe, later", read(w[0], &c, 1));
}

static long send_three(int s, int flags) {
	struct iovec v[2] = {{"ab", 2}, {"c", 1}};
	struct msghdr m = {.msg_iov = v, .msg_iovlen = 2, .msg_flags = -1};
	return syscall(SYS_sendmsg, s, &m, flags);
}

CASE(every_flag) { every_send_flag(send_three); }

// A list of control messages that is none counts behind the address.
CASE(broken_control_to_nobody) {
	char list[32] = "";
	struct msghdr h = {.msg_control = list, .msg_controllen = sizeof list};
	struct sockaddr_in no_port = {AF_INET, 0, {htonl(INADDR_LOOPBACK)}};
	int u = in_socket(AF_INET, SOCK_DGRAM), t = in_socket(AF_INET, SOCK_STREAM);
	for (size_t len = 0; len <= 40; len += 8) {
		*(size_t *)list = len;
		h.msg_name = NULL;
		OBSERVE_RET(name("length %zu", len), syscall(SYS_sendmsg, u, &h, 0));
		OBSERVE_RET(name("length %zu, out-of-band", len), syscall(SYS_sendmsg, u, &h, MSG_OOB));
		OBSERVE_RET(name("length %zu, not connected", len), syscall(SYS_sendmsg, t, &h, MSG_NOSIGNAL));
		h.msg_name = &no_port;
		h.msg_namelen = sizeof no_port;
		OBSERVE_RET(name("length %zu, no port", len), syscall(SYS_sendmsg, u, &h, 0));
	}
	u = in_socket(AF_INET, SOCK_DGRAM);
	REQUIRE_OK(in_bind(u, AF_INET, 0));
	REQUIRE_OK(in_connect(u, AF_INET, in_port(u)));
	h.msg_name = NULL;
	for (size_t len = 0; len <= 40; len += 8) {
		*(size_t *)list = len;
		OBSERVE_RET(name("length %zu, connected", len), syscall(SYS_sendmsg, u, &h, 0));
	}
}
