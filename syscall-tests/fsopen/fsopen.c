// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// fsopen: which types and flags are taken, who may call it, and what is the descriptor like?
#include "../harness/fscontext.h"
#include "../harness/creds.h"
#include <poll.h>

CASE(arguments_of_fsopen, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		OBSERVE_RET("unknown type", fs_open("nonesuch", 0));
		OBSERVE_RET("empty type", fs_open("", 0));
		OBSERVE_RET("a type that nobody mounts", fs_open("tmpfs.x", 0));
		for (int bit = 1; bit < 32; bit++)
			OBSERVE_RET(name("bit %d", bit), fs_open("tmpfs", 1u << bit));
		OBSERVE_RET("bad flag, unknown type", fs_open("nonesuch", 2));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++)
			OBSERVE_RET(name("type %s", p->name), fs_open(p->p, 0));
		char *longest = malloc(5001);
		memset(longest, 'x', 5000);
		longest[5000] = 0;
		OBSERVE_RET("type too long", fs_open(longest, 0));
		longest[4095] = 0;
		OBSERVE_RET("type as long as may be", fs_open(longest, 0));
		struct rlimit lim = {3, 3};
		REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &lim));
		OBSERVE_RET("no descriptor left", fs_open("tmpfs", 0));
	}
}

CASE(types_of_fsopen, "root cap:21") {
	static const char *const types[] = {"tmpfs", "ramfs", "proc", "sysfs", "devpts", "mqueue"};
	IN_CHILD(NULL) {
		own_mounts();
		for (size_t i = 0; i < ARRAY_SIZE(types); i++)
			OBSERVE_OK(types[i], fs_open(types[i], FSOPEN_CLOEXEC));
	}
}

CASE(the_descriptor_of_fsopen, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = REQUIRE_OK(fs_open("tmpfs", 0));
		int other = REQUIRE_OK(fs_open("tmpfs", FSOPEN_CLOEXEC));
		OBSERVE_RET("close on exec", fcntl(fd, F_GETFD));
		OBSERVE_RET("close on exec, asked for", fcntl(other, F_GETFD));
		OBSERVE("flags", "%#x", fcntl(fd, F_GETFL));
		OBSERVE("link", "%s", link_text(name("/proc/self/fd/%d", fd)));
		struct stat st;
		REQUIRE_OK(fstat(fd, &st));
		OBSERVE("mode", "%o", st.st_mode);
		char buf[64];
		OBSERVE_RET("empty log", read(fd, buf, sizeof buf));
		OBSERVE_RET("read of nothing", read(fd, buf, 0));
		OBSERVE_RET("write", write(fd, "x", 1));
		OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
		OBSERVE_RET("pread", pread(fd, buf, sizeof buf, 0));
		struct pollfd p = {fd, POLLIN | POLLOUT, 0};
		OBSERVE_RET("poll", poll(&p, 1, 0));
		OBSERVE("events", "%#x", p.revents);
		OBSERVE_RET("ioctl", ioctl(fd, 0x1234, 0));
		OBSERVE_RET("fsync", fsync(fd));
		OBSERVE_RET("mount of it", fs_mount(fd, 0, 0));
	}
}

CASE(the_log, "root cap:21") {
	IN_CHILD(NULL) {
		own_mounts();
		int fd = REQUIRE_OK(fs_open("tmpfs", 0));
		OBSERVE_RET("unknown", fs_flag(fd, "nonesuch"));
		char buf[512];
		OBSERVE_RET("too small", read(fd, buf, 8));
		for (const struct bad_pointer *p = bad_pointers(); p->name; p++) {
			fs_flag(fd, "nonesuch");
			OBSERVE_RET(name("read to %s", p->name), read(fd, p->p, 512));
		}
		OBSERVE("rest", "%s", fs_log(fd));
		OBSERVE_RET("bad value", fs_set(fd, "size", "many"));
		OBSERVE_RET("no value", fs_flag(fd, "size"));
		OBSERVE_RET("bad mode", fs_set(fd, "mode", "9"));
		OBSERVE_RET("bad uid", fs_set(fd, "uid", "x"));
		OBSERVE_RET("value for a flag", fs_set(fd, "noswap", "1"));
		OBSERVE_RET("unnamed", fs_flag(fd, ""));
		OBSERVE("messages", "%s", fs_log(fd));
		for (int i = 0; i < 11; i++)
			fs_flag(fd, name("nonesuch%d", i));
		OBSERVE("the last eight", "%s", fs_log(fd));
	}
}

CASE(who_may_fsopen, "root") {
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody", fs_open("tmpfs", 0));
		OBSERVE_RET("nobody, bad flag", fs_open("tmpfs", 2));
		OBSERVE_RET("nobody, bad pointer", fs_open(bad_ptr(), 0));
	}
}
