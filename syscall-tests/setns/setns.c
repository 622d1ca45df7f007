// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// setns: which descriptors and flags name a namespace, who may enter it, and what is changed by that? And what namespaces
// are as files: their links, attributes and ioctls.
#include "../harness/networks.h"

#include <linux/nsfs.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/vfs.h>

static int open_ns(const char *ns) { return REQUIRE_OK(open(name("/proc/self/ns/%s", ns), O_RDONLY | O_CLOEXEC)); }

static int pidfd_of(pid_t pid) { return REQUIRE_OK((int)syscall(SYS_pidfd_open, pid, 0)); }

CASE(links) {
	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++) {
		char text[64] = "", kind[32];
		struct stat link, target;
		unsigned long ino;
		const char *path = name("/proc/self/ns/%s", ns_names[i]);
		REQUIRE(readlink(path, text, sizeof text - 1) > 0);
		REQUIRE(sscanf(text, "%31[^:]:[%lu]", kind, &ino) == 2);
		REQUIRE_OK(stat(path, &target));
		REQUIRE_OK(lstat(path, &link));
		CHECK_EQ(target.st_ino, ino);
		OBSERVE(ns_names[i], "%s, link %#o, target %#o of %u:%u, %lld bytes, %lu links", kind, link.st_mode, target.st_mode, target.st_uid, target.st_gid,
			(long long)target.st_size, (unsigned long)target.st_nlink);
	}
	struct stat dir = stat_of("/proc/self/ns");
	OBSERVE("directory", "%#o", dir.st_mode);
	OBSERVE_OK("no such kind", open("/proc/self/ns/nothing", O_RDONLY));
}

CASE(descriptor) {
	int fd = open_ns("uts");
	char text[64] = "", via[64] = "";
	struct statfs fs;
	REQUIRE(readlink(name("/proc/self/fd/%d", fd), via, sizeof via - 1) > 0);
	REQUIRE(readlink("/proc/self/ns/uts", text, sizeof text - 1) > 0);
	CHECK_STR(via, text);
	REQUIRE_OK(fstatfs(fd, &fs));
	OBSERVE("file system", "%#lx", (unsigned long)fs.f_type);
	OBSERVE_RET("read", read(fd, text, 1));
	OBSERVE_RET("lseek", lseek(fd, 0, SEEK_SET));
	OBSERVE_RET("write", write(fd, text, 1));
	OBSERVE_RET("fchmod", fchmod(fd, 0600));
	OBSERVE_RET("ftruncate", ftruncate(fd, 0));
	OBSERVE_OK("mmap", mmap(NULL, 4096, PROT_READ, MAP_SHARED, fd, 0) == MAP_FAILED ? -1 : 0);
	OBSERVE_OK("open for writing", open("/proc/self/ns/uts", O_RDWR));
	OBSERVE_OK("open with O_TRUNC", open("/proc/self/ns/uts", O_RDONLY | O_TRUNC));
	OBSERVE_OK("open with O_PATH", open("/proc/self/ns/uts", O_PATH));
	OBSERVE_OK("open the link", open("/proc/self/ns/uts", O_PATH | O_NOFOLLOW));
	OBSERVE_OK("open with O_NOFOLLOW", open("/proc/self/ns/uts", O_RDONLY | O_NOFOLLOW));
	OBSERVE_OK("open as a directory", open("/proc/self/ns/uts", O_DIRECTORY));
	struct stat a, b;
	REQUIRE_OK(fstat(fd, &a));
	REQUIRE_OK(fstat(open_ns("ipc"), &b));
	OBSERVE("devices", "%s", a.st_dev == b.st_dev ? "one" : "two");
}

CASE(ioctls) {
	for (size_t i = 0; i < ARRAY_SIZE(ns_names); i++) {
		int fd = open_ns(ns_names[i]);
		uid_t uid = 77;
		OBSERVE(name("type of %s", ns_names[i]), "%#x", ioctl(fd, NS_GET_NSTYPE));
		OBSERVE_RET(name("owner's uid of %s", ns_names[i]), ioctl(fd, NS_GET_OWNER_UID, &uid));
		OBSERVE(name("uid of %s", ns_names[i]), "%u", uid);
	}
	int fd = open_ns("user");
	OBSERVE_RET("no such ioctl", ioctl(fd, _IO(NSIO, 0x70)));
	OBSERVE_RET("TCGETS", ioctl(fd, 0x5401, NULL));
	OBSERVE_RET("owner's uid to nowhere", ioctl(fd, NS_GET_OWNER_UID, bad_ptr()));
}

// In a user namespace of its own a process sees that far, and no further out.
CASE(relatives, "root") {
	IN_CHILD(NULL) {
		unshare_user(0, 0);
		REQUIRE_OK(unshare(CLONE_NEWUTS));
		int first = open_ns("user"), uts = open_ns("uts"), ipc = open_ns("ipc");
		int owner = ioctl(uts, NS_GET_USERNS);
		OBSERVE_OK("owner of the new uts namespace", owner);
		if (owner >= 0) {
			struct stat a, b;
			REQUIRE_OK(fstat(owner, &a));
			REQUIRE_OK(fstat(first, &b));
			CHECK_EQ(a.st_ino, b.st_ino);
			OBSERVE_RET("closes on exec", fcntl(owner, F_GETFD));
			OBSERVE("open flags", "%#x", fcntl(owner, F_GETFL));
		}
		OBSERVE_OK("owner of the old ipc namespace", ioctl(ipc, NS_GET_USERNS));
		OBSERVE_OK("parent of the user namespace", ioctl(first, NS_GET_PARENT));
		OBSERVE_OK("owner of the user namespace", ioctl(first, NS_GET_USERNS));
		OBSERVE_OK("parent of uts", ioctl(uts, NS_GET_PARENT));
		uid_t uid = 77;
		OBSERVE_RET("who made it", ioctl(first, NS_GET_OWNER_UID, &uid));
		OBSERVE("uid", "%u", uid);
		REQUIRE_OK(unshare(CLONE_NEWUSER));
		int second = open_ns("user");
		OBSERVE_OK("parent of the second", ioctl(second, NS_GET_PARENT));
		OBSERVE_OK("parent of the first, from the second", ioctl(first, NS_GET_PARENT));
		OBSERVE_OK("owner of the first's uts, from the second", ioctl(uts, NS_GET_USERNS));
		OBSERVE_RET("enter the first again", setns(first, 0));
	}
}

CASE(arguments, "root cap:21") {
	int uts = open_ns("uts"), pidfd = pidfd_of(getpid());
	OBSERVE_RET("bad descriptor", setns(-1, 0));
	OBSERVE_RET("a file", setns(open("/dev/null", O_RDONLY), 0));
	OBSERVE_RET("O_PATH", setns(open("/proc/self/ns/uts", O_PATH), 0));
	OBSERVE_RET("a directory of /proc", setns(open("/proc/self", O_RDONLY), CLONE_NEWUTS));
	OBSERVE_RET("any kind", setns(uts, 0));
	OBSERVE_RET("the kind", setns(uts, CLONE_NEWUTS));
	OBSERVE_RET("another kind", setns(uts, CLONE_NEWIPC));
	OBSERVE_RET("two kinds", setns(uts, CLONE_NEWUTS | CLONE_NEWIPC));
	OBSERVE_RET("no kind at all", setns(uts, CLONE_FS));
	OBSERVE_RET("pidfd without kinds", setns(pidfd, 0));
	OBSERVE_RET("pidfd with a kind", setns(pidfd, CLONE_NEWUTS));
	OBSERVE_RET("pidfd with two", setns(pidfd, CLONE_NEWUTS | CLONE_NEWIPC));
	OBSERVE_RET("pidfd with the own user namespace", setns(pidfd, CLONE_NEWUSER));
	OBSERVE_RET("pidfd with what is no namespace", setns(pidfd, CLONE_NEWUTS | CLONE_FS));
	static const char *const own[] = {"uts", "ipc", "net", "cgroup", "pid", "time", "user"};
	for (size_t i = 0; i < ARRAY_SIZE(own); i++)
		OBSERVE_RET(name("own %s", own[i]), setns(open_ns(own[i]), 0));
	for (size_t i = 0; i < ARRAY_SIZE(ns_flags); i++)
		IN_CHILD(NULL) OBSERVE_RET(name("own %s by pidfd", ns_flags[i].name), setns(pidfd_of(getpid()), (int)ns_flags[i].flag));
}

static struct gate ready, go;

// A child in namespaces of its own, which waits until it is told to end.
static pid_t elsewhere(unsigned long flags) {
	ready = gate_open();
	go = gate_open();
	pid_t child = harness_fork();
	if (child == 0) {
		REQUIRE_OK(unshare((int)flags));
		if (flags & CLONE_NEWUTS)
			REQUIRE_OK(sethostname("elsewhere", 9));
		gate_signal(&ready);
		gate_wait(&go);
		_exit(0);
	}
	gate_wait(&ready);
	return child;
}

static void come_back(pid_t child) {
	gate_signal(&go);
	CHECK_EQ(wait_for(child), 0);
}

static const char *hostname(void) {
	static char buf[65];
	REQUIRE_OK(gethostname(buf, sizeof buf));
	return buf;
}

CASE(there_and_back, "root cap:21") {
	IN_CHILD(NULL) {
		int home = open_ns("uts");
		pid_t child = elsewhere(CLONE_NEWUTS | CLONE_NEWIPC), me = getpid();
		int there = REQUIRE_OK(open(name("/proc/%d/ns/uts", child), O_RDONLY | O_CLOEXEC));
		REQUIRE_OK(sethostname("home", 4));
		CHECK_OK(setns(there, CLONE_NEWUTS));
		OBSERVE("host name there", "%s", hostname());
		OBSERVE("differs from the child's", "%s", ns_changed(namespaces_of(child)));
		IN_CHILD(NULL) OBSERVE("a child's host name", "%s", hostname());
		CHECK_OK(setns(home, 0));
		OBSERVE("host name back home", "%s", hostname());
		CHECK_OK(setns(pidfd_of(child), CLONE_NEWUTS | CLONE_NEWIPC));
		OBSERVE("host name by pidfd", "%s", hostname());
		OBSERVE("differs by pidfd", "%s", ns_changed(namespaces_of(child)));
		come_back(child);
		// The namespace lives on in its descriptor.
		OBSERVE_RET("a dead process's pidfd", setns(pidfd_of(me), CLONE_NEWUTS));
		CHECK_OK(setns(home, 0));
		CHECK_OK(setns(there, 0));
		OBSERVE("host name of nobody's namespace", "%s", hostname());
	}
}

CASE(ended_processes, "root cap:21") {
	pid_t child = harness_fork();
	if (child == 0)
		_exit(0);
	int fd = pidfd_of(child);
	siginfo_t si;
	REQUIRE_OK(waitid(P_PID, child, &si, WEXITED | WNOWAIT));
	OBSERVE_RET("zombie", setns(fd, CLONE_NEWUTS));
	OBSERVE_OK("zombie's link", open(name("/proc/%d/ns/uts", child), O_RDONLY));
	OBSERVE_OK("zombie's user namespace", open(name("/proc/%d/ns/user", child), O_RDONLY));
	wait_for(child);
	OBSERVE_RET("reaped", setns(fd, CLONE_NEWUTS));
	OBSERVE_RET("reaped, without kinds", setns(fd, 0));
}

CASE(needs_privilege, "root cap:21") {
	pid_t child = elsewhere(CLONE_NEWUTS | CLONE_NEWUSER);
	int uts = REQUIRE_OK(open(name("/proc/%d/ns/uts", child), O_RDONLY | O_CLOEXEC));
	int user = REQUIRE_OK(open(name("/proc/%d/ns/user", child), O_RDONLY | O_CLOEXEC));
	int pidfd = pidfd_of(child);
	IN_CHILD(NULL) {
		become_nobody();
		OBSERVE_RET("nobody enters its own", setns(open_ns("uts"), 0));
		OBSERVE_RET("nobody enters uts", setns(uts, 0));
		OBSERVE_RET("nobody enters user", setns(user, 0));
		OBSERVE_RET("nobody enters by pidfd", setns(pidfd, CLONE_NEWUTS));
		OBSERVE_OK("nobody opens", open(name("/proc/%d/ns/uts", child), O_RDONLY));
	}
	IN_CHILD(NULL) {
		become_dumpable_nobody();
		unshare_user(0, 0);
		OBSERVE_RET("root of another enters uts", setns(uts, 0));
		OBSERVE_RET("root of another enters user", setns(user, 0));
	}
	IN_CHILD(NULL) {
		OBSERVE_RET("root enters user", setns(user, 0));
		OBSERVE("ids there", "%s", ids_seen());
		OBSERVE("capabilities there", "%s", caps_seen());
		OBSERVE_RET("and uts", setns(uts, 0));
		OBSERVE_RET("sethostname there", sethostname("mine", 4));
		OBSERVE_RET("user again", setns(user, 0));
	}
	IN_CHILD(NULL) {
		OBSERVE_RET("both by pidfd", setns(pidfd, CLONE_NEWUTS | CLONE_NEWUSER));
		OBSERVE("differs", "%s", ns_changed(namespaces_of(child)));
	}
	come_back(child);
}

static struct gate hold;
static void *waits(void *arg) {
	gate_wait(&hold);
	return arg;
}

CASE(with_threads, "root cap:21") {
	pid_t child = elsewhere(CLONE_NEWUTS | CLONE_NEWUSER);
	hold = gate_open();
	pthread_t t = thread_start(waits, NULL);
	OBSERVE_RET("user", setns(REQUIRE_OK(open(name("/proc/%d/ns/user", child), O_RDONLY)), 0));
	OBSERVE_RET("uts", setns(REQUIRE_OK(open(name("/proc/%d/ns/uts", child), O_RDONLY)), 0));
	OBSERVE_RET("mount", setns(open_ns("mnt"), 0));
	gate_signal(&hold);
	thread_join(t);
	come_back(child);
}

CASE(networks, "root cap:21") {
	struct namespaces mine = namespaces_of(getpid());
	int home = open_ns("net");
	IN_CHILD(NULL) {
		struct gate there = gate_open(), done = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			fresh_network();
			gate_signal(&there);
			gate_wait(&done);
			_exit(0);
		}
		gate_wait(&there);
		int pidfd = pidfd_of(child), fd = REQUIRE_OK(open(name("/proc/%d/ns/net", child), O_RDONLY));
		static const int flags[] = {0, CLONE_NEWNET, CLONE_NEWUTS, CLONE_NEWNET | CLONE_NEWUTS, -1};
		for (size_t i = 0; i < COUNT(flags); i++) {
			IN_CHILD(NULL) {
				OBSERVE_RET(name("by descriptor, flags %#x", flags[i]), setns(fd, flags[i]));
				OBSERVE(name("changed by flags %#x", flags[i]), "%s, lo %#lx", ns_changed(mine), device_flags("lo"));
			}
			IN_CHILD(NULL) OBSERVE_RET(name("by pidfd, flags %#x", flags[i]), setns(pidfd, flags[i]));
		}
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("by nobody", setns(fd, 0));
			OBSERVE_RET("by nobody, home", setns(home, 0));
		}
		IN_CHILD(NULL) {
			REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWUSER | CLONE_NEWNET));
			OBSERVE_RET("from a user namespace", setns(fd, 0));
			OBSERVE_RET("its own again", setns(open_ns("net"), 0));
		}
		OBSERVE_RET("kind", ioctl(fd, NS_GET_NSTYPE));
		OBSERVE_RET("parent", ioctl(fd, NS_GET_PARENT));
		gate_signal(&done);
		wait_for(child);
		OBSERVE_RET("after its last process", setns(fd, CLONE_NEWNET)); // the descriptor keeps it
		OBSERVE("its device", "%#lx", device_flags("lo"));
		OBSERVE("number", "%d", ns_ino("net") == stat_of(name("/proc/self/fd/%d", fd)).st_ino);
		int s[2];
		in_pair(AF_INET, s);
		CHECK_OK(setns(home, 0));
		CHECK_STR(ns_changed(mine), "none");
	}
}

CASE(mounted_network, "root cap:21") {
	IN_CHILD(NULL) {
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNS));
		REQUIRE_OK(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL));
		make_file("kept", "");
		IN_CHILD(NULL) {
			fresh_network();
			OBSERVE_RET("mount", mount("/proc/self/ns/net", "kept", NULL, MS_BIND, NULL));
		}
		int fd = REQUIRE_OK(open("kept", O_RDONLY));
		OBSERVE_RET("enter", setns(fd, CLONE_NEWNET));
		OBSERVE("its device", "%#lx", device_flags("lo"));
		CHECK_EQ(stat_of("kept").st_ino, ns_ino("net"));
		OBSERVE_RET("umount", umount2("kept", MNT_DETACH));
	}
}
