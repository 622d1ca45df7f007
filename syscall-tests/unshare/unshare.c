// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// unshare: FS and FILES of a thread become its own; which flags are refused, alone and with threads? Namespaces: what is
// new, who may, and what becomes of ids and capabilities in a new user namespace? What is in a new network namespace?
#include "../harness/networks.h"
#include "../harness/signals.h"

#include <sys/un.h>

CASE(flag_bits) {
	// Those of namespaces have tests of their own.
	unsigned long spaces = CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWTIME;
	for (int bit = 0; bit < 32; bit++)
		if (!(spaces & (1ul << bit)))
			IN_CHILD(NULL) OBSERVE_RET(name("bit %d", bit), syscall(SYS_unshare, 1ul << bit));
	OBSERVE_RET("nothing", syscall(SYS_unshare, 0));
	OBSERVE_RET("FS and FILES", syscall(SYS_unshare, CLONE_FS | CLONE_FILES));
	CHECK_ERR(syscall(SYS_unshare, CLONE_PARENT), EINVAL);
}

static struct gate end;
static void *waits(void *arg) {
	(void)arg;
	gate_wait(&end);
	return NULL;
}

CASE(with_threads) {
	end = gate_open();
	pthread_t t = thread_start(waits, NULL);
	static const struct {
		const char *name;
		int flags;
	} tries[] = {{"THREAD", CLONE_THREAD}, {"VM", CLONE_VM}, {"SIGHAND", CLONE_SIGHAND}, {"SYSVSEM", CLONE_SYSVSEM}, {"FS", CLONE_FS}, {"FILES", CLONE_FILES}};
	for (int i = 0; i < 6; i++)
		OBSERVE_RET(tries[i].name, syscall(SYS_unshare, tries[i].flags));
	gate_signal(&end);
	thread_join(t);
}

static int flag;
static void *own(void *arg) {
	int *fd = arg;
	REQUIRE_OK(syscall(SYS_unshare, flag));
	umask(0111);
	REQUIRE_OK(chdir("/"));
	*fd = (int)REQUIRE_OK(fcntl(0, F_DUPFD, 77));
	close(0);
	return NULL;
}

CASE(a_threads_own) {
	static const int flags[] = {CLONE_FS, CLONE_FILES, CLONE_FS | CLONE_FILES, 0};
	for (int i = 0; i < 4; i++)
		IN_CHILD(NULL) {
			int fd;
			char cwd[256];
			flag = flags[i];
			thread_join(thread_start(own, &fd));
			REQUIRE(getcwd(cwd, sizeof cwd));
			OBSERVE(name("flags %#x", flags[i]), "umask %#o cwd %s fd 77 %s fd 0 %s", umask(0), strcmp(cwd, "/") ? "kept" : "moved",
				fcntl(77, F_GETFD) < 0 ? "closed" : "open", fcntl(0, F_GETFD) < 0 ? "closed" : "open");
		}
}

CASE(new_namespaces, "root cap:21") {
	struct namespaces mine = namespaces_of(getpid());
	for (size_t i = 0; i < 3; i++) // uts, ipc, user
		IN_CHILD(NULL) {
			OBSERVE_RET(ns_flags[i].name, syscall(SYS_unshare, ns_flags[i].flag));
			OBSERVE(name("changed by %s", ns_flags[i].name), "%s", ns_changed(mine));
		}
	IN_CHILD(NULL) {
		int home = REQUIRE_OK(open("/proc/self/ns/cgroup", O_RDONLY));
		OBSERVE_RET("NEWCGROUP", syscall(SYS_unshare, CLONE_NEWCGROUP));
		OBSERVE("changed by NEWCGROUP", "%s", ns_changed(mine));
		OBSERVE("cgroup", "%s", strrchr(read_file("/proc/self/cgroup"), ':'));
		OBSERVE_RET("back", setns(home, CLONE_NEWCGROUP));
		OBSERVE("changed after all", "%s", ns_changed(mine));
	}
	IN_CHILD(NULL) {
		OBSERVE_RET("three at once", syscall(SYS_unshare, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER));
		OBSERVE("changed by three", "%s", ns_changed(mine));
		ino_t uts = ns_ino("uts");
		IN_CHILD(NULL) CHECK_EQ(ns_ino("uts"), uts);
		CHECK_OK(syscall(SYS_unshare, CLONE_NEWUTS));
		CHECK(ns_ino("uts") != uts);
	}
}

CASE(namespaces_of_a_thread, "root cap:21") {
	end = gate_open();
	pthread_t t = thread_start(waits, NULL);
	for (size_t i = 0; i < 3; i++)
		OBSERVE_RET(ns_flags[i].name, syscall(SYS_unshare, ns_flags[i].flag));
	OBSERVE("uts of the process", "%s", ns_ino("uts") == ns_ino_at("/proc/self/ns/uts") ? "the thread's" : "another");
	gate_signal(&end);
	thread_join(t);
}

CASE(namespaces_need_privilege, "root") {
	for (size_t i = 0; i < ARRAY_SIZE(ns_flags); i++)
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET(ns_flags[i].name, syscall(SYS_unshare, ns_flags[i].flag));
		}
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_ERR(syscall(SYS_unshare, CLONE_NEWUTS), EPERM);
		OBSERVE_RET("with NEWUSER", syscall(SYS_unshare, CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER));
		OBSERVE_RET("sethostname in the new one", sethostname("own", 3));
		OBSERVE_RET("another uts namespace", syscall(SYS_unshare, CLONE_NEWUTS));
	}
	IN_CHILD(NULL) {
		become_nobody();
		CHECK_OK(syscall(SYS_unshare, CLONE_NEWUSER));
		OBSERVE_RET("sethostname of the old one", sethostname("other", 5));
	}
}

CASE(new_user_namespace, "root") {
	static const char *const files[] = {"uid_map", "gid_map", "projid_map", "setgroups"};
	for (int nobody = 0; nobody < 2; nobody++)
		IN_CHILD(NULL) {
			const char *who = nobody ? "nobody" : "root";
			if (nobody)
				become_dumpable_nobody();
			OBSERVE_RET(name("%s unshares", who), syscall(SYS_unshare, CLONE_NEWUSER));
			OBSERVE(name("ids of %s", who), "%s", ids_seen());
			OBSERVE(name("capabilities of %s", who), "%s", caps_seen());
			OBSERVE_RET(name("securebits of %s", who), prctl(PR_GET_SECUREBITS));
			OBSERVE_RET(name("dumpable %s", who), prctl(PR_GET_DUMPABLE));
			for (size_t i = 0; i < ARRAY_SIZE(files); i++)
				OBSERVE(name("file %s of %s", files[i], who), "%s", read_file(name("/proc/self/%s", files[i])));
			OBSERVE_RET(name("setuid(0) of %s", who), setuid(0));
			OBSERVE_RET(name("setuid(65534) of %s", who), setuid(65534));
			OBSERVE_RET(name("setgroups of %s", who), syscall(SYS_setgroups, 0, NULL));
			OBSERVE_RET(name("setresuid(-1) of %s", who), syscall(SYS_setresuid, -1, -1, -1));
			OBSERVE_RET(name("setfsuid(0) of %s", who), syscall(SYS_setfsuid, 0));
			OBSERVE_RET(name("chroot of %s", who), chroot("/"));
			OBSERVE_RET(name("nested of %s", who), syscall(SYS_unshare, CLONE_NEWUSER));
		}
}

CASE(mapped_to_root, "root") {
	IN_CHILD(NULL) {
		become_dumpable_nobody();
		unshare_user(0, 0);
		OBSERVE("ids", "%s", ids_seen());
		OBSERVE("uid_map", "%s", read_file("/proc/self/uid_map"));
		OBSERVE("gid_map", "%s", read_file("/proc/self/gid_map"));
		struct stat root = stat_of("/"), mine;
		OBSERVE("owner of /", "%u %u", root.st_uid, root.st_gid);
		REQUIRE_OK(chdir("/dev/shm"));
		const char *f = name("file%d", getpid());
		int fd = REQUIRE_OK(open(f, O_CREAT | O_EXCL | O_RDWR, 0640));
		mine = stat_of(f);
		OBSERVE("owner of an own file", "%u %u", mine.st_uid, mine.st_gid);
		OBSERVE_RET("chown to itself", fchown(fd, 0, 0));
		OBSERVE_RET("chown to nobody", fchown(fd, 65534, -1));
		OBSERVE_RET("chown to -1", fchown(fd, -1, -1));
		OBSERVE_RET("chown of /", chown("/", 0, 0));
		OBSERVE_OK("open what only root may", open("/proc/1/environ", O_RDONLY));
		OBSERVE_RET("kill init", kill(1, 0));
		OBSERVE_RET("setuid(0)", setuid(0));
		OBSERVE_RET("setuid(1)", setuid(1));
		OBSERVE_RET("setgid(1)", setgid(1));
		OBSERVE_RET("setgroups denied", syscall(SYS_setgroups, 0, NULL));
		OBSERVE_RET("set time", syscall(SYS_settimeofday, &(struct timeval){.tv_sec = -1}, NULL));
		OBSERVE_RET("mknod", mknod("/dev/shm/device-of-a-user", S_IFCHR | 0600, makedev(1, 3)));
		unlink(f);
	}
}

CASE(exec_in_a_user_namespace, "root") {
	static const struct {
		const char *name;
		int uid;
	} tries[] = {{"unmapped", -1}, {"as root", 0}, {"as another", 7}};
	for (size_t i = 0; i < ARRAY_SIZE(tries); i++) {
		int st;
		IN_CHILD(&st) {
			become_dumpable_nobody();
			if (tries[i].uid < 0)
				REQUIRE_OK(unshare(CLONE_NEWUSER));
			else
				unshare_user(tries[i].uid, 0);
			execl("/bin/sh", "sh", "-c", "while read -r k v; do case $k in CapEff:) test $v = 0000000000000000; exit;; esac; done < /proc/self/status", NULL);
			_exit(127);
		}
		OBSERVE_STATUS(name("%s has no capabilities left", tries[i].name), st);
	}
}

CASE(user_namespace_with_another_root, "root cap:18") {
	IN_CHILD(NULL) {
		REQUIRE_OK(mkdir("jail", 0755));
		REQUIRE_OK(chroot("jail"));
		OBSERVE_RET("chrooted", syscall(SYS_unshare, CLONE_NEWUSER));
		REQUIRE_OK(chdir("/"));
		OBSERVE_RET("uts all the same", syscall(SYS_unshare, CLONE_NEWUTS));
	}
}

CASE(user_namespaces_nest, "root") {
	IN_CHILD(NULL) {
		int level = 0;
		// Without names for its ids nobody makes the next one.
		for (; level < 40; level++) {
			if (unshare(CLONE_NEWUSER) < 0)
				break;
			REQUIRE_OK(put_text("/proc/self/setgroups", "deny"));
			REQUIRE_OK(put_text("/proc/self/uid_map", "0 0 1"));
			REQUIRE_OK(put_text("/proc/self/gid_map", "0 0 1"));
		}
		OBSERVE("levels", "%d, then %s", level, errno_name(errno));
	}
}

// Each text written to a map, by the process itself and by its parent; only one write takes effect.
// Each text by a writer in the namespace, which is a process of its own, or by its maker outside of it.
static void writing(const char *file, int outside) {
	static const char *const texts[] = {
		"0 0 1", "0 0 1\n", " 0\t0   1 \n", "0 0 1\n1 1 1\n", "0 0 1\n\n1 1 1", "", "\n", "0", "0 0", "0 0 0", "0 0 1 1", "x 0 1", "-1 0 1", "0x1 0 1",
		"4294967295 0 1", "0 4294967295 1", "0 0 4294967295", "1 0 4294967295", "4294967296 0 1", "0 0 2\n1 9 1", "0 0 2\n9 1 1", "5 0 3", "0 70000 1", "0 0 1junk", "0 0 1\n#",
	};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++) {
		struct gate ready = gate_open(), go = gate_open();
		pid_t child = harness_fork();
		if (child == 0) {
			REQUIRE_OK(unshare(CLONE_NEWUSER));
			gate_signal(&ready);
			gate_wait(&go);
			_exit(0);
		}
		gate_wait(&ready);
		pid_t writer = outside ? 0 : harness_fork();
		if (!outside && writer == 0) {
			int ns = REQUIRE_OK(open(name("/proc/%d/ns/user", child), O_RDONLY));
			REQUIRE_OK(setns(ns, CLONE_NEWUSER));
		}
		if (writer == 0) {
			const char *path = name("/proc/%d/%s", child, file);
			const char *first = put_text(path, texts[i]) < 0 ? errno_name(errno) : "ok";
			const char *second = put_text(path, "0 0 1") < 0 ? errno_name(errno) : "ok";
			OBSERVE(name("text %zu", i), "%s, then %s", first, second);
			if (!outside)
				_exit(0);
		} else
			wait_for(writer);
		gate_signal(&go);
		wait_for(child);
		gate_close(&ready);
		gate_close(&go);
	}
}

CASE(writing_uid_map, "root cap:6 cap:7") { writing("uid_map", 1); }
CASE(writing_gid_map, "root cap:6 cap:7") { writing("gid_map", 1); }
CASE(writing_projid_map, "root cap:6 cap:7") { writing("projid_map", 1); }
CASE(writing_uid_map_inside, "root cap:6 cap:7") { writing("uid_map", 0); }
CASE(writing_gid_map_inside, "root cap:6 cap:7") { writing("gid_map", 0); }
CASE(writing_projid_map_inside, "root cap:6 cap:7") { writing("projid_map", 0); }

CASE(writing_setgroups, "root") {
	static const char *const texts[] = {"allow", "deny", "deny\n", "deny  ", "denyx", "", "no", "allowallow", "deny\0x"};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		IN_CHILD(NULL) {
			REQUIRE_OK(unshare(CLONE_NEWUSER));
			OBSERVE_RET(name("text %zu", i), put_text("/proc/self/setgroups", texts[i]));
			OBSERVE(name("reads %zu", i), "%s", read_file("/proc/self/setgroups"));
			OBSERVE_RET(name("allow after %zu", i), put_text("/proc/self/setgroups", "allow"));
			OBSERVE_RET(name("gid_map after %zu", i), put_text("/proc/self/gid_map", "0 0 1"));
			OBSERVE_RET(name("deny after the map %zu", i), put_text("/proc/self/setgroups", "deny"));
			OBSERVE_RET(name("setgroups %zu", i), syscall(SYS_setgroups, 0, NULL));
		}
	OBSERVE_RET("of the first namespace", put_text("/proc/self/setgroups", "deny\n\n\n\n\n\n\n"));
	OBSERVE_RET("map of the first", put_text("/proc/self/uid_map", "0 0 1"));
}

CASE(network_namespace, "root cap:21") {
	struct namespaces mine = namespaces_of(getpid());
	IN_CHILD(NULL) {
		int home = REQUIRE_OK(open("/proc/self/ns/net", O_RDONLY)), there = REQUIRE_OK(socket(AF_INET, SOCK_DGRAM, 0));
		OBSERVE_RET("unshare", syscall(SYS_unshare, CLONE_NEWNET));
		OBSERVE("changed", "%s", ns_changed(mine));
		OBSERVE("loopback", "%#lx", device_flags("lo"));
		OBSERVE_RET("eth0", device_flags("eth0"));
		OBSERVE("devices", "%s", strstr(read_file("/proc/net/dev"), "lo:") ? "lo" : "none");
		OBSERVE("routes", "%s", read_file("/proc/net/route"));
		OBSERVE("routes of inet6", "%zu", strlen(read_file("/proc/net/ipv6_route")) / 100);
		OBSERVE("addresses of inet6", "%s", read_file("/proc/net/if_inet6"));
		OBSERVE("sockets", "%s", strchr(read_file("/proc/net/udp"), '\n') + 1);
		int u = in_socket(AF_INET, SOCK_DGRAM);
		union in_addrs to = in_lo(AF_INET, 9);
		OBSERVE_RET("send while it is down", sendto(u, "x", 1, 0, &to.sa, sizeof to.v4));
		OBSERVE_RET("connect while it is down", in_connect(in_socket(AF_INET, SOCK_STREAM), AF_INET, 9));
		OBSERVE_RET("bind while it is down", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 0));
		OBSERVE_RET("up", device_up("lo"));
		OBSERVE("loopback after all", "%#lx", device_flags("lo"));
		int s[2];
		in_pair(AF_INET, s);
		OBSERVE_RET("write", write(s[0], "hello", 5));
		char b[8];
		OBSERVE_RET("read", read(s[1], b, sizeof b));
		in_pair(AF_INET6, s);
		int l = in_socket(AF_INET, SOCK_STREAM);
		REQUIRE_OK(in_bind(l, AF_INET, 0));
		REQUIRE_OK(listen(l, 1));
		OBSERVE_RET("home", setns(home, 0));
		OBSERVE("changed after all", "%s", ns_changed(mine));
		OBSERVE_RET("connect from another namespace", in_connect(in_socket(AF_INET, SOCK_STREAM), AF_INET, in_port(l)));
		OBSERVE_RET("an old socket", write(s[0], "hello", 5));
		OBSERVE_RET("it arrives", read(s[1], b, sizeof b));
		OBSERVE_RET("up at home", device_up("lo"));
		OBSERVE("socket from before", "%d", in_bind(there, AF_INET, 0) < 0);
	}
}

CASE(same_port_in_each_network, "root cap:21") {
	IN_CHILD(NULL) {
		fresh_network();
		int a = in_socket(AF_INET, SOCK_STREAM);
		REQUIRE_OK(in_bind(a, AF_INET, 4242));
		CHECK_ERR(in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 4242), EADDRINUSE);
		IN_CHILD(NULL) {
			fresh_network();
			CHECK_OK(in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 4242));
		}
	}
}

CASE(network_of_a_user_namespace, "root") {
	IN_CHILD(NULL) {
		become_dumpable_nobody();
		CHECK_ERR(syscall(SYS_unshare, CLONE_NEWNET), EPERM);
		OBSERVE_RET("both at once", syscall(SYS_unshare, CLONE_NEWNET | CLONE_NEWUSER));
		OBSERVE_RET("lo up", device_up("lo"));
		OBSERVE_RET("low port", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 80));
		OBSERVE_RET("raw", socket(AF_INET, SOCK_RAW, IPPROTO_TCP) < 0 ? -1 : 0);
		OBSERVE_RET("another user namespace", syscall(SYS_unshare, CLONE_NEWUSER));
		OBSERVE_RET("lo up from there", device_up("lo"));
		OBSERVE_RET("low port from there", in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 80));
		OBSERVE_RET("raw from there", socket(AF_INET, SOCK_RAW, IPPROTO_TCP) < 0 ? -1 : 0);
		OBSERVE_RET("another network", syscall(SYS_unshare, CLONE_NEWNET));
		OBSERVE_RET("lo up in that", device_up("lo"));
	}
}

CASE(networks_come_and_go, "root cap:21") {
	IN_CHILD(NULL)
		for (int i = 0; i < 20; i++) {
			REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
			CHECK_EQ(device_flags("lo"), IFF_LOOPBACK);
		}
}

CASE(network_settings_are_its_own, "root cap:21") {
	static const char *const files[] = {"/proc/sys/net/ipv4/ip_forward", "/proc/sys/net/ipv4/ip_default_ttl", "/proc/sys/net/ipv4/conf/lo/forwarding",
		"/proc/sys/net/ipv6/conf/all/disable_ipv6", "/proc/sys/net/ipv4/tcp_keepalive_time", "/proc/sys/net/core/somaxconn"};
	for (size_t i = 0; i < COUNT(files); i++)
		IN_CHILD(NULL) {
			fresh_network();
			OBSERVE(name("%s: fresh", files[i]), "%s", read_file(files[i]));
			OBSERVE_RET(name("%s: write", files[i]), put_text(files[i], "1"));
			OBSERVE(name("%s: written", files[i]), "%s", read_file(files[i]));
			OBSERVE_RET(name("%s: write words", files[i]), put_text(files[i], "x"));
			IN_CHILD(NULL) {
				become_nobody();
				OBSERVE_RET(name("%s: nobody's write", files[i]), put_text(files[i], "1"));
			}
			IN_CHILD(NULL) {
				REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
				OBSERVE(name("%s: of another", files[i]), "%s", read_file(files[i]));
			}
		}
	IN_CHILD(NULL) {
		fresh_network();
		static const char *const file = "/proc/sys/net/ipv4/ip_unprivileged_port_start", *const tries[] = {"80", "-1", "65536", "40000", "0", "2000"};
		OBSERVE("first port", "%s", read_file(file));
		for (size_t i = 0; i < COUNT(tries); i++) {
			OBSERVE_RET(name("first port %s", tries[i]), put_text(file, tries[i]));
			OBSERVE(name("after %s", tries[i]), "%s", read_file(file));
			IN_CHILD(NULL) {
				become_nobody();
				OBSERVE_RET(name("bind to 79 after %s", tries[i]), in_bind(in_socket(AF_INET, SOCK_STREAM), AF_INET, 79));
				OBSERVE_RET(name("bind to 1999 after %s", tries[i]), in_bind(in_socket(AF_INET6, SOCK_DGRAM), AF_INET6, 1999));
			}
		}
	}
}

static struct sockaddr_un unix_name(const char *text, socklen_t *len) {
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	memcpy(a.sun_path, text, strlen(text));
	if (a.sun_path[0] == '@')
		a.sun_path[0] = 0;
	*len = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(text));
	return a;
}

static int unix_listener(const char *text) {
	socklen_t len;
	struct sockaddr_un a = unix_name(text, &len);
	int s = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
	if (bind(s, (void *)&a, len) < 0)
		return -1;
	REQUIRE_OK(listen(s, 9));
	return s;
}

static long unix_connect(int s, const char *text) {
	socklen_t len;
	struct sockaddr_un a = unix_name(text, &len);
	return connect(s, (void *)&a, len);
}

CASE(abstract_names_of_a_network, "root cap:21") {
	IN_CHILD(NULL) {
		REQUIRE_OK(unix_listener("@ditto-abstract"));
		REQUIRE_OK(unix_listener("path"));
		int old = REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0));
		REQUIRE_OK(syscall(SYS_unshare, CLONE_NEWNET));
		OBSERVE("shown", "%d", strstr(read_file("/proc/thread-self/net/unix"), "@ditto-abstract") != NULL);
		OBSERVE_RET("connect to the abstract", unix_connect(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), "@ditto-abstract"));
		OBSERVE_RET("connect to the path", unix_connect(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), "path"));
		OBSERVE_RET("connect of an old socket", unix_connect(old, "@ditto-abstract"));
		OBSERVE_OK("the same name", unix_listener("@ditto-abstract"));
		OBSERVE("shown then", "%d", strstr(read_file("/proc/thread-self/net/unix"), "@ditto-abstract") != NULL);
		OBSERVE_RET("connect to it", unix_connect(REQUIRE_OK(socket(AF_UNIX, SOCK_STREAM, 0)), "@ditto-abstract"));
		OBSERVE_OK("the same name again", unix_listener("@ditto-abstract"));
	}
}
