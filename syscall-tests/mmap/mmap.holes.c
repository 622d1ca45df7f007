// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mmap: what is left of a mapping that another was to replace, when the file refuses?
#include "../harness/creds.h"

#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/socket.h>

// The pages in the middle of four are to be replaced.
static void replace(const char *what, int fd, int prot, int flags) {
	size_t page = page_size();
	unsigned char there[2];
	char *p = mmap(NULL, 4 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	REQUIRE(p != MAP_FAILED);
	OBSERVE_OK(what, mmap(p + page, 2 * page, prot, flags | MAP_FIXED, fd, 0));
	OBSERVE_RET(name("%s: what is there", what), mincore(p + page, 2 * page, there));
	OBSERVE_RET(name("%s: before it", what), mincore(p, page, there));
	OBSERVE_RET(name("%s: unlocking it", what), munlock(p + page, page));
	close(fd);
}

CASE(refused_by_a_socket) {
	replace("udp", REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), PROT_READ | PROT_WRITE, MAP_SHARED);
	replace("udp, no access", REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0)), PROT_NONE, MAP_PRIVATE);
	replace("tcp, to write", REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), PROT_READ | PROT_WRITE, MAP_SHARED);
	replace("tcp, to run", REQUIRE_OK(socket(AF_INET, SOCK_STREAM, 0)), PROT_READ | PROT_EXEC, MAP_PRIVATE);
	replace("unix", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), PROT_READ, MAP_SHARED);
	replace("netlink", REQUIRE_OK(socket(AF_NETLINK, SOCK_RAW, 0)), PROT_READ, MAP_PRIVATE);
	replace("growing down", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), PROT_READ, MAP_PRIVATE | MAP_GROWSDOWN);
	replace("of no type", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), PROT_READ, 0);
	replace("where something is", REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE);
}

CASE(refused_without_asking) {
	int p[2];
	REQUIRE_OK(pipe(p));
	replace("pipe", p[0], PROT_READ, MAP_SHARED);
	replace("eventfd", REQUIRE_OK(eventfd(0, 0)), PROT_READ | PROT_WRITE, MAP_SHARED);
	replace("directory", REQUIRE_OK(open(".", O_RDONLY)), PROT_READ, MAP_PRIVATE);
	replace("proc", REQUIRE_OK(open("/proc/self/status", O_RDONLY)), PROT_READ, MAP_PRIVATE);
	replace("null", REQUIRE_OK(open("/dev/null", O_RDWR)), PROT_READ, MAP_SHARED);
	int sealed = REQUIRE_OK(memfd_create("m", MFD_ALLOW_SEALING));
	REQUIRE_OK(fcntl(sealed, F_ADD_SEALS, F_SEAL_WRITE));
	replace("sealed", sealed, PROT_READ | PROT_WRITE, MAP_SHARED);
	replace("not open for writing", REQUIRE_OK(open("/proc/self/exe", O_RDONLY)), PROT_READ | PROT_WRITE, MAP_SHARED);
	replace("not open", 99, PROT_READ, MAP_PRIVATE);
}

CASE(refused_by_secret_memory, "root") {
	int fd = syscall(SYS_memfd_secret, 0);
	if (fd < 0)
		SKIP("memfd_secret: %s", errno_name(errno));
	REQUIRE_OK(ftruncate(fd, 8192));
	replace("private", dup(fd), PROT_READ | PROT_WRITE, MAP_PRIVATE);
	replace("shared", dup(fd), PROT_READ | PROT_WRITE, MAP_SHARED);
	IN_CHILD(NULL) {
		struct rlimit none = {4096, 4096};
		REQUIRE_OK(setrlimit(RLIMIT_MEMLOCK, &none));
		become_nobody();
		replace("beyond what may be locked", dup(fd), PROT_READ | PROT_WRITE, MAP_SHARED);
		replace("to be locked, beyond what may be", dup(fd), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_LOCKED);
	}
}
