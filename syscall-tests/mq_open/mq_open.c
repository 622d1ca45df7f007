// SPDX-License-Identifier: Apache-2.0
//go:build ignore

// mq_open: names, flags, attributes and their limits, permissions, and what the descriptor is.
#include "../harness/mq.h"

#include <poll.h>
#include <sys/resource.h>

CASE(names) {
	char longest[300];
	memset(longest, 'n', sizeof longest);
	longest[255] = 0;
	static const char *const bad[] = {"", "/", "/a", "a/b", ".", ".."};
	for (int i = 0; i < 6; i++)
		OBSERVE_OK(name("\"%s\"", bad[i]), mqopen(bad[i], O_CREAT | O_RDWR, 0600, NULL));
	OBSERVE_OK("255", mqopen(longest, O_CREAT | O_RDWR, 0600, NULL));
	OBSERVE_OK("255 unlinked", mqunlink(longest));
	longest[255] = 'n', longest[256] = 0;
	OBSERVE_OK("256", mqopen(longest, O_CREAT | O_RDWR, 0600, NULL));
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(mqopen(b->p, O_CREAT | O_RDWR, 0600, NULL), EFAULT);
	CHECK_ERR(mqopen(NULL, O_RDWR, 0, NULL), EFAULT);
}

CASE(flags) {
	char n[64];
	strcpy(n, qname(1));
	CHECK_ERR(mqopen(n, O_RDWR, 0600, NULL), ENOENT);
	CHECK_ERR(mqopen(n, O_RDWR | O_EXCL, 0600, NULL), ENOENT);
	int q = REQUIRE_OK(mqopen(n, O_CREAT | O_EXCL | O_RDWR, 0600, NULL));
	CHECK_ERR(mqopen(n, O_CREAT | O_EXCL | O_RDWR, 0600, NULL), EEXIST);
	static const int flags[] = {O_RDONLY, O_WRONLY, O_RDWR, 3, O_NONBLOCK, O_CREAT, O_EXCL, O_CLOEXEC, O_TRUNC, O_APPEND, O_DIRECTORY};
	for (int i = 0; i < 11; i++) {
		int fd = OBSERVE_OK(name("flags %#o", flags[i]), mqopen(n, flags[i], 0, NULL));
		if (fd >= 0) {
			OBSERVE(name("flags %#o, then", flags[i]), "%#o %d", fcntl(fd, F_GETFL), fcntl(fd, F_GETFD));
			close(fd);
		}
	}
	struct stat st;
	REQUIRE_OK(fstat(q, &st));
	OBSERVE("stat", "mode %o size %ld links %ld uid %d", st.st_mode, (long)st.st_size, (long)st.st_nlink, st.st_uid);
	char c[200] = "";
	OBSERVE_RET("write", write(q, "x", 1));
	CHECK(read(q, c, 199) > 0);
	OBSERVE("read", "%s", c);
	struct pollfd p = {.fd = q, .events = POLLIN | POLLOUT};
	poll(&p, 1, 0);
	OBSERVE("poll", "%#x", p.revents);
	OBSERVE("attributes", "%s", attr_text(q));
	REQUIRE_OK(mqunlink(n));
}

CASE(attributes) {
	IN_CHILD(NULL) {
		become_nobody();
		static const long sizes[] = {-1, 0, 1, 10, 11, 8192, 8193, 0x7fffffffffffffff};
		for (int i = 0; i < 8; i++)
			for (int which = 0; which < 2; which++) {
				struct mq_attr a = {.mq_flags = O_NONBLOCK, .mq_maxmsg = which ? 1 : sizes[i], .mq_msgsize = which ? sizes[i] : 1, .mq_curmsgs = 7};
				int q = OBSERVE_OK(name("%s %ld", which ? "msgsize" : "maxmsg", sizes[i]), mqopen(qname(2), O_CREAT | O_RDWR, 0600, &a));
				if (q >= 0) {
					OBSERVE(name("%s %ld, then", which ? "msgsize" : "maxmsg", sizes[i]), "%s", attr_text(q));
					close(q);
					REQUIRE_OK(mqunlink(qname(2)));
				}
			}
	}
	for (const struct bad_pointer *b = bad_pointers(); b->name; b++)
		CHECK_ERR(mqopen("x", O_CREAT | O_RDWR, 0600, b->p), EFAULT);
}

CASE(permissions, "root") {
	for (int mode = 0; mode < 8; mode++) {
		close(REQUIRE_OK(mqopen(qname(3), O_CREAT | O_RDWR, mode, NULL)));
		IN_CHILD(NULL) {
			become_nobody();
			for (int acc = 0; acc < 3; acc++)
				OBSERVE_OK(name("mode %o, access %d", mode, acc), mqopen(qname(3), acc, 0, NULL));
			OBSERVE_OK(name("mode %o, unlink", mode), mqunlink(qname(3)));
		}
		REQUIRE_OK(mqunlink(qname(3)));
	}
	umask(027);
	int q = REQUIRE_OK(mqopen(qname(3), O_CREAT | O_RDWR, 0666, NULL));
	struct stat st;
	REQUIRE_OK(fstat(q, &st));
	OBSERVE("umask", "%o", st.st_mode);
	REQUIRE_OK(mqunlink(qname(3)));
}

// RLIMIT_MSGQUEUE counts all queues of a user, until the last descriptor of each is closed.
CASE(bytes_of_a_user) {
	static const struct { long maxmsg, msgsize; } kinds[] = {{10, 8192}, {10, 1}, {1, 8192}};
	for (int k = 0; k < 3; k++)
		IN_CHILD(NULL) {
			become_nobody();
			struct mq_attr a = {.mq_maxmsg = kinds[k].maxmsg, .mq_msgsize = kinds[k].msgsize};
			int n = 0, q = -1, last = -1;
			while (n < 200 && (q = mqopen(qname(4), O_CREAT | O_EXCL | O_RDWR, 0600, &a)) >= 0) {
				REQUIRE_OK(mqunlink(qname(4)));
				last = q;
				n++;
			}
			OBSERVE(name("%ld messages of %ld", kinds[k].maxmsg, kinds[k].msgsize), "%d, then %s", n, n == 200 ? "more" : errno_name(errno));
			close(last);
			OBSERVE_OK(name("one closed, %ld of %ld", kinds[k].maxmsg, kinds[k].msgsize), mqopen(qname(4), O_CREAT | O_RDWR, 0600, &a));
			mqunlink(qname(4));
		}
}

#include "../harness/mounts.h"
#include <dirent.h>

static const char *names_in(const char *path) {
	static char out[512];
	struct dirent **list;
	int n = REQUIRE_OK(scandir(path, &list, NULL, alphasort));
	out[0] = 0;
	for (int i = 0; i < n; i++)
		if (list[i]->d_name[0] != '.')
			snprintf(out + strlen(out), sizeof out - strlen(out), "%s:%d ", list[i]->d_name, list[i]->d_type);
	return out;
}

CASE(queues_as_files, "root cap:21") {
	IN_CHILD(NULL) {
		REQUIRE_OK(unshare(CLONE_NEWIPC));
		own_mounts();
		DIRS("q", "second");
		OBSERVE_RET("mount", mount("none", "q", "mqueue", 0, NULL));
		OBSERVE("seen", "%s", mounts_seen());
		struct stat st = stat_of("q");
		OBSERVE("root", "%o %d %ld", st.st_mode, (int)st.st_nlink, (long)st.st_size);
		struct mq_attr attr = {.mq_maxmsg = 3, .mq_msgsize = 16};
		mqd_t q = REQUIRE_OK(syscall(SYS_mq_open, "one", O_CREAT | O_RDWR, 0640, &attr));
		REQUIRE_OK(syscall(SYS_mq_timedsend, q, "hello", 5, 1, NULL));
		OBSERVE("names", "%s", names_in("q"));
		st = stat_of("q/one");
		OBSERVE("queue", "%o %d %ld", st.st_mode, (int)st.st_nlink, (long)st.st_size);
		OBSERVE("status", "%s", read_file("q/one"));
		struct sigevent ev = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGUSR2};
		mqd_t other = REQUIRE_OK(syscall(SYS_mq_open, "two", O_CREAT | O_RDWR, 0600, &attr));
		REQUIRE_OK(syscall(SYS_mq_notify, other, &ev));
		char line[128];
		snprintf(line, sizeof line, "%s", read_file("q/two"));
		*strstr(line, "NOTIFY_PID") = 0;
		OBSERVE("status with a notification", "%s", line);
		int fd = REQUIRE_OK(open("q/one", O_RDWR));
		char text[16];
		OBSERVE_RET("receive through the file", syscall(SYS_mq_timedreceive, fd, text, sizeof text, NULL, NULL));
		OBSERVE_RET("write", write(fd, "x", 1));
		OBSERVE_RET("seek", lseek(fd, 0, SEEK_END));
		OBSERVE_RET("truncate", ftruncate(fd, 0));
		OBSERVE_OK("a queue by open", open("q/three", O_CREAT | O_RDWR, 0600));
		OBSERVE_OK("then by mq_open", syscall(SYS_mq_open, "three", O_RDONLY, 0, NULL));
		OBSERVE_RET("mkdir", mkdir("q/d", 0700));
		OBSERVE_RET("symlink", symlink("x", "q/l"));
		OBSERVE_RET("link", link("q/one", "q/four"));
		OBSERVE_RET("rename", rename("q/one", "q/four"));
		OBSERVE_RET("mknod", mknod("q/p", S_IFIFO | 0600, 0));
		OBSERVE_RET("chmod", chmod("q/one", 0600));
		OBSERVE_RET("chown", chown("q/one", 3, 4));
		st = stat_of("q/one");
		OBSERVE("changed", "%o %u:%u", st.st_mode, st.st_uid, st.st_gid);
		OBSERVE_RET("mount again", mount("none", "second", "mqueue", 0, NULL));
		CHECK_EQ(stat_of("second").st_dev, stat_of("q").st_dev);
		OBSERVE("names there", "%s", names_in("second"));
		OBSERVE_RET("unlink", unlink("q/two"));
		OBSERVE_RET("then mq_unlink", syscall(SYS_mq_unlink, "two"));
		OBSERVE_RET("mq_unlink", syscall(SYS_mq_unlink, "three"));
		OBSERVE_RET("then unlink", unlink("q/three"));
		OBSERVE("names at last", "%s", names_in("q"));
		OBSERVE("size at last", "%ld", (long)stat_of("q").st_size);
		REQUIRE_OK(unshare(CLONE_NEWIPC));
		DIRS("third");
		REQUIRE_OK(mount("none", "third", "mqueue", 0, NULL));
		OBSERVE("names of another namespace", "%s", names_in("third"));
		OBSERVE("and still", "%s", names_in("q"));
		IN_CHILD(NULL) {
			become_nobody();
			OBSERVE_RET("nobody unlinks", unlink("q/one"));
			OBSERVE_OK("nobody opens", open("q/one", O_RDONLY));
			OBSERVE_OK("nobody makes", open("third/n", O_CREAT | O_RDWR, 0600));
		}
	}
}

// There must be room for the descriptor before anything is looked for; what can't be read counts before.
CASE(no_room_for_a_descriptor) {
	struct rlimit none = {0, 0};
	char long_name[300];
	memset(long_name, 'n', sizeof long_name);
	long_name[299] = 0;
	REQUIRE_OK(setrlimit(RLIMIT_NOFILE, &none));
	OBSERVE_RET("missing", mqopen("missing-queue", O_RDWR, 0600, NULL));
	OBSERVE_RET("creating", mqopen("missing-queue", O_RDWR | O_CREAT, 0600, NULL));
	OBSERVE_RET("a name too long", mqopen(long_name, O_RDWR, 0600, NULL));
	OBSERVE_RET("no name", mqopen("", O_RDWR, 0600, NULL));
	OBSERVE_RET("a name nowhere", mqopen((void *)8, O_RDWR, 0600, NULL));
	OBSERVE_RET("attributes nowhere", mqopen("missing-queue", O_RDWR | O_CREAT, 0600, (void *)8));
	OBSERVE_RET("access 3", mqopen("missing-queue", 3, 0600, NULL));
}
